"""Secrets are taken out of every text that is shown, however they are written; honest text stays as it is."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbfiles
from nbfiles._display.sanitize import clean, mark, to_html, to_plain
from nbfiles.reading import Reading, read
from nbfiles.redact import redact
from nbfiles.redaction import Growing
from tests.canaries import HONEST, LINES, SPLITS, Canary, canaries

CANARIES = canaries()
LEAST_KINDS = 28


class _Letters(HTMLParser):
    """The letters of a page, as a browser shows them, and its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += " " + " ".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def letters_of(text: str) -> str:
    """Only letters and digits: what is left where somebody puts the pieces together."""
    text = re.sub(r"\x1b?\[[0-9;]*m|<[^<>]*>|\u2016?\ue000[0-9]+\ue001\u2016?", "", text)
    return "".join(filter(str.isalnum, text))


def test_there_are_enough_kinds():
    assert len(CANARIES) >= LEAST_KINDS


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_a_secret_of_this_kind_is_not_shown_however_it_is_written(canary: Canary) -> None:
    for way, text in canary.spellings():
        shown = redact(text)
        assert letters_of(canary.secret) not in letters_of(shown), way
        assert canary.secret[4:] not in read(shown), way
        assert redact(shown) == shown, way


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_nor_is_it_shown_by_an_answer(canary: Canary) -> None:
    for way, text in canary.spellings():
        page = _Letters()
        page.feed(to_html(clean(text)))
        assert letters_of(canary.secret) not in letters_of(page.text), way
        assert letters_of(canary.secret) not in letters_of(to_plain(clean(text))), way


@pytest.mark.parametrize("canary", [c for c in CANARIES if c.text[: c.text.index(c.secret)][-1] in " =:'\""])
@pytest.mark.parametrize("text", ["{}…", "…{}", "…{}…", "{};\\n\\n…", "{}`…", "{}&b=…"])
def test_an_ellipsis_beside_a_secret_does_not_show_that_it_was_redacted(canary: Canary, text: str) -> None:
    shown = redact(canary.text.replace(canary.secret, text.format(canary.secret)))
    assert letters_of(canary.secret) not in letters_of(shown)
    assert redact(shown) == shown


@pytest.mark.parametrize("line", [line for line in HONEST.splitlines() if line])
def test_honest_text_stays_as_it_is(line: str) -> None:
    assert redact(line) == line
    assert redact(f"{line}\n{line}") == f"{line}\n{line}"


def test_honest_text_as_a_whole_stays_as_it_is() -> None:
    assert redact(HONEST) == HONEST
    assert redact(HONEST.replace("\n", "<br>")) == HONEST.replace("\n", "<br>")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["a", " ", "\t", "\\", "password: ", "password=", "--token ", "cookie: a=", "/home/a ", "a_", "~aaa"]
)
def test_a_long_text_is_redacted_in_a_time_that_grows_with_its_length(unit: str) -> None:
    secret, many = f"password = '{CANARIES[0].secret}'", unit * (300_000 // len(unit))
    for text in (many, f"password: {many}", f"{secret}{many}", f"{many}{secret}"):
        redact(text)


@pytest.mark.parametrize(
    "value", ["12345678", "it's " + "a secret", "p@ss" + "word", "a,b1cdef", "abc1;def", "$2b$12$abc", "2abc(def"]
)
def test_a_password_of_odd_letters_is_hidden_whole(value: str) -> None:
    assert redact(f'password = "{value}"') == 'password = "…"'
    assert redact(f"password: {value}\n") == ("password: …\n" if " " not in value else f"password: {value}\n")


def test_a_word_is_a_password_only_where_nothing_else_can_stand() -> None:
    word = "correct" + "horse"
    assert redact(f"DB_PASSWORD={word}") == "DB_PASSWORD=…"
    assert redact(f"tool --password={word} -v") == "tool --password=… -v"
    assert redact(f"password: {word}") == f"password: {word}"
    assert redact(f"MYSQL_PWD={word}, APP_PASS={word}") == "MYSQL_PWD=…, APP_PASS=…"
    assert redact('pwd="correct ' + 'horse battery"') == 'pwd="…"'


@pytest.mark.parametrize("end", ["=\n", "=\r\n", '"\n"', "'\n    '"])
def test_our_key_goes_on_behind_a_line_end_of_mail_and_of_code(end: str) -> None:
    key = CANARIES[0].secret
    assert key[-12:] not in redact(f'key = ("{key[:20]}{end}{key[20:]}")')
    assert redact(f'["{key}"\n"plain text"]') == '["sk-ant-…"\n"plain text"]'


def test_what_stands_around_a_secret_stays() -> None:
    key = CANARIES[0].secret
    assert redact(f"One.\nkey: {key}\nThe next line") == "One.\nkey: sk-ant-…\nThe next line"
    assert redact(f"<p>a <b>{key[:20]}</b>{key[20:]} z</p>") == "<p>a <b>sk-ant-…</b> z</p>"
    assert redact("https://example.com/a?x=1&token=" + "abc&y=2") == "https://example.com/a?x=1&token=…&y=2"


def test_where_nbfiles_is_installed_is_not_shown() -> None:
    folder = Path(nbfiles.__file__).parent
    assert redact(f"'{folder}/server/a.py', {folder.parent}/b") == "'nbfiles/server/a.py', ./b"


def test_a_citation_inside_an_id_stays() -> None:
    name = next(canary.text for canary in CANARIES if canary.kind == "file_")
    html = to_html(clean(name[:12]) + mark(1) + clean(name[12:]))
    assert "<sup>[1]</sup>" in html
    assert "file …" in html


@given(st.lists(st.sampled_from([*"ab _-\\<>&%;*`[]=/.:", *SPLITS.values(), *LINES.values(), "&lt;", "%41", "sk-"])))
def test_the_quick_reading_finds_what_the_exact_one_finds(pieces: list[str]) -> None:
    id_ = next(canary.text for canary in CANARIES if canary.kind == "msg_").split()[1]
    text = "".join(pieces) + f" {id_[:9]}" + "".join(pieces[:2]) + id_[9:]
    exact = Reading(text)
    if id_[4:-1] in exact.text.replace("\n", "") and "\n\n" not in exact.text:
        assert id_[4:-1] not in read(redact(text)).replace("\n", "")


@given(st.integers(1, 400), st.integers(0, 60), st.sampled_from(CANARIES))
def test_text_that_grows_is_redacted_as_if_it_came_at_once(step: int, words: int, canary: Canary) -> None:
    prose = "Some words of prose, which go on and on for a while. " * words
    text = prose + canary.text + "\n" + prose + canary.text + " " + prose
    growing = Growing()
    for end in range(0, len(text), step * 10):
        growing(text[:end])
    assert growing(text) == redact(text)
