"""The text of EPUB books: the chapters that the spine names, each in its own encoding."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree  # what would be a bomb is refused by check_zip

from nbfiles._documents.reader_table import ReaderError
from nbfiles._documents.readers.encodings import decode
from nbfiles._documents.readers.html import page_lines
from nbfiles._documents.readers.left_out import LeftOut

# In XHTML an element may be empty by a slash, which HTML does not see: `<title/>` would hold all of the page.
_EMPTY = re.compile(r"<(title|script|style|textarea|iframe|noscript|a|p|div|span|i|b|em|td|th|li)\b([^<>]*?)/>", re.I)
# Elements of MathML, whose words are read as those around them; apart, so that 10² is no 102.
_MATH = re.compile(
    r"</?(?:\w+:)?(?:math|m(?:[inos]|text|row|su[bp]|subsup|frac|sqrt|root|style|space|table|t[rd]|over|under|underover"
    r"|fenced|padded|phantom|enclose|multiscripts)|semantics|annotation(?:-xml)?)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_SUBSET = re.compile(
    r"<!DOCTYPE\b[^\[>]{0,500}\[[^\]]{0,5000}\]\s*>", re.I
)  # which HTML does not know: it would be text
_FACTS = ("title", "creator", "date", "publisher", "language", "description")  # of Dublin Core
_PICTURE = re.compile(r"<(?:img|image|svg:image)\b", re.I)


def epub(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield the chapters in the order in which they are read."""
    with zipfile.ZipFile(path) as archive:
        chapters = _chapters(archive, left_out)
        _check_readable(archive, chapters)
        yield from _facts(archive)
        for name in chapters:
            page = left_out.text_of(decode(archive.read(name)))
            left_out["image"] += len(_PICTURE.findall(page))
            yield from page_lines(_EMPTY.sub(r"<\1\2></\1>", _MATH.sub(" ", _SUBSET.sub("", page))))


def _facts(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield what a book says of itself: its title, who wrote it."""
    try:
        package = ElementTree.fromstring(archive.read(_package_path(archive)))
    except (KeyError, ElementTree.ParseError):
        return
    for name in _FACTS:
        texts = (
            " ".join("".join(node.itertext()).split()) for node in package.findall(f".//{{*}}metadata//{{*}}{name}")
        )
        if text := ", ".join(filter(None, texts)):
            yield f"{name.capitalize()}: {text}"


def _package_path(archive: zipfile.ZipFile) -> str:
    book = ElementTree.fromstring(archive.read("META-INF/container.xml")).find(".//{*}rootfile")
    return unquote(book.get("full-path", "")) if book is not None else ""


def _chapters(archive: zipfile.ZipFile, left_out: LeftOut) -> list[str]:
    """Return the members that the book's spine names, or all pages of a book without one; count what is missing."""
    members = archive.namelist()
    try:
        hrefs = _spine(archive)
    except (KeyError, ElementTree.ParseError):
        hrefs = []
    chapters = dict.fromkeys(name for name in hrefs if name in members)
    left_out["missing chapter"] += len(set(hrefs) - set(members))
    pages = [name for name in members if name.lower().endswith((".xhtml", ".html", ".htm"))]
    return list(chapters) or pages


def _spine(archive: zipfile.ZipFile) -> list[str]:
    """Return the members of the spine; an address may begin or end with what names no file: `ch%201.html#part`."""
    package_path = _package_path(archive)
    package = ElementTree.fromstring(archive.read(package_path))
    hrefs = {item.get("id"): item.get("href", "") for item in package.findall(".//{*}item")}
    folder, members = posixpath.dirname(package_path), set(archive.namelist())
    chapters: list[str] = []
    for reference in package.findall(".//{*}itemref"):
        href = hrefs.get(reference.get("idref"), "")
        ways = (unquote(href.partition("#")[0]), href.partition("#")[0], unquote(href), href)
        names = [posixpath.normpath(posixpath.join(folder, way)).lstrip("/") for way in ways]
        chapters += [next((name for name in names if name in members), names[0])]
    return chapters


def _check_readable(archive: zipfile.ZipFile, chapters: list[str]) -> None:
    """Refuse a book whose chapters are encrypted; fonts often are, and are not read."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    listed = ElementTree.fromstring(archive.read("META-INF/encryption.xml")).iter()
    names = {unquote(node.get("URI", "")) for node in listed}
    if names & set(chapters):
        raise ReaderError("its chapters are encrypted by the shop that sold it (DRM)")
