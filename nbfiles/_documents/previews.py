"""The beginning of a file that code made: read in the limited child, or here where it is a small text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbfiles._documents import reader_pool, text_previews
from nbfiles._documents.reader_table import DocumentError
from nbfiles.errors import UnusableFile
from nbfiles.records import CheckedImage, Preview

# Bytes of a table or a text that is read here: it takes less than a millisecond and a megabyte, whatever is in it.
SMALL_BYTES = 32_768

_OFFICE, _IMAGE, _PAGE = "office preview", "image preview", "web page preview"
_READERS = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".ods", ".xls", ".docx", ".pptx", ".parquet"), _OFFICE),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg"), _IMAGE),
    ".pdf": "PDF preview",
    **dict.fromkeys((".html", ".htm"), _PAGE),
    **dict.fromkeys(text_previews.BY_SUFFIX, "text preview"),
}


def read(path: Path) -> Preview:
    """Return the beginning of a file; what cannot be read has none, or says why."""
    reader = _READERS.get(path.suffix.lower())
    try:
        size = path.stat().st_size
        if not reader or not size:
            return Preview()
        if reader == "text preview" and size <= SMALL_BYTES:
            return text_previews.read(path)
        reply = reader_pool.read(reader, path)
    except (DocumentError, UnusableFile) as error:
        return Preview(notes=(str(error),))
    except OSError:
        return Preview()
    return _preview(reply.value, reply.data)


def _preview(fields: dict[str, Any], data: bytes) -> Preview:
    """Return what the child sent as a value."""
    picture = fields.pop("picture")
    for name in ("lines", "notes"):
        fields[name] = tuple(fields[name])
    fields["table"] = tuple(map(tuple, fields["table"]))
    if not picture:
        return Preview(**fields, drawing=data)
    mime_type, width, height = picture
    return Preview(**fields, picture=CheckedImage(mime_type, width, height, data))
