"""Where a question went, who answered it and what it cost come from what happened."""

import pytest

from nbfiles import current_session
from nbfiles.errors import BadCredentials, BadInput, NbfilesError
from nbfiles.server.embedded import start
from tests.scripted import BLOCK, MESSAGE, USAGE, as_json, error, events, scripted
from tests.sessions import new_session

MANUAL = "bzip2-manual.pdf"


def replied(model, text="Yes.", reason="end_turn", cut=False):
    """The answer of a model that the reply names."""
    begin = {"type": "message_start", "message": MESSAGE | {"model": model, "usage": {"input_tokens": 1000}}}
    words = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    end = {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": USAGE}
    return events(*[begin, BLOCK, words, end, {"type": "message_stop"}][: 3 if cut else 5])


def who(shell):
    """What `%nbfiles cost` says by model: who answered, of how many answers, for how much."""
    return [(row[1], row[2], row[-1]) for row in shell.run("%nbfiles cost").rows if row[0] == "model"]


@pytest.fixture
def gateway(shell):
    with scripted() as server:
        shell.run(f"%nbfiles use {server.url}")
        yield server


@pytest.fixture
def served(shell, tmp_path, monkeypatch):
    """What `nbfiles serve` prints is in the environment, and a new session begins."""
    server = start(tmp_path / "served", tcp=True)
    monkeypatch.setenv("ANTHROPIC_API_KEY", server.key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
    monkeypatch.setenv("NBFILES_USE", "claude")
    new_session(monkeypatch)
    yield server.base_url.removeprefix("http://")
    current_session().close()
    server.stop()


def test_a_local_server_behind_a_base_url_is_named_and_costs_nothing(shell, served):
    status = shell.run("%nbfiles")
    assert served in status.destination
    assert status.credentials == "from ANTHROPIC_API_KEY"
    assert dict(shell.run(f"%%ask_file {MANUAL} --dry-run\nWho is the author?").rows)["price"] == "cost unknown"
    answer = shell.run(f"%%ask_file {MANUAL}\nWho is the author?")
    assert (answer.by, answer.sent_to, answer.cost) == ("Local server", served, 0.0)
    assert f"Local server · {MANUAL}" in shell.shown
    assert "$0.00 · " in shell.shown
    assert f"to {served}" in shell.shown
    assert "api.anthropic.com" not in shell.shown
    assert {row[3] for row in shell.run("%nbfiles models").rows} == {"not known"}
    assert dict(shell.run(f"%%ask_file {MANUAL} --dry-run\nWhy?").rows)["price"] == "$0.00"  # it has said so itself
    assert shell.run(f"%%ask_file {MANUAL} --budget 0.01\nWho is the author?").complete
    shell.run("%%ask_file penguins.csv *.pdf --each\nWhat is it about?")
    shell.run(f"%%ask_file {MANUAL} -t talk\nWho is the author?")
    assert who(shell) == [(f"Local server, {served}", "5", "$0.00")]


def test_the_embedded_server_is_named_once(shell):
    shell.run(f"%%ask_file {MANUAL}\nWho is the author?")
    assert who(shell) == [("Local server on this machine", "1", "$0.00")]


def test_the_model_that_answered_is_the_one_that_the_reply_names(shell, gateway):
    gateway.replies += [replied("llama-70b"), replied("llama-8b", cut=True), replied("llama-8b", "No.", "refusal")]
    answer = shell.run("%%ask_file -m claude-sonnet-5-5\nWhy?")
    assert (answer.by, answer.model, answer.cost) == ("llama-70b", "llama-70b", None)
    assert shell.shown.startswith("llama-70b")
    assert "cost unknown" in shell.shown
    with pytest.raises(NbfilesError):
        shell.run("%%ask_file -m claude-sonnet-5-5 -t talk\nWhy?")
    shell.run("%%ask_file -m claude-sonnet-5-5\nWhy?")
    host = gateway.url.removeprefix("http://")
    assert who(shell) == [(f"llama-70b, {host}", "1", "cost unknown"), (f"llama-8b, {host}", "2", "cost unknown")]


def test_each_row_is_booked_by_who_answered_it(shell, claude, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"This is {name}.")
    uploads = [
        as_json(
            {
                "id": f"file_{n}",
                "type": "file",
                "filename": f"{n}.txt",
                "mime_type": "text/plain",
                "size_bytes": 10,
                "created_at": "2026-11-01T00:00:00Z",
                "downloadable": False,
            }
        )
        for n in "ab"
    ]
    server = claude(*uploads)
    shell.run("%upload a.txt")
    shell.run("%upload b.txt")
    server.replies += [replied("claude-sonnet-5-5"), replied("claude-haiku-4-5-20251001")]
    shell.run("%%ask_file a.txt b.txt --each\nWhy?")
    booked = {name: cost for name, _, cost in who(shell)}
    assert set(booked) == {"claude-sonnet-5-5, Claude", "claude-haiku-4-5-20251001, Claude"}
    assert "cost unknown" not in booked.values()


def test_what_was_refused_before_it_began_costs_nothing(shell, gateway):
    gateway.replies += [error(400, "invalid_request_error", "no such model")]
    with pytest.raises(NbfilesError):
        shell.run("%%ask_file -m some-model\nWhy?")
    assert who(shell) == []


def test_a_key_for_a_url_is_named_by_its_variable_and_the_connection_follows_it(shell, gateway, monkeypatch):
    monkeypatch.setenv("ONE_KEY", "gateway-one")
    monkeypatch.setenv("TWO_KEY", "gateway-two")
    status = shell.run("%nbfiles")
    assert status.credentials == f"none sent. To send a key: %nbfiles use {gateway.url} --key-from ENVVAR"
    for number in ("ONE", "TWO"):
        gateway.replies += [replied("llama")]
        status = shell.run(f"%nbfiles use {gateway.url} --key-from {number}_KEY")
        assert status.credentials == f"from {number}_KEY"
        shell.run("%%ask_file -m llama\nWhy?")
        assert gateway.seen[-1][1]["Authorization"] == f"Bearer gateway-{number.lower()}"
        assert "gateway-" not in shell.shown
    gateway.replies += [error(401, "authentication_error", "who are you?")]
    shell.run(f"%nbfiles use {gateway.url}")
    with pytest.raises(BadCredentials, match="--key-from ENVVAR"):
        shell.run("%%ask_file -m llama\nWhy?")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%nbfiles use https://x.example --key-from NOT_SET", "--key-from takes the name of an environment variable"),
        ("%nbfiles use https://x.example --key-from gateway-secret", "--key-from takes the name"),
        ("%nbfiles use local --key-from HOME", "needs no key: leave out --key-from"),
        ("%nbfiles cost --key-from HOME", "goes with a destination"),
        ("import nbfiles; nbfiles.use('https://x.example', key_from='NOT_SET')", "key_from takes the name"),
        ("import nbfiles; nbfiles.use('https://x.example', key_from=5)", "key_from takes text"),
    ],
)
def test_a_key_that_cannot_be_named_is_one_line(shell, cell, words):
    with pytest.raises(BadInput, match=words) as refused:
        shell.run(cell)
    assert "secret" not in str(refused.value)
    assert "local" in shell.run("%nbfiles").destination
