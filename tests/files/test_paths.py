"""What may be uploaded, and as what."""

import os

import pytest

from nbfiles._files.file_kinds import HEAD_BYTES, as_it_is
from nbfiles._files.sources import folders, paths
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


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
GERMAN = "Die Prüfung über Köln läuft.\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("about.md", b"A file starts with %PDF-1.7 and ends with %%EOF.\n", (Kind.TEXT, None)),
        ("first.md", b"%PDF-1.7 is how one begins.\n", (Kind.TEXT, None)),
        ("make.py", b'def header():\n    return b"%PDF-1.4\\n1 0 obj"\n', (Kind.TEXT, None)),
        ("gbk.txt", "%PDF-1.7 是文件的开头。\n".encode("gbk"), (Kind.TEXT, "plain")),
        ("real.txt", PDF, (Kind.PDF, None)),
        ("mail.bin", b"HTTP/1.1 200 OK\r\n\r\n" + PDF + b"\0\1", (Kind.PDF, None)),
        ("holds.zip", b"PK\x03\x04\0\0a.pdf" + PDF, (Kind.DATA, None)),
        ("formats.txt", b"GIF89a is the name of a format.\n", (Kind.TEXT, None)),
        ("par.txt", b"PAR1 is how Parquet begins.\n", (Kind.TEXT, None)),
        ("control.txt", b"\x01" * 200_000, (Kind.DATA, None)),
        ("bell.txt", b"\x07" * 200_000, (Kind.DATA, None)),
        ("random.bin", bytes(range(1, 256)) * 20, (Kind.DATA, None)),
        ("fields.log", b"8=FIX.4.2\x0135=D\x0149=ABC\x01" * 50, (Kind.TEXT, None)),
        ("LICENSE", "© 2004 Müller\n".encode("cp1252"), (Kind.TEXT, "plain")),
        ("film.srt", GERMAN.encode("cp1252"), (Kind.TEXT, "plain")),
        ("dump.sql", "-- 会議は来週\nSELECT 1;\n".encode("shift_jis"), (Kind.TEXT, "plain")),
        ("wide.py", GERMAN.encode("utf-16-le"), (Kind.TEXT, "plain")),
        ("wide32", GERMAN.encode("utf-32"), (Kind.TEXT, "plain")),
        ("table.csv", "größe,1\n".encode("cp1252"), (Kind.DATA, None)),
        ("late.txt", b"plain words\n" * 10_000 + GERMAN.encode("cp1252"), (Kind.TEXT, "plain")),
        ("cut.txt", b"plain words\n" * 10_000 + "ü".encode()[:1], (Kind.TEXT, "plain")),
        ("self-extracting.sh", b"#!/bin/sh\n" * 10_000 + bytes(range(256)) * 100, (Kind.DATA, None)),
        ("page.html", GERMAN.encode("cp1252"), (Kind.TEXT, "html")),
        ("bom.html", b"\xef\xbb\xbf<!DOCTYPE html><p>x", (Kind.TEXT, "html")),
        ("saved", "<!-- saved --><!DOCTYPE html><p>größer".encode("utf-16"), (Kind.TEXT, "html")),
        ("xml.txt", b"<?xml version='1.0'?>\n<html><p>x", (Kind.TEXT, "html")),
    ],
)
def test_content_decides_what_is_a_text_and_what_reads_it(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    source = paths.inspect(tmp_path / name)
    assert (source.kind, source.converter) == expected


OLD = b"\xd0\xcf\x11\xe0" + bytes(600)


@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("a.doc", OLD, "an old Word file. Save it as .docx to have it read"),
        ("a.ppt", OLD, "an old PowerPoint file. Save it as .pptx to have it read"),
        ("a.xls", OLD, ""),
        ("a.odt", b"PK\x03\x04" + bytes(60), "an OpenDocument text. Save it as .docx to have it read"),
        ("a.zip", b"PK\x03\x04" + bytes(60), "an archive. Unpack it, and upload the files to have it read"),
        ("a.xlsx", b"PK\x03\x04" + bytes(60), ""),
        ("a.mp4", b"\0\0\0\x20ftypisom" + bytes(60), "an audio or video file. Transcribe it"),
        ("a.wav", b"RIFF\0\0\0\0WAVE" + bytes(60), "an audio or video file."),
        ("a.bin", bytes(60), ""),
        ("zeal.txt", b"MZ is how it begins.\n", ""),
    ],
)
def test_a_file_that_nothing_reads_says_what_to_do(tmp_path, name, content, note):
    (tmp_path / name).write_bytes(content)
    source = paths.inspect(tmp_path / name)
    assert source.note.startswith(note)
    assert bool(source.note) == bool(note)


@pytest.mark.parametrize("name", ["a.docx", "a.docm", "a.pptx", "a.xlsx", "a.xlsm", "a.xlsb"])
def test_an_office_file_with_a_password_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(OLD)
    with pytest.raises(UnusableFile, match=r"is encrypted\. Save it without a password first"):
        paths.inspect(tmp_path / name)


LOCKS = ("~$report.docx", ".~lock.report.odt#")


def test_the_marks_of_open_files_are_left_out_of_folders_and_globs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (*LOCKS, "report.docx", "~$tables.docx"):
        (tmp_path / name).write_bytes(b"\x05Anna" * 30)
    (tmp_path / "~$tables.docx").write_bytes(bytes(2_000))  # no mark: it has contents
    assert [path.name for path in paths.expand(["*.docx"])] == ["report.docx", "~$tables.docx"]
    assert [path.name for path in folders.files_in(tmp_path, hidden=True)] == ["report.docx", "~$tables.docx"]


@pytest.mark.parametrize("name", LOCKS)
def test_the_mark_of_an_open_file_is_refused_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x05Anna" * 30)
    with pytest.raises(UnusableFile, match="is a lock file"):
        paths.inspect(tmp_path / name)


def test_a_tilde_is_part_of_a_name_unless_it_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "~work").mkdir()
    for name in ("~x.txt", "~work/y.txt", "home/z.txt"):
        (tmp_path / name).write_text("x")
    assert paths.exists("~x.txt")
    found = paths.expand(["~x.txt", "~work/y.txt", "~/z.txt", "~x*"])
    assert [path.name for path in found] == ["~x.txt", "y.txt", "z.txt"]
    assert not paths.exists("~nobody-has-this-name/x")


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
