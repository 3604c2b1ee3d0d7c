"""Data with `--no-code`: every kind is read as a document, once, and under a name that says so."""

import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from nbfiles import current_session, errors

TABLE = pd.DataFrame({"event": ["launch", "party"], "day": ["Friday", "Saturday"]})
OLD_BOOK = Path(__file__).parents[1] / "documents" / "before-2007.xls"


@pytest.fixture
def tables(shell, tmp_path):
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    TABLE.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    TABLE.to_json(tmp_path / "t.json", orient="records")
    TABLE.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    TABLE.to_parquet(tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    for row in [list(TABLE), *TABLE.to_numpy().tolist()]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    shutil.copy(OLD_BOOK, tmp_path / "t.xls")
    (tmp_path / "old.csv").write_bytes("event,day\nlaunch,Friday für alle\n".encode("cp1252"))
    (tmp_path / "wide.csv").write_bytes("event,day\nlaunch,Friday\n".encode("utf-16"))
    return shell


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ("t.csv", "t.csv"),
        ("t.tsv", "t.tsv"),
        ("t.json", "t.json"),
        ("t.jsonl", "t.jsonl"),
        ("t.parquet", "t.parquet.txt"),
        ("t.xlsx", "t.xlsx.txt"),
        ("t.xls", "t.xls.txt"),
        ("old.csv", "old.csv.txt"),
        ("wide.csv", "wide.csv.txt"),
    ],
)
def test_every_kind_of_data_is_read_as_a_document(tables, name, read_as):
    answer = tables.run(f"%ask_file {name} --no-code when is the launch?")
    assert answer.sources == (read_as,)
    assert "Friday" in answer.text
    assert {block["type"] for block in answer.request["messages"][0]["content"]} == {"document", "text"}


def test_the_text_is_made_once_and_the_table_keeps_its_name(tables, monkeypatch):
    tables.run("%upload t.xlsx")
    first = tables.run("%ask_file t.xlsx --no-code when is the launch?")
    monkeypatch.setattr("nbfiles._documents.convert.to_text", None)
    again = tables.run("%ask_file t.xlsx --no-code when is the launch?")
    assert again.request["messages"][0]["content"][0] == first.request["messages"][0]["content"][0] | {
        "cache_control": {"type": "ephemeral"}
    }
    kinds = {record.name: str(record.kind) for record in tables.run("%files")}
    assert kinds == {"t.xlsx": "data", "t.xlsx.txt": "text"}


def test_a_text_that_is_gone_is_made_again_from_the_table(tables):
    tables.run("%ask_file t.parquet --no-code when is the launch?")
    current_session().connection.client.delete(current_session().connection.files.registry.get("t.parquet.txt").file_id)
    answer = tables.run("%ask_file t.parquet.txt when is the launch?")
    assert "Friday" in answer.text
    assert answer.sources == ("t.parquet.txt",)


def test_a_plan_says_what_would_be_read_and_uploads_nothing(tables):
    tables.run("%ask_file t.xlsx --no-code --dry-run when is the launch?")
    assert "t.xlsx.txt" in tables.shown
    assert "1 document" in tables.shown
    assert list(current_session().connection.client.pages()) == [[]]


def test_every_file_on_its_own(tables):
    frame = tables.run("%%ask_file t.xlsx t.parquet --no-code --each\nwhen is the launch?")
    assert list(frame["error"].fillna("")) == ["", ""]
    assert frame["answer"].str.contains("Friday").all()


def test_what_has_no_text_is_refused_before_it_is_sent(tables, tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(errors.BadInput, match="can only be read by code"):
        tables.run("%ask_file a.npy --no-code what?")


def test_an_old_word_file_is_refused_with_what_to_do(shell, tmp_path):
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(errors.BadInput, match=r"is an old Word file\. Save it as \.docx .* Ask again without"):
        shell.run("%ask_file old.doc --no-code Which?")


def test_a_text_in_an_old_coding_is_text(shell, tmp_path):
    (tmp_path / "old.txt").write_bytes("Die Feier für alle ist am Freitag.".encode("cp1252"))
    record = shell.run("%upload old.txt")[0]
    assert (str(record.kind), record.converted) == ("text", True)
    assert "für alle" in shell.run("%ask_file old.txt wann ist die Feier?").text


def test_bytes_that_are_no_text_are_data_whatever_the_name(shell, tmp_path):
    (tmp_path / "odd.txt").write_bytes(bytes(range(1, 256)))
    assert str(shell.run("%upload odd.txt")[0].kind) == "data"
