"""What would go wrong with a file in a question, found out in the limited child and for nothing."""

from __future__ import annotations

from pathlib import Path

from nbfiles import limits
from nbfiles._documents import reader_pool

ENCRYPTED = "encrypted, though it opens without a password"
TOO_LARGE = "{}, more than the API reads: questions get a smaller copy"


def pdf(path: Path) -> str:
    """Return what to know about a PDF before asking; raises DocumentError for one that cannot be read."""
    return str(reader_pool.read("PDF check", path).value)


def unlocked_pdf(path: Path, target: Path, password: str = "") -> None:
    """Write a copy of an encrypted PDF without its encryption; raises PasswordNeeded where the password is wrong."""
    reader_pool.read("PDF copy", path, password=password, target=str(target.absolute()))


def image(path: Path) -> str:
    """Return the size of an image, and whether questions get it so; raises DocumentError for what is none."""
    width, height = pixels(path)
    size = f"{width:,} × {height:,} pixels"
    if max(width, height) > limits.SIDE:
        return TOO_LARGE.format(size)
    megabytes = path.stat().st_size / 1e6
    return TOO_LARGE.format(f"{size}, {megabytes:.1f} MB") if megabytes * 1e6 > limits.IMAGE_BYTES else size


def fit_image(path: Path, target: Path) -> tuple[str, str]:
    """Write an image to `target` as the API takes it, unless the file is one already.

    Returns the format that it has now, or "" where it was not written, and what to say of it. Raises DocumentError
    for one that is broken or cut off, or whose reader is missing.
    """
    kind, note = reader_pool.read("fitted image", path, target=str(target.absolute())).value
    return str(kind), str(note)


def smaller_image(path: Path, target: Path, side: int) -> str:
    """Write a copy of an image with at most `side` pixels a side, and return its size; raises DocumentError."""
    _, width, height = reader_pool.read("smaller image", path, target=str(target.absolute()), side=side).value
    return f"{width:,} × {height:,} pixels"


def pixels(path: Path) -> tuple[int, int]:
    """Return width and height of an image, from its header; raises DocumentError for what is none."""
    _, width, height = image_header(path)
    return width, height


def image_header(source: Path | bytes) -> tuple[str, int, int]:
    """Return the format (`PNG`), width and height in pixels of an image; raises DocumentError for what is none."""
    kind, width, height = reader_pool.read("image size", source).value
    return str(kind), int(width), int(height)
