"""Values in running text: what stands behind a label, numbers, dates, addresses."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from contextlib import suppress

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")
_NUMBER = re.compile(r"(?<![\w.,])[-−+]?\d[\d.,'’\u00a0\u202f]*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = r"(?:{})[a-zäéû]*".format("|".join([*_MONTHS, "mär", "mai", "okt", "dez", "fév", "avr", "aoû"]))
_ALSO_MONTHS = {"mär": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "avr": 4, "aoû": 8}
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})\b"),
    re.compile(r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})\b"),
    re.compile(rf"\b(?P<d>\d{{1,2}})\.?\s+(?P<name>{_MONTH_NAMES})\.?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<name>{_MONTH_NAMES})\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
)
_PATTERNS = {
    # It begins where its characters do: from within a long word without an @, each start would go to its end.
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "uri": re.compile(r"https?://[^\s<>\"')\]]+"),
    "ipv4": re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"),
    "uuid": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE),
}
# What stands where a schema wants a format and the text has nothing: valid, and plainly nobody's.
NOTHING = {
    "date": "1970-01-01",
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "email": "unknown@example.invalid",
    "hostname": "example.invalid",
    "uri": "https://example.invalid/",
    "ipv4": "0.0.0.0",
    "ipv6": "::",
    "uuid": "00000000-0000-0000-0000-000000000000",
}


def words_of(name: str) -> list[str]:
    """Return the words of a property's name: `dueDate` and `due_date` are due, date."""
    return [part.lower() for part in _CAMEL.split(name) if part]


def labelled(name: str, texts: Sequence[str]) -> str | None:
    """Return what stands on a line behind `name:`, as on forms and invoices."""
    label = r"[\s_-]*".join(map(re.escape, words_of(name)))
    if not label or not texts:
        return None  # a pattern that is not needed takes longer to make than the rest
    line = re.compile(rf"(?:^|[\s(|*]){label}\b\**\s?[:=]\**[ \t]*(\S[^\n]*)", re.IGNORECASE)
    matches = (line.search(text) for text in texts)
    return next((match[1].strip() for match in matches if match), None)


def number_after(name: str, texts: Sequence[str]) -> str | None:
    """Return the rest of the line on which a label stands before a number."""
    label = r"[\s_-]*".join(map(re.escape, words_of(name)))
    if not label or not texts:
        return None
    line = re.compile(rf"\b{label}\b[^\n\d]{{0,30}}?([-−+]?\d[^\n]*)", re.IGNORECASE)
    matches = (line.search(text) for text in texts)
    return next((match[1] for match in matches if match), None)


def number(text: str) -> float | None:
    """Return the first number of a text: 1,234.5 and 1.234,5 are the same."""
    match = _NUMBER.search(text)
    if match is None:
        return None
    digits = re.sub(r"['’\u00a0\u202f]", "", match[0].replace("−", "-")).rstrip(".,")
    point = max(digits.rfind("."), digits.rfind(","))
    mark = digits[point] if point >= 0 else ""
    both = "." in digits and "," in digits
    groups = not both and mark and (digits.count(mark) > 1 or (mark == "," and len(digits) - point == 4))
    if mark and not groups:
        whole, fraction = digits[:point], digits[point + 1 :]
        digits = f"{whole.replace('.', '').replace(',', '')}.{fraction}"
    return float(digits.replace(",", "") if mark and not groups else re.sub("[.,]", "", digits))


def date(text: str) -> str | None:
    """Return the first date of a text as year-month-day."""
    matches = [match for pattern in _DATES for match in pattern.finditer(text)]
    for match in sorted(matches, key=lambda match: match.start()):
        parts = match.groupdict()
        month = _month(parts["name"]) if "name" in parts else int(parts["m"])
        with suppress(ValueError):  # the calendar has no such day
            return str(datetime.date(int(parts["y"]), month, int(parts["d"])))
    return None


def _month(name: str) -> int:
    start = name[:3].lower()
    return _ALSO_MONTHS.get(start) or _MONTHS.index(start) + 1


def formatted(kind: str, text: str) -> str | None:
    """Return the first text of a JSON Schema format: date, email, uri."""
    if kind in ("date", "date-time"):
        day = date(text)
        return f"{day}T00:00:00Z" if day and kind == "date-time" else day
    match = _PATTERNS[kind].search(text) if kind in _PATTERNS else None
    return match[0] if match else None
