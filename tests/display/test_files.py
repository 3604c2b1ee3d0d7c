"""How files, progress and small tables look, whatever is in their names."""

from datetime import UTC, datetime, timedelta

import pytest

from nbfiles._display import files, formatting, progress_tables, tables
from nbfiles.records import FileRecord, Files, Kind, Progress

EVIL = "<img src=x onerror=alert(1)>\"'.csv"


def record(name="a.csv", **changes):
    values = {
        "kind": Kind.DATA,
        "mime_type": "text/plain",
        "size_bytes": 1234,
        "created_at": datetime.now(UTC),
    }
    return FileRecord(name, "file_011CNha8iCJcU1wXNR6q4V8w", **values | changes)


def test_a_table_of_files_shows_neither_id_nor_path(tmp_path):
    shown = files.bundle(Files([record(path=tmp_path / "a.csv")]))
    assert all("file_011" not in text and str(tmp_path) not in text for text in shown.values())
    assert "file_011" not in repr(Files([record()])) + repr(record())


def test_names_are_text_and_never_markup():
    rows = [Progress(EVIL, "failed", note=EVIL)]
    for bundle in (files.bundle(Files([record(EVIL)])), progress_tables.upload_table(rows)):
        assert "<img" not in bundle["text/html"]
        assert "onerror=alert" in bundle["text/plain"]


def test_no_files_is_said_with_what_to_type():
    assert "%upload" in files.bundle(Files())["text/plain"]


def test_a_running_upload_has_a_bar_and_a_percentage():
    text = progress_tables.upload_table([Progress("a", "uploading", 1000, 500)])["text/plain"]
    assert "50%" in text
    assert "█" in text


def test_long_cells_are_cut_in_the_middle_and_columns_line_up():
    lines = tables.plain(("name", "size"), [("x" * 100 + "end.pdf", "1 KB"), ("a", "2 KB")]).splitlines()
    assert "…" in lines[1]
    assert lines[1].index("1 KB") == lines[2].index("2 KB")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (10**9, "1.0 GB")],
)
def test_sizes(count, text):
    assert formatting.size(count) == text


def test_times_and_money():
    now = datetime.now(UTC)
    assert formatting.ago(now) == "just now"
    assert formatting.ago(now - timedelta(hours=3)) == "3 h ago"
    assert formatting.until(None) == "never"
    assert formatting.until(now) == "expired"
    assert formatting.until(now + timedelta(days=2, hours=1)) == "in 2 days"
    assert [formatting.money(cost) for cost in (None, 0.0, 0.00123, 2)] == [
        "cost unknown",
        "$0.00",
        "$0.0012",
        "$2.00",
    ]
