"""Just before a file is sent: what only its reader can tell, and the text of what Claude cannot read as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbfiles import page_ranges
from nbfiles._documents import checks, convert
from nbfiles._documents.pdf import DocumentError
from nbfiles._documents.reader_table import PasswordNeeded
from nbfiles._files import file_kinds, parts
from nbfiles._files.file_tokens import Counting
from nbfiles._files.sources import paths
from nbfiles._files.sources.paths import Source
from nbfiles.errors import LockedFile, UnusableFile
from nbfiles.records import FileRecord, Kind

PIECE_BYTES = 1 << 20
_FIRST_BYTES = bytes({*range(256)} - {*range(0x80, 0xC0)})  # of letters in UTF-8

PathFor = Callable[[str, str], Path]  # key, file name → where to write


def prepare(source: Source, path_for: PathFor, password: str = "") -> Source:
    """Return what is to be sent of a source, with a note; raises UnusableFile for what Claude cannot read."""
    ready = _ready(source, path_for, password)
    return replace(ready, characters=_characters(ready.path)) if ready.mime_type == "text/plain" else ready


def _characters(path: Path) -> int:
    """Return how many characters a text in UTF-8 has: all its bytes, but those that go on with a letter."""
    count = 0
    with paths.opened(path) as handle:
        while piece := handle.read(PIECE_BYTES):
            count += len(piece) - len(piece.translate(None, _FIRST_BYTES))
    return count


def _ready(source: Source, path_for: PathFor, password: str) -> Source:
    try:
        if source.pages:
            return parts.written(source, path_for)
        if source.kind == Kind.PDF:
            return _as_open_pdf(source, path_for, password)
        if source.kind == Kind.IMAGE:
            return _as_image(source, path_for)
        if source.converter:
            return _as_text(source, source.converter, path_for)
        if check := file_kinds.named(source.kind).check:
            return replace(source, note=check(source.path))
    except PasswordNeeded as error:
        wrong = f"“{source.name}” was not sent: its password is not the right one."
        raise LockedFile(wrong if password else str(error)) from None
    except DocumentError as error:
        raise UnusableFile(str(error)) from None
    return source


def _as_open_pdf(source: Source, path_for: PathFor, password: str) -> Source:
    """Return a PDF, or of an encrypted one a copy without its encryption, as the API refuses those."""
    note = "" if password else checks.pdf(source.path)
    if not password and checks.ENCRYPTED not in note:
        return replace(source, note=note)
    copy = path_for(*_open_copy(source.sha256 or str(source.path), source.name))
    checks.unlocked_pdf(source.path, copy, password)
    note = note or checks.pdf(copy)
    return replace(paths.inspect(copy), name=source.name, note=f"{note}, sent as a copy without its encryption")


def _open_copy(key: str, name: str) -> tuple[str, str]:
    return f"open copy of {key}", name


def _as_text(source: Source, reader: str, path_for: PathFor) -> Source:
    text = path_for(*_text_file(source))
    note = convert.to_text(source.path, reader, text)
    converted = paths.inspect(text)
    return replace(converted, name=text.name, note=note)


def _as_image(source: Source, path_for: PathFor) -> Source:
    """Return an image in a format, depth and orientation that the API takes; most are sent as they are."""
    if source.longest_side:
        return _smaller(source, path_for)
    target = path_for(f"converted image of {source.sha256 or source.path}", f"{source.name}.png")
    kind, note = checks.fit_image(source.path, target)
    if not kind:
        return replace(source, note=", ".join(filter(None, (checks.image(source.path), note))))
    made = paths.inspect(target)
    name = target.name if kind == "PNG" and not source.name.lower().endswith(".png") else source.name
    return replace(made, name=name, note=note)


def _smaller(source: Source, path_for: PathFor) -> Source:
    target = path_for(f"{source.longest_side} pixels of {source.sha256 or source.path}", source.name)
    size = checks.smaller_image(source.path, target, source.longest_side)
    return replace(paths.inspect(target), name=source.name, note=f"smaller copy, {size}")


def _text_file(source: Source) -> tuple[str, str]:
    return f"text of {source.sha256}", f"{source.name}.txt"


def text_sent(record: FileRecord, path_for: PathFor) -> Path:
    """Return the text that was sent of a converted file, made anew where it is not here any more.

    Of an encrypted PDF it is the copy without encryption, where it is here, else the file itself. Raises UnusableFile
    where the file cannot be read.
    """
    if not record.converted:
        assert record.path
        copy = path_for(*_open_copy(record.sha256 or str(record.path), record.name))
        return copy if copy.is_file() else record.path
    source = _source_of_text(record)
    text = path_for(*_text_file(source))
    return text if text.is_file() else prepare(source, path_for).path


def _source_of_text(record: FileRecord) -> Source:
    """Return the file that text was made of."""
    assert record.path is not None
    source = paths.inspect(record.path)
    if source.converter is None:
        source = paths.inspect(record.path, as_text=True)
    return replace(source, sha256=record.sha256 or "")


def source_facts(record: FileRecord, path_for: PathFor, counting: Counting) -> list[tuple[str, str]]:
    """Return what a look into the source tells: pages or pixels, what is left out, and tokens, roughly."""
    row = file_kinds.of_record(record)
    if record.path and record.pages:
        return [*_part(record, path_for), ("tokens per question", str(file_kinds.tokens(record, counting)))]
    label = "contents" if record.converted else "contains"
    facts = [(label, note)] if record.path and (note := _contents(record, path_for)) else []
    tokens = str(file_kinds.tokens(record, counting))
    printed = ", and what the code prints" if row.block == file_kinds.CODE else ""
    return [*facts, ("tokens per question", f"{tokens}{printed}")]


def _part(record: FileRecord, path_for: PathFor) -> list[tuple[str, str]]:
    """Return which pages of a PDF a record is, and what its part contains."""
    assert record.path is not None
    source = replace(paths.inspect(record.path), name=record.name, pages=record.pages, sha256=record.sha256 or "")
    facts = [("part", f"{page_ranges.in_words(record.pages)} of “{record.path.name}”")]
    try:
        return [*facts, ("contains", parts.written(source, path_for).note)]
    except DocumentError as error:
        return [*facts, ("contains", str(error))]


def _contents(record: FileRecord, path_for: PathFor) -> str:
    """Return what was said when the file was uploaded; it is read once more, as only its reader knows it."""
    assert record.path is not None
    try:
        source = _source_of_text(record) if record.converted else paths.inspect(record.path)
        return prepare(source, path_for).note
    except UnusableFile as error:
        return str(error)
