"""The documents of a conversation: deleted, renamed, changed, or asked about while something else goes on."""

import pytest

import nbfiles
from nbfiles import current_session
from nbfiles.errors import BadInput, FileGone
from nbfiles.server.embedded import start
from tests.faulty import faulty
from tests.scripted import Reply, scripted
from tests.sessions import new_session


@pytest.fixture
def talk(shell, tmp_path):
    """A conversation of two turns about a file."""
    (tmp_path / "plan.txt").write_text("The launch is in May. The boat is blue.")
    for question in ("When is the launch?", "Which colour is the boat?"):
        shell.run(f"%%ask_file plan.txt -t talk\n{question}")
    return tmp_path / "plan.txt"


def test_a_file_that_was_deleted_from_the_workspace_comes_back_in_turn_3(shell, talk):
    shell.run("%files rm plan.txt --yes")
    answer = shell.run("%%ask_file plan.txt -t talk\nWhen is the launch?")
    assert answer.complete
    assert "May" in answer.text
    assert [citation.file for citation in answer.citations] == ["plan.txt"]


def test_a_file_that_was_deleted_here_too_is_said_to_be_gone_in_turn_3(shell, talk):
    shell.run("%files rm plan.txt --yes")
    talk.unlink()
    with pytest.raises(BadInput, match=r"plan\.txt"):
        shell.run("%%ask_file plan.txt -t talk\nWhen is the launch?")
    assert shell.run("%%ask_file -t other\nWhen is the launch?").complete  # nothing else is lost


def test_a_deleted_file_of_a_conversation_is_named_with_what_to_type(shell, tmp_path):
    (tmp_path / "data").mkdir()
    for name, day in (("data/plan.txt", "Friday"), ("other.txt", "Monday")):
        (tmp_path / name).write_text(f"The launch is on {day}.")
    shell.run("%%ask_file data/plan.txt other.txt -t talk\nWhen is the launch?")
    shell.run("%files rm plan.txt --yes")
    with pytest.raises(FileGone, match=r"“plan\.txt” is gone .* Upload it again: %upload data/plan\.txt$"):
        shell.run("%%ask_file -t talk\nWhen is the launch?")
    assert "thread talk · without this question" in shell.shown
    assert "turn 2" not in shell.shown
    shell.run("%upload data/plan.txt")
    assert shell.run("%%ask_file -t talk\nWhen is the launch?").complete
    assert "thread talk · turn 2" in shell.shown


def test_a_file_that_was_renamed_is_asked_about_by_both_names(shell, talk):
    talk.rename(talk.with_name("new.txt"))
    for name in ("plan.txt", "new.txt"):
        answer = shell.run(f"%%ask_file {name} -t talk\nWhen is the launch?")
        assert answer.complete
        assert "May" in answer.text
        assert [citation.file for citation in answer.citations] == [name]


def test_a_file_that_changed_is_asked_about_as_it_is_now_in_turn_3(shell, talk):
    talk.write_text("The launch is in June. The boat is red.")
    answer = shell.run("%%ask_file plan.txt -t talk\nWhen is the launch?")
    assert "June" in answer.text
    assert all(citation.evidence for citation in answer.citations)
    assert "newer version" in str(answer.request["messages"])


def test_a_destination_chosen_in_mid_upload_is_for_the_next_call(shell, tmp_path, monkeypatch):
    """While the server has the file and the kernel waits for its reply, another one is chosen."""
    (tmp_path / "big.bin").write_bytes(b"x" * 3_000_000)
    server = start(tmp_path / "served", tcp=True)
    monkeypatch.setenv("THERE", server.key)

    def chosen_before(reply: Reply) -> Reply:
        nbfiles.use(other.url)
        return reply

    with faulty(server.base_url) as front, scripted() as other:
        shell.run(f"%nbfiles use {front.url} --key-from THERE")
        before = current_session().connection
        front.faults = [chosen_before]
        assert [record.name for record in nbfiles.upload("big.bin")] == ["big.bin"]
        places = [before, current_session().connection]
        assert [[one.name for one in place.files.registry] for place in places] == [["big.bin"], []]
        assert other.seen == []
        shell.run(f"%nbfiles use {front.url} --key-from THERE\n%upload big.bin")
        assert "already there" in shell.shown
    server.stop()


def test_a_citation_is_shown_by_the_answer_after_a_restart(shell, talk, monkeypatch):
    answer = shell.run("%%ask_file plan.txt -o ans\nWhen is the launch?")
    current_session().close()
    new_session(monkeypatch)
    with pytest.raises(BadInput, match="Nothing was asked yet"):
        shell.run("%cite 1")
    assert answer.citations[0].quote in answer.text
    again = shell.run("%%ask_file plan.txt\nWhen is the launch?")
    shell.run("%cite 1")
    assert again.citations[0].quote.split()[0] in shell.shown


def test_reloading_the_extension_keeps_names_conversations_and_tables(shell, talk):
    table = shell.run("%files")
    shell.run("%reload_ext nbfiles")
    assert [record.name for record in shell.run("%files")] == ["plan.txt"]
    assert shell.run("%%ask_file -t talk\nWhen is the launch?").complete
    assert [record.name for record in table] == ["plan.txt"]
