"""A copy of an encrypted PDF as the API takes it: without its protection, and otherwise the same."""

from __future__ import annotations

from pathlib import Path

from pypdfium2 import raw

from nbfiles._documents.readers.pdf import opened


def write_copy(source: Path, password: str, target: str) -> None:
    """Write a document to `target` without its encryption; raises PasswordNeeded where the password is another one."""
    with opened(source, password) as document:
        document.save(target, flags=raw.FPDF_REMOVE_SECURITY)
