"""Just before a file is sent: what only a document's reader can tell, and text in place of what is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbfiles.documents import convert, preflight
from nbfiles.documents.pdf import DocumentError
from nbfiles.errors import UnusableFile
from nbfiles.filing import sources
from nbfiles.filing.sources import Source
from nbfiles.records import Kind

Place = Callable[[str, str], Path]  # key, file name → where to write


def prepared(source: Source, place: Place) -> Source:
    """Return what is to be sent of a source, with a note; raises UnusableFile for what Claude cannot read."""
    try:
        if source.converter:
            return _as_text(source, source.converter, place)
        if source.kind is Kind.PDF:
            return replace(source, note=preflight.pdf(source.path))
        if source.kind is Kind.IMAGE:
            return replace(source, note=preflight.image(source.path))
    except DocumentError as error:
        raise UnusableFile(str(error)) from None
    return source


def _as_text(source: Source, reader: str, place: Place) -> Source:
    text = place(f"text of {source.sha256}", f"{source.name}.txt")
    convert.to_text(source.path, reader, text)
    made = sources.look(text)
    return replace(made, name=text.name, note="read as text")
