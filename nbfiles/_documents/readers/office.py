"""The text of office files, books, mails, tables and notebooks, written to a file as UTF-8."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from nbfiles._documents.reader_table import BOOKS, MB, ReaderError
from nbfiles._documents.readers.books import epub
from nbfiles._documents.readers.docx_text import docx
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.mail import mail, msg
from nbfiles._documents.readers.notebooks import ipynb
from nbfiles._documents.readers.ooxml import one_line
from nbfiles._documents.readers.pptx_text import pptx
from nbfiles._documents.readers.rich_text import rtf
from nbfiles._documents.readers.workbooks import workbook

Reader = Callable[[Path, LeftOut], Iterator[str]]

TAGS = 2_000_000  # in the parts of an office file: a thousand pages and more, and a tree that fits
MEMBERS, UNPACKED_BYTES, RATIO = 2_000, 100_000_000, 100  # of a zip; honest office files stay far below
HARMLESS_BYTES = 10_000_000  # to which a file may unpack, however small it is
ROWS_AT_ONCE = 1000  # of a table, so that memory stays flat
SHEETS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")  # whose reader makes no tree
PIECE = 1 << 20
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
# Of entities, which bombs need and office files do not have; nor have those document types, which pages of books have.
ENTITIES = ["<!ENTITY".encode(coding) for coding in ENCODINGS]
DECLARATIONS = [*ENTITIES, *("<!DOCTYPE".encode(coding) for coding in ENCODINGS)]
LONGEST = max(map(len, DECLARATIONS)) - 1  # bytes of one that may stand at the end of a piece


def check_zip(path: Path) -> None:
    """Refuse what unpacks to far more than it is; zipfile itself never inflates more than a member says."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(path.stat().st_size, 1)
        if len(members) > MEMBERS:
            raise ReaderError(f"it has more than {MEMBERS:,} parts, which no office file has")
        if unpacked > UNPACKED_BYTES:
            raise ReaderError(f"it unpacks to more than {UNPACKED_BYTES // MB} MB")
        if unpacked > HARMLESS_BYTES and unpacked / packed > RATIO:
            raise ReaderError(f"it unpacks to more than {RATIO} times its size, which no office file does")
        parts = [member for member in members if member.filename.endswith((".xml", ".rels", ".opf"))]
        declarations = ENTITIES if path.suffix.lower() == ".epub" else DECLARATIONS
        tags = sum(_tags(archive, part, declarations) for part in parts)
    if tags > TAGS and path.suffix.lower() not in SHEETS:
        raise ReaderError("it has more paragraphs than a question can hold. Split it")


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo, declarations: list[bytes]) -> int:
    """Count the tags of a part, which must not define entities."""
    count, before = 0, b""
    with archive.open(part) as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            if any(declaration in before + piece for declaration in declarations):
                raise ReaderError("it defines XML entities, which no office program writes")
            count, before = count + piece.count(b"<"), piece[-LONGEST:]
    return count


def parquet(path: Path) -> Iterator[str]:
    """Yield the names of the columns, then row by row."""
    from pyarrow import parquet as library

    with library.ParquetFile(path, pre_buffer=False) as file:
        yield one_line(file.schema_arrow.names)
        for batch in file.iter_batches(ROWS_AT_ONCE, use_threads=False):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield one_line("" if cell is None else str(cell) for cell in row)


def _complete(reader: Callable[[Path], Iterator[str]]) -> Reader:
    """Return a reader of what is text as a whole."""
    return lambda path, _left_out: reader(path)


READERS: dict[str, Reader] = {
    "docx": docx,
    "pptx": pptx,
    "xlsx": workbook,
    "xls": workbook,
    "parquet": _complete(parquet),
    "epub": epub,
    "ipynb": ipynb,
    "mail": mail,
    "msg": msg,
    "rtf": rtf,
}
ZIPPED = {"docx", "pptx", "xlsx", "epub"}


def lines(source: Path, kind: str, left_out: LeftOut | None = None) -> Iterator[str]:
    """Yield the text of a file, and count what is left out of it; raises ReaderError for what is refused."""
    if kind in ZIPPED:
        check_zip(source)
    yield from READERS[kind](source, LeftOut() if left_out is None else left_out)


def write_text(source: Path, kind: str, target: str) -> str:
    """Write the text of a file, and return what to say of it."""
    written, left_out = 0, LeftOut()
    with Path(target).open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for part in lines(source, kind, left_out):
            written += out.write(part + "\n")
            if written > BOOKS:
                raise ReaderError(f"it has more than {BOOKS // MB} MB of text: more than a question holds")
    return "; ".join(filter(None, ("read as text", left_out.sentence())))
