"""Chapters of books are read in their order, whatever their addresses, encodings and document types."""

import zipfile

import pytest

from nbfiles._documents.convert import to_text
from nbfiles._documents.reader_table import DocumentError
from tests.books import CONTAINER, write_book

XHTML = "http://www.w3.org/1999/xhtml"


@pytest.fixture
def read(tmp_path):
    def text(chapters, hrefs=None, **more):
        """Chapters by name; `hrefs` are what the package names, in order."""
        hrefs = hrefs or list(chapters)
        items = "".join(f'<item id="c{n}" href="{href}"/>' for n, href in enumerate(hrefs))
        spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in enumerate(hrefs))
        package = f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{spine}</spine></package>'
        with zipfile.ZipFile(tmp_path / "a.epub", "w") as archive:
            archive.writestr("META-INF/container.xml", CONTAINER)
            archive.writestr("EPUB/package.opf", package)
            for name, data in {**chapters, **more}.items():
                archive.writestr(name if name in more else f"EPUB/{name}", data)
        note = to_text(tmp_path / "a.epub", "epub", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text().splitlines(), note

    return text


def test_addresses_with_fragments_and_blanks_name_chapters_once(read):
    chapters = {"ch 1.html": "<p>one", "two.html": "<p>two", "c%23.html": "<p>three"}
    lines, _ = read(chapters, ["ch%201.html", "two.html#x", "two.html#y", "c%23.html"])
    assert lines == ["one", "two", "three"]


@pytest.mark.parametrize("end", ["xml", "xhtml"])
def test_a_document_type_is_read_over(read, end):
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    body = "<head><title/></head><body><p>Nantucket</p></body>"
    page = f'<?xml version="1.0"?>\n{doctype}<html xmlns="{XHTML}">{body}</html>'
    assert read({f"one.{end}": page})[0] == ["Nantucket"]


def test_entities_are_refused_as_in_office_files(read):
    with pytest.raises(DocumentError, match="XML entities"):
        read({"one.xml": "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>"})


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?><p>Köln</p>'.encode("latin-1"),
        '<meta charset="windows-1252"><p>Köln'.encode("cp1252"),
        "\ufeff<p>Köln".encode("utf-16-le"),
        '<?xml version="1.0" encoding="nonsense"?><p>Köln'.encode(),
        "<p>Köln".encode(),
    ],
)
def test_a_chapter_is_read_in_the_encoding_that_it_declares(read, data):
    assert read({"one.xhtml": data})[0] == ["Köln"]


def test_what_a_chapter_does_not_say_is_guessed_and_counted(read):
    text = "Die Prüfung über Köln läuft, die Umsätze sind größer."
    lines, note = read({"one.xhtml": f"<p>{text}".encode("cp1252"), "two.xhtml": "<p>äöüÄÖÜ".encode() + b"\xff"})
    assert (lines, note) == ([text, "äöüÄÖÜ�"], "read as text; Windows-1252 is a guess; 1 character not read")


def test_images_are_counted_and_encrypted_chapters_refused(read):
    chapter = {"one.xhtml": "<p>one<img src='x.png'/></p>"}
    assert read(chapter)[1] == "read as text; 1 image not read"
    listed = "<encryption><CipherReference URI='EPUB/{}'/></encryption>"
    assert read(chapter, **{"META-INF/encryption.xml": listed.format("font.otf")})[0] == ["one"]
    with pytest.raises(DocumentError, match="encrypted by the shop"):
        read(chapter, **{"META-INF/encryption.xml": listed.format("one.xhtml")})


def test_a_book_says_its_title_and_authors_first(tmp_path):
    write_book(tmp_path / "a.epub", "Call me Ishmael.")
    facts = "<dc:title>Moby Dick</dc:title><dc:creator>Herman</dc:creator><dc:creator>Melville</dc:creator>"
    with zipfile.ZipFile(tmp_path / "a.epub") as plain, zipfile.ZipFile(tmp_path / "b.epub", "w") as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name).replace(b"<dc:identifier", facts.encode() + b"<dc:identifier"))
    to_text(tmp_path / "b.epub", "epub", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text().splitlines() == [
        "Title: Moby Dick",
        "Creator: Herman, Melville",
        "Call me Ishmael.",
    ]


def test_the_words_of_an_equation_are_read(read):
    math = "<math><mi>x</mi><mo>=</mo><msup><mn>10</mn><mn>2</mn></msup></math>"
    assert read({"one.xhtml": f"<p>So {math} it is</p>"})[0] == ["So x = 10 2 it is"]


def test_chapters_that_are_missing_are_counted_and_drawings_read(read):
    chapters = {"one.xhtml": "<p>one", "two.svg": "<svg><text>a drawing</text></svg>"}
    lines, note = read(chapters, ["one.xhtml", "gone.xhtml", "two.svg"])
    assert lines == ["one", "a drawing"]
    assert note == "read as text; 1 missing chapter not read"


def test_entities_of_a_page_are_no_text(read):
    page = '<!DOCTYPE html [<!ENTITY nbsp "&#160;">\n<!ENTITY x "y">]><p>ten&nbsp;mm'
    assert read({"one.xhtml": page})[0] == ["ten mm"]


def test_the_alternative_of_a_picture_is_read(read):
    assert read({"one.xhtml": "<p>See <img src='x.png' alt='a whaling ship'/> there"})[0] == [
        "See [image: a whaling ship] there"
    ]
