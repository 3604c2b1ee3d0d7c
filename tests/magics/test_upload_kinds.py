"""One real file of each kind: how it is read, and what a person is told."""

import docx
import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pptx
import pytest
from PIL import Image

from nbfiles import current_session, errors
from tests.books import write_book
from tests.sessions import new_session


@pytest.fixture
def files(tmp_path):
    document = docx.Document()
    document.add_paragraph("The launch is on Friday.")
    document.save(str(tmp_path / "plan.docx"))
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "The launch is on Friday."
    deck.save(str(tmp_path / "deck.pptx"))
    write_book(tmp_path / "novel.epub", "The launch is on Friday.", "Nobody came.")
    book = openpyxl.Workbook()
    book.active.append(["x", 1])
    book.save(tmp_path / "book.xlsx")
    note = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("The launch is on Friday.")])
    nbformat.write(note, tmp_path / "notes.ipynb")
    (tmp_path / "page.html").write_text("<p>The launch is on Friday.")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    np.save(tmp_path / "a.npy", np.arange(3))
    for name in ("a.gif", "a.webp", "a.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    (tmp_path / "code.py").write_text("x = 1\n")
    (tmp_path / "readme.md").write_text("# Launch\n")
    (tmp_path / "data.json").write_text("{}\n")
    (tmp_path / "data.jsonl").write_text("{}\n{}\n")
    (tmp_path / "data.tsv").write_text("a\tb\n1\t2\n")
    (tmp_path / "model.bin").write_bytes(bytes(range(256)))
    (tmp_path / "really.txt").write_bytes((tmp_path / "bzip2-manual.pdf").read_bytes())


@pytest.mark.parametrize(
    ("name", "kind", "mime_type", "converted"),
    [
        ("bzip2-manual.pdf", "PDF", "application/pdf", False),
        ("really.txt", "PDF", "application/pdf", False),
        ("plan.docx", "text", "text/plain", True),
        ("deck.pptx", "text", "text/plain", True),
        ("novel.epub", "text", "text/plain", True),
        ("notes.ipynb", "text", "text/plain", True),
        ("page.html", "text", "text/plain", True),
        ("code.py", "text", "text/plain", False),
        ("penguins.csv", "data", "text/plain", False),
        ("readme.md", "text", "text/plain", False),
        ("data.tsv", "data", "text/plain", False),
        ("data.json", "data", "text/plain", False),
        ("data.jsonl", "data", "text/plain", False),
        ("model.bin", "data", "application/octet-stream", False),
        ("book.xlsx", "data", "application/octet-stream", False),
        ("a.parquet", "data", "application/octet-stream", False),
        ("a.npy", "data", "application/octet-stream", False),
        ("flower.jpg", "image", "image/jpeg", False),
        ("a.png", "image", "image/png", False),
        ("a.gif", "image", "image/gif", False),
        ("a.webp", "image", "image/webp", False),
    ],
)
def test_every_kind_is_uploaded_as_what_it_is(shell, files, name, kind, mime_type, converted):
    record = shell.run(f"%upload {name}")[0]
    assert (record.name, record.kind, record.mime_type, record.converted) == (
        name,
        kind,
        mime_type,
        converted,
    )


@pytest.mark.parametrize("name", ["plan.docx", "deck.pptx", "novel.epub", "notes.ipynb", "page.html"])
def test_what_became_text_can_be_asked_about(shell, files, name):
    answer = shell.run(f"%ask_file {name} when is the launch?")
    assert "Friday" in answer.text
    assert answer.citations[0].file == name


def test_a_text_is_made_once(shell, files, monkeypatch):
    first = shell.run("%upload plan.docx")[0]
    assert "read as text" in shell.shown
    current_session().close()
    new_session(monkeypatch)
    monkeypatch.setattr("nbfiles._documents.convert.to_text", None)
    assert shell.run("%upload plan.docx")[0].file_id == first.file_id


def test_a_guessed_encoding_is_named_and_its_words_are_found(shell, tmp_path):
    (tmp_path / "notes.txt").write_bytes("会议在上海举行。The meeting is in Shanghai.\n".encode("gbk"))
    shell.run("%upload notes.txt")
    assert "uploaded: read as GBK, a guess" in shell.shown
    answer = shell.run("%ask_file notes.txt where is the meeting?")
    assert "会议在上海举行" in answer.text
    assert answer.citations[0].evidence.startswith("quote found")


def test_a_picture_that_the_api_does_not_take_is_converted_once(shell, tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "scan.tif")
    (record,) = shell.run("%upload scan.tif")
    assert "uploaded: TIFF converted to PNG, 30 × 20 pixels" in shell.shown
    assert (record.name, record.kind, record.mime_type) == ("scan.tif", "image", "image/png")
    assert "PNG, 30 × 20 pixels" in shell.run("%ask_file scan.tif what is it?").text
    assert shell.run("%upload scan.tif")[0].file_id == record.file_id
    assert "converted from the file" in str(shell.run("%files info scan.tif"))


def test_a_turned_photo_is_sent_upright(shell, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "photo.jpg", exif=exif)
    shell.run("%upload photo.jpg")
    assert "rotated upright, 20 × 30 pixels" in shell.shown
    assert "JPEG, 20 × 30 pixels" in shell.run("%ask_file photo.jpg what is it?").text


def test_the_pages_of_a_pdf_are_said(shell):
    shell.run("%upload bzip2-manual.pdf")
    assert "uploaded: 38 pages" in shell.shown


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("broken.pdf", b"%PDF-1.7 nothing", "not a readable PDF"),
        ("half.png", b"\x89PNG\r\n\x1a\n", "not a readable image"),
        ("locked.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted"),
        ("broken.docx", b"PK\x03\x04" + bytes(600), "broken"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_and_not_sent(shell, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(errors.UnusableFile, match=words) as caught:
        shell.run(f"%upload {name}")
    assert len(caught.value._render_traceback_()) == 1
    assert list(current_session().connection.client.pages()) == [[]]


def test_a_pdf_that_no_question_takes_is_refused_once_and_not_sent(shell, tmp_path):
    with pikepdf.new() as document:
        for _ in range(601):
            document.add_blank_page()
        document.save(tmp_path / "long.pdf")
    with pytest.raises(errors.UnusableFile, match="has 601 pages, and a question takes at most 600"):
        shell.run("%upload long.pdf")
    assert "Ask about it" not in shell.shown
    assert list(current_session().connection.client.pages()) == [[]]


def lock(path, **passwords):
    with pikepdf.open(path.with_name("bzip2-manual.pdf")) as document:
        document.save(path, encryption=pikepdf.Encryption(R=6, **passwords))


def test_a_pdf_with_a_password_is_refused_and_not_sent(shell, tmp_path):
    lock(tmp_path / "locked.pdf", owner="o", user="u")
    with pytest.raises(errors.UnusableFile, match="encrypted; save it without a password") as caught:
        shell.run("%upload locked.pdf")
    assert len(caught.value._render_traceback_()) == 1
    assert list(current_session().connection.client.pages()) == [[]]


def test_of_a_pdf_that_only_its_owner_may_change_an_open_copy_is_sent(shell, tmp_path):
    lock(tmp_path / "owned.pdf", owner="o", user="")
    answer = shell.run("%%ask_file owned.pdf\nWho wrote bzip2?")
    assert "38 pages" in shell.shown
    assert "sent as a copy without its encryption" in shell.shown
    assert {citation.evidence for citation in answer.citations} == {"quote found"}


def typed(monkeypatch, *passwords):
    """As a kernel does, put another function in place of the one that asks a terminal; return what it asked."""
    asked, left = [], list(passwords)

    def ask(prompt):
        asked.append(prompt)
        return left.pop(0)

    monkeypatch.setattr("getpass.getpass", ask)
    return asked


def test_the_password_of_a_pdf_is_asked_for_and_kept_nowhere(shell, tmp_path, monkeypatch):
    lock(tmp_path / "locked.pdf", owner="o", user="Xanadu-77")
    asked = typed(monkeypatch, "Xanadu-77")
    shell.run("%upload locked.pdf")
    assert asked == ["Password of “locked.pdf”: "]
    assert "sent as a copy without its encryption" in shell.shown
    assert "Xanadu" not in shell.shown
    (sent,) = [file for page in current_session().connection.client.pages() for file in page]
    assert sent.filename == "locked.pdf"
    answer = shell.run("%%ask_file locked.pdf\nWho wrote bzip2?")
    assert "Seward" in answer.text
    assert {citation.evidence for citation in answer.citations} == {"quote found"}
    assert len(asked) == 1


@pytest.mark.parametrize(("password", "message"), [("wrong", "password is not the right one"), ("", "is encrypted")])
def test_with_another_password_a_pdf_is_refused(shell, tmp_path, monkeypatch, password, message):
    lock(tmp_path / "locked.pdf", owner="o", user="u")
    asked = typed(monkeypatch, password)
    with pytest.raises(errors.LockedFile, match=message):
        shell.run("%upload locked.pdf")
    assert len(asked) == 1
    assert list(current_session().connection.client.pages()) == [[]]


def test_an_unclosed_quote_in_a_table_is_uploaded_as_it_is(shell, tmp_path):
    (tmp_path / "odd.csv").write_text('a,b\n"1,2\n' * 30_000)
    assert shell.run("%upload odd.csv")[0].kind == "data"


@pytest.mark.parametrize("name", ["x" * 250 + ".txt", "\u202efdp.exe.txt", "a\udcffb.txt", "UPPER.txt"])
def test_odd_names_are_made_safe(shell, tmp_path, name):
    (tmp_path / name).write_text("x")
    (tmp_path / "upper.txt").write_text("y")
    records = shell.run("%upload *.txt")
    names = [record.name for record in records]
    assert len({name.casefold() for name in names}) == len(names) == 2
    assert all(name.encode() and len(name) <= 200 and name.isprintable() for name in names)
