"""Sizes, ages, paths and money as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from nbfiles.records import FileRecord, RemoteFile


def size(count: int) -> str:
    """Return bytes in decimal units, as file managers and the API's limits count: `183.8 KB`."""
    if count < 0:
        return "unknown size"
    if count < 1000:
        return f"{count} bytes" if count != 1 else "1 byte"
    for unit, factor in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if count < 999.95 * factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 1e12:.1f} TB"


def ago(moment: datetime) -> str:
    """Return how long ago a moment was: `just now`, `5 min ago`, `3 days ago`."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return "just now" if seconds < 60 else f"{span(seconds)} ago"


def until(moment: datetime | None) -> str:
    """Return how long something lasts: `never ends`, `in 3 days`, `expired`."""
    if moment is None:
        return "never"
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return "expired" if seconds <= 0 else f"in {span(seconds)}"


def expiry(file: FileRecord | RemoteFile) -> str:
    """Return how long a file lasts, as `until`, with a word when that is not long."""
    return until(file.expires_at) + (", soon" if file.ends_soon else "")


def span(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    for unit, length in (("day", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{seconds:.0f} s"


def files(count: int) -> str:
    """Return `1 file`, `1,200 files`."""
    return f"{count:,} file{'s' if count != 1 else ''}"


def money(cost: float | None) -> str:
    """Return dollars with as many digits as a small sum needs, or `cost unknown`."""
    if cost is None:
        return "cost unknown"
    return f"${cost:.2f}" if cost >= 1 or cost == 0 else f"${cost:.4f}"


def relative_path(path: Path) -> str:
    """Return a path as one would type it here; of one in another folder, only its name."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.name
