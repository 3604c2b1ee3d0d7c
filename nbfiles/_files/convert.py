"""Just before a file is sent: what only a document's reader can tell, and text in place of what is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbfiles._documents import checks, convert
from nbfiles._documents.pdf import DocumentError, page_count
from nbfiles._files.sources import paths
from nbfiles._files.sources.paths import Source
from nbfiles.errors import UnusableFile
from nbfiles.records import FileRecord, Kind

Place = Callable[[str, str], Path]  # key, file name → where to write


def prepare(source: Source, place: Place) -> Source:
    """Return what is to be sent of a source, with a note; raises UnusableFile for what Claude cannot read."""
    try:
        if source.converter:
            return _as_text(source, source.converter, place)
        if source.kind is Kind.PDF:
            return replace(source, note=checks.pdf(source.path))
        if source.kind is Kind.IMAGE:
            return replace(source, note=checks.image(source.path))
    except DocumentError as error:
        raise UnusableFile(str(error)) from None
    return source


def _as_text(source: Source, reader: str, place: Place) -> Source:
    text = place(*_text_of(source))
    convert.to_text(source.path, reader, text)
    made = paths.look(text)
    return replace(made, name=text.name, note="read as text")


def _text_of(source: Source) -> tuple[str, str]:
    return f"text of {source.sha256}", f"{source.name}.txt"


def text_sent(record: FileRecord, place: Place) -> Path:
    """Return the text that was sent of a converted file, made anew where it is not here any more.

    Raises UnusableFile where the file cannot be read.
    """
    assert record.path is not None
    source = paths.look(record.path)
    if source.converter is None:
        source = paths.look(record.path, as_text=True)
    source = replace(source, sha256=record.sha256 or "")
    text = place(*_text_of(source))
    return text if text.is_file() else prepare(source, place).path


def source_facts(record: FileRecord) -> list[tuple[str, str]]:
    """Return what a look into the source tells: pages or pixels, and tokens, roughly."""
    facts: list[tuple[str, str]] = []
    if record.path and record.kind in (Kind.PDF, Kind.IMAGE):
        look = checks.pdf if record.kind is Kind.PDF else checks.image
        try:
            facts.append(("contains", look(record.path)))
        except DocumentError as error:
            return [("contains", str(error))]
    low, high = _tokens(record)
    tokens = f"about {low:,} tokens" if low == high else f"about {low:,} to {high:,} tokens"
    return [*facts, ("a question reads", tokens if high else "what code prints")]


def _tokens(record: FileRecord) -> tuple[int, int]:
    """Estimate tokens as the documentation of September 2026 does: by page, by pixels, by characters."""
    if record.kind is Kind.PDF and record.path:
        pages = page_count(record.path)
        return pages * 1500, pages * 3000
    if record.kind is Kind.TEXT:
        return record.size_bytes // 4, record.size_bytes // 2
    if record.kind is Kind.IMAGE and record.path:
        width, height = checks.pixels(record.path)
        scale = min(1.0, 2576 / max(width, height))
        count = int(width * scale / 28 + 1) * int(height * scale / 28 + 1)
        return count, count
    return 0, 0
