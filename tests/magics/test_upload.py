"""Upload once: in this kernel, in the next one, and again only when the file is gone or was changed."""

import os
import time

import pytest

from nbfiles import current_session, errors
from tests.sessions import new_session


@pytest.fixture
def wire(shell, monkeypatch):
    """Count what goes to the workspace; `restart` is a new kernel as far as nbfiles can tell."""

    class Wire:
        def __init__(self):
            self.sent = []
            self.watch()

        def watch(self):
            client = current_session().connection.client
            for name in ("upload", "alive"):
                monkeypatch.setattr(client, name, self.counted(name, getattr(client, name)))

        def counted(self, name, method):
            def call(*args, **options):
                self.sent.append(name)
                return method(*args, **options)

            return call

        def restart(self):
            current_session().close()
            new_session(monkeypatch)
            self.watch()
            self.sent.clear()

        def delete(self, name):
            session = current_session()
            session.connection.client.delete(session.connection.files.registry.get(name).file_id)

    return Wire()


def test_the_next_kernel_sends_nothing_and_asks_once(shell, wire):
    first = shell.run("%upload *.csv flower.jpg bzip2-manual.pdf")
    wire.restart()
    again = shell.run("%upload *.csv flower.jpg bzip2-manual.pdf")
    assert wire.sent == ["alive"]
    assert [r.file_id for r in again] == [r.file_id for r in first]
    assert shell.shown.count("already there") == 3


def test_a_hundred_files_are_one_request_in_the_next_kernel(shell, wire, tmp_path):
    for number in range(100):
        (tmp_path / f"n{number}.txt").write_text(f"note {number}")
    shell.run("%upload n*.txt")
    wire.restart()
    assert len(shell.run("%upload n*.txt")) == 100
    assert wire.sent == ["alive"]


def test_an_unchanged_file_is_not_even_read(shell, wire, tmp_path, monkeypatch):
    long_ago = time.time() - 3600
    os.utime(tmp_path / "penguins.csv", (long_ago, long_ago))
    shell.run("%upload penguins.csv")
    wire.restart()
    monkeypatch.setattr("nbfiles._files.sources.paths.hashed", None)
    assert shell.run("%upload penguins.csv")


def test_again_sends_the_bytes_again(shell, wire):
    first = shell.run("%upload penguins.csv")[0]
    second = shell.run("%upload --again penguins.csv")[0]
    assert second.file_id != first.file_id
    assert second.name == first.name


def test_as_names_the_file_and_the_name_stays(shell):
    assert shell.run("%upload penguins.csv --as birds.csv")[0].name == "birds.csv"
    assert shell.run("%upload penguins.csv --as birds.csv")[0].name == "birds.csv"
    assert len(shell.run("%files")) == 1
    with pytest.raises(errors.BadInput, match="one file"):
        shell.run("%upload *.csv flower.jpg --as birds.csv")


def test_expires_is_sent_and_shown(shell):
    record = shell.run("%upload penguins.csv --expires 12h")[0]
    assert (record.expires_at - record.created_at).total_seconds() == 12 * 3600
    assert "in 11 h" in (shell.run("%files") and shell.shown)


def test_expires_does_not_take_a_file_that_stays_longer(shell):
    forever = shell.run("%upload penguins.csv")[0]
    short = shell.run("%upload penguins.csv --expires 1h")[0]
    assert short.file_id != forever.file_id
    assert shell.run("%upload penguins.csv --expires 2h")[0].file_id == short.file_id


@pytest.mark.parametrize("text", ["30", "30m", "0h", "91d", "h", "-1d", "1000000000d", "²d"])
def test_an_expiry_that_the_api_would_refuse_is_refused_here(shell, text):
    with pytest.raises(errors.BadInput, match="from 1h to 90d"):
        shell.run(f"%upload penguins.csv --expires={text}")


def test_a_file_that_is_gone_is_uploaded_again_before_the_question(shell, wire):
    shell.run("%upload penguins.csv")
    wire.delete("penguins.csv")
    current_session().connection.files.index._confirmed.clear()
    assert shell.run("%ask_file penguins.csv why?").complete
    assert wire.sent.count("upload") == 2


def test_a_file_that_goes_unnoticed_is_uploaded_again_and_asked_once_more(shell, wire):
    shell.run("%upload penguins.csv bzip2-manual.pdf")
    wire.delete("bzip2-manual.pdf")
    answer = shell.run("%ask_file bzip2-manual.pdf who is the author?")
    assert "Seward" in answer.text
    assert wire.sent.count("upload") == 3


def test_a_follow_up_heals_the_files_of_its_first_question(shell, wire):
    shell.run("%%ask_file bzip2-manual.pdf -o ans\nWho is the author?")
    wire.delete("bzip2-manual.pdf")
    assert "bzip2recover" in shell.run("ans.ask('How does bzip2recover work?')").text


def test_a_gone_file_whose_source_is_gone_is_named(shell, wire, tmp_path):
    shell.run("%upload penguins.csv")
    (tmp_path / "penguins.csv").unlink()
    wire.delete("penguins.csv")
    with pytest.raises(errors.FileGone, match=r"“penguins\.csv” is gone from the workspace") as caught:
        shell.run("%ask_file penguins.csv why?")
    assert len(caught.value._render_traceback_()) == 1


def test_a_server_that_always_says_gone_is_asked_twice_and_no_more(shell, monkeypatch):
    shell.run("%upload penguins.csv")
    client = current_session().connection.client
    asked = []

    def gone(request, **_options):
        asked.append(request)
        client.delete(request["messages"][-1]["content"][0]["file_id"])
        raise errors.FileGone("gone")

    monkeypatch.setattr(client, "stream", gone)
    with pytest.raises(errors.FileGone):
        shell.run("%ask_file penguins.csv why?")
    assert len(asked) == 2


def test_a_broken_ledger_is_one_line_and_the_upload_works(shell, wire, own_world):
    shell.run("%upload penguins.csv")
    (own_world / "ledger.db").write_bytes(b"garbage" * 1000)
    wire.restart()
    assert shell.run("%upload penguins.csv")
    assert shell.shown.count("was damaged") == 1
    shell.run("%upload penguins.csv")
    assert "was damaged" not in shell.shown
