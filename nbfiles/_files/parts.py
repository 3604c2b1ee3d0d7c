"""Pages of a PDF as a file of their own: `report.pdf[3-20]` is made when it is sent, and knows its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nbfiles import page_ranges
from nbfiles._documents import checks, pdf_parts
from nbfiles._documents.pdf import DocumentError
from nbfiles._files.sources.paths import Source, inspect
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles.errors import FileErrors, NbfilesError, UnusableFile
from nbfiles.limits import PAGES
from nbfiles.records import FileRecord, Kind

PathFor = Callable[[str, str], Path]  # key, file name → where to write


def part_of(source: Source, pages: str, name: str = "") -> Source:
    """Return what is to be sent of a PDF, whose `name` here may be another; raises UnusableFile for other pages."""
    name = name or source.name
    if source.kind != Kind.PDF:
        raise UnusableFile(f"“{name}” is no PDF, so it has no pages to choose. Take all of it: {name}")
    try:
        count = pdf_parts.count(source.path)
    except DocumentError as error:
        raise UnusableFile(str(error)) from None
    ranges = page_ranges.parse(pages, count, name)
    written = page_ranges.written(ranges)
    chosen, part = len(page_ranges.numbers(written)), f"{name}[{written}]"
    if chosen > PAGES:
        raise UnusableFile(page_ranges.too_many(part, chosen, PAGES, of=(name, ranges)))
    return replace(source, name=part, pages=written)


def written(source: Source, path_for: PathFor) -> Source:
    """Return the PDF that holds only the pages of a source, with a note; raises DocumentError."""
    target = path_for(f"pages {source.pages} of {source.sha256}", source.name)
    pdf_parts.write(source.path, page_ranges.numbers(source.pages), target)
    made = inspect(target)
    return replace(made, name=source.name, kind=source.kind, mime_type=source.mime_type, note=checks.pdf(target))


def unsent(sources: Sequence[ResolvedSource], failed: FileErrors | None = None) -> list[FileRecord]:
    """Return records of parts that are not uploaded yet; what is wrong is put into `failed`, or raised.

    How large a part is, is known when it is made: it counts as its share of the pages.
    """
    records: list[FileRecord] = []
    for one in sources:
        try:
            if one.error:
                raise one.error
            whole = inspect(one.path)
            part = part_of(whole, one.pages or "", one.name)
        except NbfilesError as error:
            if failed is None:
                raise
            failed[one.path] = one.name or one.path.name, error
            continue
        size = whole.size_bytes * len(page_ranges.numbers(part.pages)) // pdf_parts.count(one.path)
        records.append(
            FileRecord(
                part.name,
                f"new {part.name}",
                part.kind,
                part.mime_type,
                size,
                datetime.now(UTC),
                path=part.path,
                pages=part.pages,
            )
        )
    return records
