"""A text keeps its words, whatever its bytes are, and what was guessed is named."""

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.pdf import DocumentError

GERMAN = "Die Prüfung über Köln läuft, die Umsätze sind größer.\nZweite Zeile.\n"
RUSSIAN = "Встреча состоится в понедельник в Москве.\nПодготовьте материалы заранее.\n"
JAPANESE = "会議は来週の月曜日に大阪で行われます。\nカタカナもあります。\n"
CHINESE = "会议将于下周一在上海举行,请提前准备好材料。\n"
TAIWAN = "會議將於下週一在臺北舉行,請提前準備好資料。\n"
KOREAN = "회의는 다음 주 월요일에 서울에서 열립니다.\n"
POLISH = "Spotkanie odbędzie się w przyszły poniedziałek w Łodzi, proszę przygotować materiały.\n"
GREEK = "Η συνάντηση θα γίνει την επόμενη Δευτέρα στην Αθήνα.\n"


@pytest.fixture
def read(tmp_path):
    def convert(data, kind="plain"):
        (tmp_path / "a").write_bytes(data)
        note = to_text(tmp_path / "a", kind, tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text(encoding="utf-8"), note

    return convert


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (GERMAN, "cp1252", "Windows-1252"),
        ("Größe is é. The port is 8080.\n", "cp1252", "Windows-1252"),
        (GERMAN, "mac_roman", "Mac Roman"),
        ("1\n00:00:01 --> 00:00:02\nÇa va être l'été déjà\n", "cp1252", "Windows-1252"),
        (RUSSIAN, "mac_cyrillic", "Mac Cyrillic"),
        (RUSSIAN, "utf-16-le", "UTF-16-LE"),
        (RUSSIAN, "utf-16-be", "UTF-16-BE"),
        (CHINESE, "utf-16-le", "UTF-16-LE"),
        (RUSSIAN, "koi8_r", "KOI8-R"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "cp866", "CP866"),
        (JAPANESE, "shift_jis", "Shift-JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (JAPANESE, "iso2022_jp", "ISO2022-JP"),
        (CHINESE, "gbk", "GBK"),
        (TAIWAN, "big5", "Big5"),
        (KOREAN, "euc_kr", "EUC-KR"),
        (POLISH, "cp1250", "Windows-1250"),
        (GREEK, "cp1253", "Windows-1253"),
        (GERMAN, "utf-16-le", "UTF-16-LE"),
        (GERMAN, "utf-16-be", "UTF-16-BE"),
        (GERMAN, "utf-32-le", "UTF-32-LE"),
        (GERMAN, "utf-32-be", "UTF-32-BE"),
    ],
)
def test_an_encoding_that_the_file_does_not_say_is_guessed_and_named(read, text, codec, name):
    assert read(text.encode(codec)) == (text, f"read as {name}, a guess")


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_is_no_guess_and_no_letter(read, codec):
    text, note = read(GERMAN.encode(codec))
    assert text == GERMAN
    assert "guess" not in note


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("# -*- coding: {} -*-\n", "iso8859-15"),
        ("#!/usr/bin/python\n# vim: set fileencoding={} :\n", "koi8-r"),
        ('<?xml version="1.0" encoding="{}"?>\n', "windows-1251"),
        ("-- coding: {}\n", "shift_jis"),
    ],
)
def test_what_a_file_declares_is_believed(read, head, codec):
    text = head.format(codec) + {"iso8859-15": "5 €\n", "shift_jis": JAPANESE}.get(codec, RUSSIAN)
    decoded, note = read(text.encode(codec))
    assert decoded == text
    assert note.endswith("as it declares")


def test_a_declaration_that_cannot_be_true_is_not_believed(read):
    text = f"# coding: euc_jp\n{RUSSIAN}"
    assert read(text.encode("cp1251")) == (text, "read as Windows-1251, a guess")


def test_a_text_in_utf8_that_declares_another_encoding_is_utf8(read):
    text = f"# coding: latin-1\n{GERMAN}"
    assert read(text.encode())[0] == text


def test_one_bad_byte_is_one_character(read):
    text, note = read(GERMAN.encode() + b"\xff broken\n" + GERMAN.encode())
    assert text == f"{GERMAN}\ufffd broken\n{GERMAN}"
    assert note == "1 character that could not be read: �"


def test_letters_behind_a_long_beginning_are_read(read):
    text = "plain words\n" * 20_000 + "München und Zürich\n"
    assert read(text.encode("cp1252")) == (text, "read as Windows-1252, a guess")


def test_one_long_line_is_sampled_and_read(read):
    text = "x" * 3_000_000 + " Prüfung über Köln, " * 20_000
    assert read(text.encode("cp1252"))[0] == text


def test_line_ends_are_those_of_unix(read):
    assert read("eins\rzwei größer\r".encode("mac_roman"))[0] == "eins\nzwei größer\n"


def test_more_than_a_question_holds_is_refused(read):
    with pytest.raises(DocumentError, match="more than 20 MB of text"):
        read(("größer\n" * 3_000_000).encode("cp1252"))
