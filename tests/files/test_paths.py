"""What may be uploaded, and as what."""

import os

import pytest

from nbfiles._files.file_kinds import HEAD_BYTES, as_it_is
from nbfiles._files.sources import paths
from nbfiles.errors import UnusableFile
from nbfiles.records import Kind


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.pdf", b"%PDF-1.7\n", (Kind.PDF, "application/pdf")),
        ("a.txt", b"%PDF-1.7\n", (Kind.PDF, "application/pdf")),
        ("a.png", b"\x89PNG\r\n\x1a\n", (Kind.IMAGE, "image/png")),
        ("a", b"\xff\xd8\xff\xe0", (Kind.IMAGE, "image/jpeg")),
        ("a.gif", b"GIF89a", (Kind.IMAGE, "image/gif")),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP", (Kind.IMAGE, "image/webp")),
        ("a.png", b"not a picture", (Kind.TEXT, "text/plain")),
        ("a.csv", b"x,y\n1,2\n", (Kind.DATA, "text/plain")),
        ("A.JSONL", b"{}\n", (Kind.DATA, "text/plain")),
        ("a.md", "# Über\n".encode(), (Kind.TEXT, "text/plain")),
        ("Makefile", b"all:\n", (Kind.TEXT, "text/plain")),
        ("a.parquet", b"PAR1\x00\x15", (Kind.DATA, "application/octet-stream")),
        ("latin.csv", b"caf\xe9,1\n", (Kind.DATA, "application/octet-stream")),
    ],
)
def test_content_and_name_decide_the_kind(name, head, expected):
    row = as_it_is(name, head)
    assert (row.name, row.mime_type) == expected


def test_a_character_cut_at_the_end_of_the_head_is_still_text():
    head = ("x" * (HEAD_BYTES - 1) + "ä").encode()[:HEAD_BYTES]
    assert as_it_is("a.txt", head).name == Kind.TEXT
    assert as_it_is("a.txt", head[-5:]).name == Kind.DATA


def test_expand_keeps_the_order_and_drops_repeats(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.txt", "a.txt", "[1].txt"):
        (tmp_path / name).write_text("x")
    found = paths.expand(["b.txt", "*.txt", "[1].txt"])
    assert [path.name for path in found] == ["b.txt", "[1].txt", "a.txt"]


@pytest.mark.parametrize("odd", ["x" * 5000, "a\0b", "**", "~nobody/x", ""])
def test_odd_words_are_no_files_and_break_nothing(odd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not paths.exists(odd) or odd == ""
    paths.neighbours(odd)


def test_an_unreadable_file_is_said_in_one_line(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("x")

    def refuse(*_args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnusableFile, match="Permission denied"):
        paths.inspect(path)


def test_a_link_that_goes_in_circles_is_said_in_one_line(tmp_path):
    path = tmp_path / "a.txt"
    path.symlink_to(path)
    with pytest.raises(UnusableFile, match="cannot be read"):
        paths.inspect(path)
