"""File names, both ways: what a file is called here, whatever it was called where it came from."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection
from itertools import count
from pathlib import Path

MAX_BYTES = 200  # of 255 on common file systems; leaves room for a number, a temporary suffix, a sync tool
MAX_SUFFIX_BYTES = 20  # a longer "extension" is a sentence after a full stop
UNNAMED = "unnamed"
MOST_LOCK_BYTES = 1024  # Word writes 162, LibreOffice less

# What separates folders, and what only looks as if it did: a name that shows as `a/b` is read as a path.
_SEPARATORS = re.compile("[/\\\\\u2044\u2215\u2216\u29f5\u29f8\u29f9\u2571\u2572\ufe68\uff0f\uff3c]")
_FORBIDDEN = re.compile('[<>:"|?*]')  # on Windows, and in the Files API
# Controls, formats (bidi, zero-width, tags), surrogates, line ends and private use; nothing to read in them.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Letters and marks by category, and yet nothing to see: fillers, joiners, variation selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufdd0-\ufdef\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
# Hidden, an option, a home folder, a variable: never as the first character.
_LEADING = re.compile(r"\A[\s.\-~$%]+")
_TRAILING = re.compile(r"[\s.]+\Z")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)


def is_lock(name: str, size_bytes: int) -> bool:
    """Return whether a small file is what office programs keep beside one that is open: `~$a.docx`, `.~lock.a.odt#`."""
    is_named = name.startswith("~$") or (name.startswith(".~lock.") and name.endswith("#"))
    return is_named and size_bytes <= MOST_LOCK_BYTES


def expanded(name: str | os.PathLike[str]) -> Path:
    """Return a path whose `~` stands for the home folder; `~x.txt` and what begins so is a name as it is."""
    path = Path(name)
    if path.parts[:1] != ("~",) and (len(path.parts) < 2 or os.path.lexists(path)):
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # nobody has this name
        return path


def safe_name(name: str) -> str:
    """Return a name that is one plain file in any folder of any system; a safe name comes back as it is."""
    while (safer := _safer(name)) != name:  # a cut can bare what the rules before it had dealt with
        name = safer
    return name


def key(name: str) -> str:
    """Return what two names share when people or file systems take them for the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)


def unique(name: str, names_in_use: Collection[str]) -> str:
    """Return the safe name, or `report-2.pdf`, `report-3.pdf` where others have it."""
    return free(name, {key(other) for other in names_in_use})


def free(name: str, keys: Collection[str]) -> str:
    """As `unique`, for who knows the `key`s of the names that are taken."""
    name = safe_name(name)
    if key(name) not in keys:
        return name
    stem, suffix = _split(name)
    numbered = (_fitted(stem, f"-{number}{suffix}") for number in count(2))
    return next(candidate for candidate in numbered if key(candidate) not in keys)


def _safer(name: str) -> str:
    parts = [part for part in _SEPARATORS.split(_visible(name)) if part]
    name = _FORBIDDEN.sub("_", parts[-1]) if parts else ""
    name = _TRAILING.sub("", _LEADING.sub("", name, count=1))
    if _DEVICE.match(name):
        name = f"_{name}"
    return _TRAILING.sub("", _fitted(*_split(name))) or UNNAMED


def _visible(name: str) -> str:
    """Return the name composed (NFC) and without characters that nobody sees."""
    visible = "".join(
        char for char in name if unicodedata.category(char) not in _UNSEEN and ord(char) & 0xFFFE != 0xFFFE
    )
    return unicodedata.normalize("NFC", _BLANK.sub("", visible))


def _split(name: str) -> tuple[str, str]:
    """Return the stem and the extension, which is empty where the last part is too long to be one."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix or len(suffix.encode()) >= MAX_SUFFIX_BYTES or " " in suffix:
        return name, ""
    return stem, dot + suffix


def _fitted(stem: str, suffix: str) -> str:
    """Return stem and suffix, the stem cut between characters to what fits."""
    room = MAX_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix
