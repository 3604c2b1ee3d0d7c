"""What the page of a file table may ask of the kernel, and what is refused."""

import pytest

from nbfiles._widgets.filetable_backend import FileTableBackend
from nbfiles.errors import BadInput
from nbfiles.session import Session


@pytest.fixture
def session():
    session = Session()
    yield session
    session.close()


def test_of_an_upload_that_another_name_uses_only_the_name_is_deleted(session, tmp_path):
    for name in ("p.txt", "q.txt"):
        (tmp_path / name).write_text("One text for both.")
    session.upload([tmp_path / "p.txt", tmp_path / "q.txt"])
    backend = FileTableBackend(session, "*")
    plan = backend.reply({"ask": "plan", "keys": ["p.txt"]})
    message = "Of “p.txt”, only the name goes: “q.txt” uses the same upload."
    assert plan["title"].endswith(message)
    assert message in backend.reply({"ask": "delete", "plan": plan["plan"]})["message"]
    assert [file.name for file in backend.files()] == ["q.txt"]
    assert len(session.connection.client.newest()) == 1
    backend.reply({"ask": "delete", "plan": backend.reply({"ask": "plan", "keys": ["q.txt"]})["plan"]})
    assert session.connection.client.newest() == []


@pytest.mark.parametrize("plan", [None, 1, [], {}, "1", float("nan")])
def test_a_confirmation_of_what_was_not_listed_deletes_nothing(session, plan):
    with pytest.raises(BadInput, match="Nothing was deleted"):
        FileTableBackend(session, "*").reply({"ask": "delete", "plan": plan})


@pytest.mark.parametrize("request_", ["info", "plan", "delete", "download"])
def test_a_table_of_another_connection_refuses_every_request(session, request_):
    session.use("http://127.0.0.1:9")
    backend = FileTableBackend(session, "*")
    session.use("http://127.0.0.1:10")
    with pytest.raises(BadInput, match="This table belongs to another connection"):
        backend.reply({"ask": request_, "key": "a.txt", "keys": ["a.txt"], "plan": 1})


def test_a_table_works_again_when_its_connection_is_in_use_again(session):
    session.use("http://127.0.0.1:9")
    backend = FileTableBackend(session, "*")
    session.use("http://127.0.0.1:10")
    session.use("http://127.0.0.1:9")
    with pytest.raises(BadInput, match="This file is not here any more"):
        backend.reply({"ask": "info", "key": "a.txt"})


def test_what_this_kernel_does_not_know_is_an_error(session):
    with pytest.raises(BadInput, match="Run the cell again"):
        FileTableBackend(session, "*").reply({"ask": "format the disk"})
