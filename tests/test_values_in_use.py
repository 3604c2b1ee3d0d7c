"""What this kernel sends to say who asks is never shown, whatever a server does with it, and however it is spelled."""

import subprocess
import sys
from pathlib import Path

import pytest

from nbfiles.config import upstream_headers
from nbfiles.destinations import Destination
from nbfiles.redact import redact
from nbfiles.redaction import Growing
from tests.canaries import LINES, SPELLINGS, SPLITS, letters, written
from tests.scripted import BLOCK, START, as_json, error, events, reply, scripted
from tests.test_redact import letters_of

KEY = "zzTopSecret" + "Value" + letters(8)
SCRIPT = """
import logging, sys, traceback
logging.basicConfig(stream=sys.stdout, level=logging.DEBUG)
import nbfiles
nbfiles.use(sys.argv[1], key_from="GATEWAY_KEY")
for number in range(5):
    try:
        answer = nbfiles.ask("Why?", model="some-model")
        print(answer, repr(answer), answer._repr_mimebundle_())
    except Exception as problem:
        traceback.print_exc(file=sys.stdout)
        print(repr(problem), vars(problem))
print("== asked")
for call in (nbfiles.doctor, lambda: nbfiles.files(all=True)):
    try:
        print(call())
    except Exception as problem:
        print(repr(problem))
print(nbfiles.current_session().connection.destination)
"""


@pytest.mark.parametrize("key", [KEY, f"{KEY}+/*_x=", f"a`{KEY}~~b"])
def test_a_key_of_a_destination_is_hidden_in_every_spelling(key: str) -> None:
    assert Destination("gateway", "unknown", api_key=f" {key}\n").api_key
    for name, write in SPELLINGS.items():
        assert letters_of(KEY) not in letters_of(redact(f"Wrong key {write(key)} here")), name
    for name, between in (SPLITS | LINES).items():
        assert letters_of(KEY) not in letters_of(redact(f"Wrong key {key[:9]}{between}{key[9:]} here")), name
    assert redact(redact(f"Wrong key {key} here")) == "Wrong key … here"


@pytest.mark.parametrize("name", ["X-Team-Pass", "authorization", "X-API-KEY"])
def test_so_is_what_is_in_a_header(name: str) -> None:
    value = letters(20)
    assert Destination("gateway", "unknown", headers=((name, f"Bearer {value}"), ("X-Team", "a b")))
    assert redact(f"It was {value}.") == "It was …."
    assert redact("The bearer, a b") == "The bearer, a b"


def test_so_is_the_key_of_an_upstream() -> None:
    key = letters(20)
    assert upstream_headers("https://gateway.example.com", "UP", {"UP": key})
    assert redact(f"It was {key}.") == "It was …."


@pytest.mark.parametrize("key", ["ollama", "local", "12345", "anything", "not-needed", "lm-studio"])
def test_a_word_that_stands_for_no_key_is_not_hidden(key: str) -> None:
    assert Destination("gateway", "unknown", api_key=key)
    assert redact(f"Use {key} here") == f"Use {key} here"


def test_words_of_headers_that_tell_no_secret_are_not_hidden() -> None:
    headers = (
        ("anthropic-beta", "files-api-2025-04-14"),
        ("User-Agent", "notebook/12.5"),
        ("X-To", "http://a.example/b1"),
    )
    assert Destination("gateway", "unknown", headers=headers)
    text = "files-api-2025-04-14, notebook/12.5, http://a.example/b1"
    assert redact(text) == text


def test_a_key_that_grows_is_not_shown_in_part() -> None:
    assert Destination("gateway", "unknown", api_key=KEY)
    text, growing = "Some words. " * 200 + KEY + " and more words" * 100, Growing()
    for end in range(0, len(text), 37):
        assert KEY not in growing(text[:end])
    assert growing(text) == redact(text)


def test_a_server_that_names_our_key_does_not_make_us_show_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    said = f"the key {KEY} may not"
    failed = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    named = {"type": "error", "error": {"type": "invalid_request_error", "message": said}, "request_id": KEY}
    replies = [
        as_json(named, 400, request_id=KEY),
        error(401, "authentication_error", said, request_id=KEY),
        error(403, "permission_error", said, f"code_{KEY}"),
        events(START, BLOCK, failed),
        reply(f"It is {KEY}, {KEY[:9]}**{KEY[9:]}"),
    ]
    always = {"GET ": as_json(named, 400, request_id=KEY), "HEAD ": error(400, "invalid_request_error", said)}
    with scripted(*replies, always=always) as server:
        command = [sys.executable, "-c", SCRIPT, server.url]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert server.replies == [], done.stdout + done.stderr
    shown = done.stdout + done.stderr
    assert "== asked" in shown
    assert "may not" in shown
    assert [way for way in written(KEY) if way in shown] == []
