"""Names, both ways: safe as one file in one folder, whatever came in."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbfiles._files.filenames import MAX_BYTES, key, safe_name, unique

HOSTILE = [
    ("../../etc/passwd", "passwd"),
    ("..\\..\\boot.ini", "boot.ini"),
    ("/etc/shadow", "shadow"),
    ("C:\\Users\\me\\a.txt", "a.txt"),
    ("C:a.txt", "C_a.txt"),
    ("\\\\host\\share\\a.txt", "a.txt"),
    ("a/b\\c/d.txt", "d.txt"),
    ("folder/", "folder"),
    ("folder//", "folder"),
    ("a\u2044b.txt", "b.txt"),
    ("a\u2215b.txt", "b.txt"),
    ("a\uff0fb.txt", "b.txt"),
    ("a\uff3cb.txt", "b.txt"),
    ("a\u29f8..\u29f8b.txt", "b.txt"),
    ("", "unnamed"),
    (".", "unnamed"),
    ("..", "unnamed"),
    ("...", "unnamed"),
    ("/", "unnamed"),
    ("\\", "unnamed"),
    ("../", "unnamed"),
    (" ", "unnamed"),
    ("\u3000", "unnamed"),
    ("\x00", "unnamed"),
    ("\u200b", "unnamed"),
    ("\u3164", "unnamed"),
    (".bashrc", "bashrc"),
    ("..hidden", "hidden"),
    ("-rf", "rf"),
    ("--help", "help"),
    ("~root", "root"),
    ("~/.ssh/id_rsa", "id_rsa"),
    ("$HOME", "HOME"),
    ("%run", "run"),
    (" .-~x", "x"),
    ("\xa0.env", "env"),
    ("report.pdf.", "report.pdf"),
    ("report.pdf ", "report.pdf"),
    ("report.pdf . .", "report.pdf"),
    ("report.pdf\u2003", "report.pdf"),
    ("con", "_con"),
    ("CON.txt", "_CON.txt"),
    ("nul.tar.gz", "_nul.tar.gz"),
    ("NUL .txt", "_NUL .txt"),
    ("COM1", "_COM1"),
    ("com¹.log", "_com¹.log"),
    ("LPT9.pdf", "_LPT9.pdf"),
    ("CONIN$", "_CONIN$"),
    ("conout$.txt", "_conout$.txt"),
    ("c\u200bon", "_con"),
    (".con", "_con"),
    ("console.txt", "console.txt"),
    ('a<b>c:d"e|f?g*.txt', "a_b_c_d_e_f_g_.txt"),
    ("a\r\nX-Evil: 1.txt", "aX-Evil_ 1.txt"),
    ("a\tb.txt", "ab.txt"),
    ("a\x7f\x85b.txt", "ab.txt"),
    ("a\u2028b.txt", "ab.txt"),
    ("invoice\u202egnp.exe", "invoicegnp.exe"),
    ("a\u2066b\u2069.txt", "ab.txt"),
    ("a\ufeffb\u00adc.txt", "abc.txt"),
    ("a\U000e0041\U000e007fb.txt", "ab.txt"),
    ("a\ufe00\U000e0100b.txt", "ab.txt"),
    ("a\ue000b.txt", "ab.txt"),
    ("a\ufffeb\ufdd0c\U0001ffff.txt", "abc.txt"),
    ("a\ud800b\udfff.txt", "ab.txt"),
    ("cafe\u0301.txt", "café.txt"),
    ("a" * 300 + ".pdf", "a" * 196 + ".pdf"),
    ("é" * 300 + ".xlsx", "é" * 97 + ".xlsx"),
    ("a." + "b" * 300, "a." + "b" * 198),
    (".".join("abc" * 100), ".".join("abc" * 100)[: MAX_BYTES - 2] + ".c"),
]
KEPT = [
    "report.pdf",
    "Q3 report (final), v2.pdf",
    "a  b.txt",
    "mañana.csv",
    "日本語.xlsx",
    "данные 2024.csv",
    "a.b.c.tar.gz",
    "no extension",
    "price 5$ 10%.txt",
    "a-b~c.txt",
    "🎉.png",
    "ﬁle.txt",
]
HARD = st.text(st.sampled_from([*"./\\ -~$%_:*conNUL1.\t", "\u202e", "\u200b", "\ud800", "é", "\u0301", "／", "🎉"]))
NAMES = st.one_of(st.text(st.characters()), HARD, st.builds(lambda a, b: a * 90 + b, HARD, HARD))


@pytest.mark.parametrize(("name", "safe"), HOSTILE, ids=[ascii(name)[:40] for name, _ in HOSTILE])
def test_a_hostile_name_becomes_a_plain_one(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", KEPT)
def test_an_honest_name_is_kept(name: str) -> None:
    assert safe_name(name) == name


@settings(max_examples=400)
@given(NAMES)
def test_any_name_becomes_one_plain_file(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert 0 < len(safe.encode()) <= MAX_BYTES
    assert Path(safe).name == safe
    assert not set(safe) & set('/\\<>:"|?*')
    assert all(unicodedata.category(char)[0] != "C" or unicodedata.category(char) == "Cn" for char in safe)
    assert safe[0] not in ". -~$%"
    assert safe[-1] not in ". "
    assert unicodedata.is_normalized("NFC", safe)


@settings(max_examples=200)
@given(st.lists(NAMES, max_size=12))
def test_names_given_one_after_the_other_never_collide(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        taken.append(unique(name, taken))
    assert len({key(name) for name in taken}) == len(taken)
    assert [safe_name(name) for name in taken] == taken


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Report.PDF", "report.pdf"),
        ("cafe\u0301.txt", "CAFÉ.txt"),
        ("ﬁle.txt", "file.txt"),
        ("Ｒeport.pdf", "report.pdf"),
        ("STRASSE.txt", "straße.txt"),
        ("①.txt", "1.txt"),
        ("K.txt", "k.txt"),
    ],
)
def test_names_that_look_alike_collide(one: str, other: str) -> None:
    assert key(one) == key(other)
    assert unique(other, [one]) != other


def test_a_taken_name_is_numbered_before_its_extension() -> None:
    assert unique("report.pdf", []) == "report.pdf"
    assert unique("report.pdf", ["report.pdf"]) == "report-2.pdf"
    assert unique("report.pdf", ["REPORT.pdf", "report-2.pdf"]) == "report-3.pdf"
    assert unique("notes", {"notes"}) == "notes-2"


def test_a_long_name_keeps_its_number_and_its_extension() -> None:
    long = "é" * 300 + ".pdf"
    numbered = unique(long, [safe_name(long)])
    assert numbered.endswith("é-2.pdf")
    assert len(numbered.encode()) <= MAX_BYTES


def test_a_glob_survives_the_key() -> None:
    assert key("Sales_*.CSV") == "sales_*.csv"
