"""Calls side by side: names, observers and destinations do not mix, and one upload can be cancelled."""

import threading
from pathlib import Path

import pytest

from nbfiles._connection import Connection
from nbfiles._files.upload_call import UploadOptions
from nbfiles._messages.observer import Observer
from nbfiles._messages.options import AskKeywords
from nbfiles._messages.request import AskRequest
from nbfiles.destinations import Destination
from nbfiles.errors import BadInput
from nbfiles.session import Session
from tests.scripted import error, reply, scripted


@pytest.fixture
def session(own_world):
    session = Session()
    yield session
    session.close()


class Meanwhile(Observer):
    """Does something in the middle of an upload, and keeps what it was told."""

    def __init__(self, act=lambda: None) -> None:
        self.rows = ()
        self._act = act

    def uploads(self, rows) -> None:
        self.rows = tuple(rows)
        if any(row.state == "uploading" for row in rows):
            act, self._act = self._act, lambda: None
            act()


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_the_same_name_at_the_same_time_is_two_names(session, tmp_path):
    first, second = written(tmp_path / "a", "n.txt", "one"), written(tmp_path / "b", "n.txt", "two")
    inner = Meanwhile()

    def beside():
        thread = threading.Thread(target=session.upload, args=([second], None, inner))
        thread.start()
        thread.join()

    outer = Meanwhile(beside)
    session.upload([first], observer=outer)
    assert {r.name: r.path for r in list(session.connection.files.registry)} == {"n.txt": first, "n-2.txt": second}
    assert [row.name for row in outer.rows] == ["n.txt"]
    assert [row.name for row in inner.rows] == ["n-2.txt"]


def test_a_name_that_was_not_used_is_free_again(session, tmp_path):
    with pytest.raises(BadInput):
        session.upload([written(tmp_path / "a", "n.txt", "one")], UploadOptions(cancelled=lambda _path: True))
    (record,) = session.upload([written(tmp_path / "b", "n.txt", "two")])
    assert record.name == "n.txt"


def test_a_file_that_is_cancelled_stops_no_other(session, tmp_path):
    unwanted, wanted = written(tmp_path, "a.txt", "one"), written(tmp_path, "b.txt", "two")
    watcher = Meanwhile()
    with pytest.raises(BadInput, match=r"“a\.txt” was cancelled"):
        session.upload([unwanted, wanted], UploadOptions(cancelled=lambda path: path == unwanted), watcher)
    assert [row.state for row in watcher.rows] == ["cancelled", "uploaded"]
    assert [record.name for record in list(session.connection.files.registry)] == ["b.txt"]
    assert [remote.filename for remote in session.connection.client.newest()] == ["b.txt"]


def test_an_upload_goes_on_to_its_place_when_another_is_chosen(session, tmp_path):
    with scripted() as elsewhere:
        watcher = Meanwhile(lambda: session.use(elsewhere.url))
        (record,) = session.upload([written(tmp_path, "a.txt", "one")], observer=watcher)
        assert list(session.connection.files.registry) == []
        session.use("local")
        assert list(session.connection.files.registry) == [record]
        assert elsewhere.seen == []


MAKE = "```python\nimport os\nopen(os.environ['OUTPUT_DIR'] + '/made.csv', 'w').write('a,b\\n1,2\\n')\n```"


def test_a_question_goes_on_over_its_connection_when_another_is_chosen(session, tmp_path, monkeypatch):
    class Switching(Observer):
        def answer(self, _answer) -> None:
            session.use(elsewhere.url)

    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, "a.csv", "a,b\n1,2\n")
    with scripted() as elsewhere:
        answer = session.ask(AskRequest(MAKE, [str(path)], AskKeywords(thread="talk")), Switching())
        assert [record.name for record in answer.files] == ["made.csv"]
        assert list(session.connection.conversations) == []
        session.use("local")
        assert session.connection.conversations.get("talk").last is answer
        assert elsewhere.seen == []


def test_a_wait_is_reported_to_the_observer_of_its_own_call(session, tmp_path):
    class Waits(Observer):
        def __init__(self) -> None:
            self.reasons: list[str] = []

        def waiting(self, _seconds, why) -> None:
            self.reasons.append(why)

    busy = error(429, "rate_limit_error", "Slow down", retry_after_ms="1")
    first, second = Waits(), Waits()
    with scripted(busy, reply(), reply()) as server:
        here = Destination("here", "unknown", base_url=server.url, api_key="k", name=server.url)
        session.connection = Connection(here, tmp_path)
        session.ask(AskRequest("why?", options=AskKeywords(model="m")), first)
        session.ask(AskRequest("why?", options=AskKeywords(model="m")), second)
    assert len(first.reasons) == 1
    assert second.reasons == []
