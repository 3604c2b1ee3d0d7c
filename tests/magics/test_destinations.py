"""A destination is one row of a table: what it is called, where it is, and what it can, follow from the row."""

import pytest

import nbfiles
from nbfiles import config, destinations
from nbfiles.destinations import DESTINATIONS, Destination, DestinationKind
from nbfiles.errors import BadInput
from tests.scripted import as_json, reply, scripted


@pytest.fixture
def invented(monkeypatch):
    """A destination that only this row knows of, answered by a script."""
    with scripted() as server:
        kind = DestinationKind(
            "invented",
            lambda name: name == "invented",
            lambda name, _settings: Destination(
                "Invented",
                "free",
                base_url=server.url,
                api_key="k",
                name=name,
                about="an invented server",
                needs_key=False,
            ),
        )
        DESTINATIONS.insert(0, kind)
        yield server
        DESTINATIONS.remove(kind)


def test_one_row_makes_a_destination_that_can_be_used_and_is_named(shell, invented):
    status = shell.run("%nbfiles use invented")
    assert "an invented server" in str(status)
    assert "none needed" in str(status)
    invented.replies += [as_json({"data": [], "has_more": False}), reply("It answers.")]
    assert shell.run("%%ask_file -m some-model\nWhy?").text == "It answers."
    assert "to Invented" in shell.shown
    assert "$0.00" in shell.shown
    invented.replies += [as_json({"data": [], "has_more": False})]
    doctor = str(shell.run("%nbfiles doctor"))
    assert "an invented server" in doctor
    assert "with 0 models" in doctor


def test_one_row_is_named_where_a_name_is_unknown(shell, invented):
    with pytest.raises(BadInput, match=r"^Unknown destination “x”\. Type: %nbfiles use invented, local, claude, or "):
        shell.run("%nbfiles use x")
    with pytest.raises(BadInput, match=r"Type: nbfiles.use\('invented'\), nbfiles.use\('local'\), "):
        nbfiles.use("x")


def test_what_is_started_for_a_destination_is_named_in_its_row(shell, monkeypatch):
    row = DestinationKind(
        "mine", "mine".__eq__, destinations.kind_of("local").make, server="tests.magics.test_destinations:start"
    )
    monkeypatch.setattr(destinations, "DESTINATIONS", [row, *DESTINATIONS])
    shell.run("%nbfiles use mine")
    assert shell.run("%%ask_file\n```python\nprint(20 + 1)\n```").complete


def start(folder):
    from nbfiles.server.embedded import start as start_server

    assert folder.name == "server"
    return start_server(folder)


def test_the_key_of_a_destination_is_not_shown():
    settings = config.read({"ANTHROPIC_API_KEY": "sk-secret"})
    claude = destinations.find("claude", settings)
    assert "secret" not in repr(claude)
    assert "secret" not in claude.scope
    assert claude.scope != destinations.find("claude", config.read({"ANTHROPIC_API_KEY": "other"})).scope
    assert destinations.find("local", settings).scope == "local"
