"""A gateway that fails after the work was done: what was done twice is said, and can be undone by a line."""

import re

import pytest

from nbfiles import current_session, errors
from nbfiles._client import Client
from nbfiles._connection import Connection
from nbfiles.config import DEFAULT_MODEL
from nbfiles.destinations import Destination
from nbfiles.server.embedded import start
from tests import faulty, spoiled

BAD_GATEWAY = spoiled.refused(502, "api_error")
ASKED_TWICE = (
    "The server failed after the question was sent (502), so it was asked once more: it may have been charged twice."
)


class Time:
    """A clock that only sleeping moves."""

    now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def front(shell, tmp_path_factory):
    """A place that bills, whose server is behind a front."""
    server = start(tmp_path_factory.mktemp("data"), tcp=True)
    with faulty.faulty(server.base_url) as standing:
        session, time = current_session(), Time()
        claude = Destination("Claude", "list", base_url=standing.url, api_key=server.key, name="claude")
        client = Client(claude, clock=time.clock, sleep=time.sleep)
        session.connection = Connection(claude, session.settings.data_dir, session.variables, client)
        session.connection.models.default = DEFAULT_MODEL
        session.connection.models.all()
        standing.passed.clear()
        yield standing
    server.stop()


def names():
    return [file.filename for file in current_session().connection.client.newest()]


def test_an_answer_that_may_have_been_paid_twice_says_so_and_so_does_the_bill(shell, front):
    front.faults = [BAD_GATEWAY]
    answer = shell.run("%%ask_file\nWhat is this?")
    assert front.passed == ["POST /v1/messages"] * 2
    assert answer.complete
    assert ASKED_TWICE in answer.notes
    assert ASKED_TWICE in shell.shown
    shell.run("%nbfiles cost")
    assert "1 request failed after being sent and may have been charged as well" in shell.shown


def test_a_question_given_up_says_what_is_known_and_so_does_the_bill(shell, front):
    front.faults = [BAD_GATEWAY] * 9
    with pytest.raises(errors.ServerError, match="carried out and charged both times"):
        shell.run("%%ask_file -o ans\nWhat is this?")
    assert front.passed == ["POST /v1/messages"] * 2
    assert "charged both times" in shell["ans"].problem
    assert shell["ans"].unreported == 2
    shell.run("%nbfiles cost")
    assert "2 requests failed after being sent" in shell.shown


def test_an_answer_that_breaks_off_after_a_repetition_says_both(shell, front):
    front.faults = [BAD_GATEWAY, spoiled.halved]
    with pytest.raises(errors.CutOff):
        shell.run("%%ask_file -o ans\nWhat is this?")
    assert ASKED_TWICE in shell["ans"].notes
    assert shell["ans"].unreported == 1


def test_a_question_that_was_asked_once_says_nothing(shell, front):
    answer = shell.run("%%ask_file\nWhat is this?")
    assert answer.notes == ()
    shell.run("%nbfiles cost")
    assert "as well" not in shell.shown


def test_each_says_how_many_were_asked_twice(shell, front, tmp_path):
    (tmp_path / "a.txt").write_text("A boat came back.")
    shell.run("%upload a.txt")
    front.faults = [BAD_GATEWAY]
    shell.run("%%ask_file a.txt --each\nWhat is this?")
    assert front.passed[-2:] == ["POST /v1/messages"] * 2
    assert "1 file asked about once more as the server failed: perhaps charged twice." in shell.shown


def test_a_twin_is_named_stays_and_goes_by_the_line_that_is_offered(shell, front):
    front.faults = [BAD_GATEWAY]
    record = shell.run("%upload penguins.csv")[0]
    assert front.passed == ["POST /v1/files", "GET /v1/files?limit=100", "POST /v1/files"]
    assert names() == ["penguins.csv"] * 2
    assert "A first try may have left a copy: penguins.csv, 15,241 bytes," in shell.shown
    assert "file_" not in shell.shown
    line = re.search(r"type: (%files rm \S+) --yes", shell.shown)[1]
    shell.run(line)
    assert "To delete 1 file" in shell.shown
    assert names() == ["penguins.csv"] * 2
    shell.run(f"{line} --yes")
    assert [file.file_id for file in current_session().connection.client.newest()] == [record.file_id]
    assert [file.file_id for file in shell.run("%files")] == [record.file_id]


def test_a_twin_can_be_typed_with_three_full_stops(shell, front):
    front.faults = [BAD_GATEWAY]
    shell.run("%upload penguins.csv")
    shell.run(re.search(r"%files rm \S+ --yes", shell.shown)[0].replace("…", "..."))
    assert names() == ["penguins.csv"]


def test_files_of_one_name_have_labels_to_type(shell, front):
    shell.run("%upload flower.jpg")
    front.faults = [BAD_GATEWAY]
    record = shell.run("%upload penguins.csv")[0]
    shell.run("%files --all")
    labels = re.findall(r"penguins\.csv (…\w{4})", shell.shown)
    assert len(labels) == 2
    assert not re.search(r"flower\.jpg …", shell.shown)
    other = next(label for label in labels if not record.file_id.endswith(label[1:]))
    adopted = shell.run(f"%files adopt {other} --as twin.csv")[0]
    assert adopted.name == "twin.csv"
    assert adopted.file_id != record.file_id


def test_an_upload_given_up_names_its_copies_and_deletes_nothing(shell, front):
    front.faults = [BAD_GATEWAY, None, BAD_GATEWAY]
    with pytest.raises(errors.ServerError, match=r"This may have left copies: penguins\.csv") as caught:
        shell.run("%upload penguins.csv")
    assert names() == ["penguins.csv"] * 2
    for label in re.findall(r"\((…\w{4})\)", str(caught.value)):
        shell.run(f"%files rm {label} --yes")
    assert names() == []


def test_a_file_whose_delete_was_lost_is_told_as_deleted(shell, front):
    shell.run("%upload penguins.csv")
    front.faults = [BAD_GATEWAY]
    shell.run("%files rm penguins.csv --yes")
    assert "Deleted: 1 file" in shell.shown
    assert names() == []
    assert list(shell.run("%files")) == []
