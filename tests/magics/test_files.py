"""`%files`: what is in the workspace, whose it is, and tidying it up without touching what is not yours."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nbfiles import current_session, errors, workspace
from nbfiles._files import workspace as cabinet
from tests.sessions import new_session


def put(name="theirs.txt", content=b"x"):
    """Upload as a colleague would: past everything that nbfiles knows."""
    return current_session().connection.client.upload(io.BytesIO(content), name, "text/plain").file_id


def there():
    return sorted(file.filename for page in current_session().connection.client.pages() for file in page)


@pytest.fixture
def restart(monkeypatch):
    def forget_names():
        current_session().close()
        new_session(monkeypatch)

    return forget_names


def test_all_joins_the_workspace_with_what_is_known(shell, restart):
    shell.run("%upload penguins.csv")
    restart()
    shell.run("%upload flower.jpg")
    put()
    shell.run("%files --all")
    rows = {line.split()[0]: line for line in shell.shown.splitlines() if "." in line}
    assert rows["penguins.csv"].endswith("you, earlier")
    assert rows["flower.jpg"].endswith("this notebook")
    assert rows["theirs.txt"].endswith("not known")
    assert "file_" not in shell.shown


def test_a_listing_turns_into_a_frame(shell):
    shell.run("%upload penguins.csv flower.jpg")
    frame = shell.run("t = %files --all\nt.df()")
    assert set(frame["name"]) == {"penguins.csv", "flower.jpg"}
    assert frame["size_bytes"].sum() > 10_000
    assert list(shell.run("f = %files\nf.df()")["name"]) == ["penguins.csv", "flower.jpg"]


def test_globs_and_sorting(shell):
    shell.run("%upload penguins.csv flower.jpg bzip2-manual.pdf")
    assert [r.name for r in shell.run("%files *.csv")] == ["penguins.csv"]
    by_name = ["bzip2-manual.pdf", "flower.jpg", "penguins.csv"]
    assert [r.name for r in shell.run("%files --sort name")] == by_name
    assert [row[0] for row in shell.run("%files --all --sort name").rows] == by_name
    sizes = [r.size_bytes for r in shell.run("%files --sort size")]
    assert sizes == sorted(sizes, reverse=True)
    assert [row[0] for row in shell.run("%files --all *.jpg").rows] == ["flower.jpg"]


def test_a_large_workspace_is_shown_in_part_and_read_page_by_page(shell, monkeypatch):
    monkeypatch.setattr(cabinet, "SHOWN", 2)
    for number in range(5):
        put(f"n{number}.txt")
    pages = current_session().connection.client.pages
    monkeypatch.setattr(current_session().connection.client, "pages", lambda: pages(2))
    listing = shell.run("t = %files --all\nt")
    assert [row[0] for row in listing.rows] == ["n4.txt", "n3.txt"]
    assert "there are more" in shell.shown
    assert len(listing.df()) == 5
    assert [row[0] for row in shell.run("%files --all --sort name").rows] == ["n0.txt", "n1.txt"]


def test_rm_lists_first_and_deletes_with_yes(shell):
    shell.run("%upload penguins.csv flower.jpg")
    shell.run("%files rm penguins.csv")
    assert "Nothing was deleted" in shell.shown
    assert len(there()) == 2
    shell.run("%files rm penguins.csv --yes")
    assert there() == ["flower.jpg"]
    assert [r.name for r in shell.run("%files")] == ["flower.jpg"]


def test_rm_takes_a_file_of_the_workspace_when_it_is_named(shell):
    put()
    shell.run("%files rm theirs.txt --yes")
    assert there() == []


def test_clean_touches_only_what_is_known_to_be_yours(shell, restart):
    shell.run("%upload penguins.csv")
    restart()
    put()
    shell.run("%files clean --older-than 0h")
    assert "Nothing was deleted" in shell.shown
    assert "1 more are as old, but not known to be yours" in shell.shown
    shell.run("%files clean --older-than 0h --yes")
    assert there() == ["theirs.txt"]


def test_clean_leaves_what_is_young(shell):
    shell.run("%upload penguins.csv")
    shell.run("%files clean --older-than 1d --yes")
    assert "nothing to delete" in shell.shown
    assert there() == ["penguins.csv"]


def test_clean_tells_what_code_made_from_what_was_uploaded(shell):
    shell.run("%%ask_file penguins.csv\nplot body mass by species")
    made = [r.name for r in shell.run("%files") if r.made_by_code]
    shell.run("%files clean --older-than 0h --generated --yes")
    assert made
    assert there() == ["penguins.csv"]
    shell.run("%files clean --older-than 0h --mine --yes")
    assert there() == []


def test_an_interrupted_clean_goes_on_when_it_is_run_again(shell, monkeypatch):
    shell.run("%upload penguins.csv flower.jpg bzip2-manual.pdf")
    client, delete = current_session().connection.client, current_session().connection.client.delete
    deleted = []

    def stop_at_the_second(file_id):
        if deleted:
            raise KeyboardInterrupt
        deleted.append(file_id)
        delete(file_id)

    monkeypatch.setattr(client, "delete", stop_at_the_second)
    with pytest.raises(errors.Stopped, match="1 of 3 files were deleted"):
        workspace.clean(older_than="0h", yes=True)
    monkeypatch.setattr(client, "delete", delete)
    assert len(workspace.clean(older_than="0h", yes=True)) == 2
    assert there() == []


def test_a_file_that_somebody_else_deleted_is_no_error(shell, monkeypatch):
    record = shell.run("%upload penguins.csv")[0]
    found = current_session().connection.workspace.named(["penguins.csv"])
    current_session().connection.client.delete(record.file_id)
    current_session().connection.workspace.delete(found)
    assert shell.run("%files") == ()


def test_usage_adds_up_and_warns_when_it_is_nearly_full(shell, monkeypatch):
    shell.run("%upload penguins.csv flower.jpg")
    put()
    shell.run("%files usage")
    assert "3, " in shell.shown
    assert "nearly full" not in shell.shown
    monkeypatch.setattr(cabinet, "QUOTA_BYTES", 1000)
    shell.run("%files usage")
    assert "nearly full" in shell.shown


def test_adopt_names_a_file_by_name_or_id(shell):
    file_id = put("notes.txt", b"The launch is on Friday.")
    assert shell.run("%files adopt notes.txt")[0].name == "notes.txt"
    assert shell.run(f"%files adopt {file_id} --as plan")[0].name == "plan"
    assert "Friday" in shell.run("%ask_file plan when is the launch?").text


def test_adopt_asks_which_when_there_are_several(shell):
    put()
    put()
    with pytest.raises(errors.BadInput, match="2 files"):
        shell.run("%files adopt theirs.txt")


def test_verify_says_what_is_gone(shell):
    record = shell.run("%upload penguins.csv flower.jpg")[0]
    shell.run("%files verify")
    assert "All 2 are there" in shell.shown
    current_session().connection.client.delete(record.file_id)
    shell.run("%files verify")
    assert "1 of 2 are gone" in shell.shown


def test_info_tells_pages_pixels_and_tokens(shell, tmp_path):
    shell.run("%upload penguins.csv flower.jpg bzip2-manual.pdf")
    shell.run("%files info bzip2-manual.pdf")
    assert "38 pages" in shell.shown
    assert re.search(r"about 7\d,\d\d\d$", shell.shown.strip())
    shell.run("%files info flower.jpg")
    assert "pixels" in shell.shown
    assert "about 368" in shell.shown
    (tmp_path / "penguins.csv").unlink()
    shell.run("%files info penguins.csv")
    assert "not on this machine" in shell.shown


def test_info_takes_a_glob(shell, tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Rain is due on Friday, and it is certain.")
    shell.run("%upload a.txt b.txt penguins.csv")
    table = shell.run("%files info *.txt")
    assert [row[0] for row in table.rows if row[0]] == ["a.txt", "b.txt"]
    assert [row[1:] for row in table.rows].count(("in the workspace", "yes")) == 2
    assert "penguins" not in str(table)
    assert str(shell.run("%files info penguins.*")) == str(shell.run("%files info penguins.csv"))
    with pytest.raises(errors.UnknownName, match=r"No file “\*\.pdf”"):
        shell.run("%files info *.pdf")


def test_a_file_that_ends_soon_is_told_of_in_the_list_and_when_asking(shell):
    shell.run("%upload flower.jpg --expires 12h")
    now = datetime.now(UTC)
    record = shell.run("%upload penguins.csv --expires 12h")[0]
    late = replace(record, created_at=now - timedelta(hours=11), expires_at=now + timedelta(hours=1))
    current_session().connection.files.registry.add(late)
    shell.run("%files")
    assert shell.shown.count(", soon") == 1
    assert f"expires at {late.expires_at.astimezone():%H:%M}" in shell.shown
    assert shell.shown.count("To keep it, type: %upload --again penguins.csv") == 1
    answer = shell.run("%ask_file penguins.csv how many rows?")
    assert "To keep it" in "".join(answer.notes)
    assert "To keep it" in shell.shown
    kept = shell.run("%upload --again penguins.csv")[0]
    assert (kept.name, kept.expires_at) == ("penguins.csv", None)
    shell.run("%files")
    assert "soon" not in shell.shown
