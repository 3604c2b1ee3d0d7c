"""Which pages of a PDF a name means: `report.pdf[3-20]`, `[3]`, `[3-]`, `[1,5-7]`. Counted from 1; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nbfiles.errors import UnusableFile

MOST_NAMED = 4  # parts in one sentence

_PART = re.compile(r"(.*[^\s\[\]])\[([\d\s,–-]*)\]", re.DOTALL)
_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:[-–]\s*(\d{0,9})\s*)?")

Ranges = tuple[tuple[int, int], ...]  # first and last page of each, in order, none beside the next


def split(name: str) -> tuple[str, str] | None:
    """Return the name of a file and what is in the brackets behind it; None for a name without."""
    match = _PART.fullmatch(name)
    return (match[1], match[2]) if match else None


def parse(pages: str, count: int, name: str) -> Ranges:
    """Return the pages that a text means of the `count` pages of a file; raises UnusableFile for others."""
    ranges = [_range(text, count, name, pages) for text in pages.split(",")]
    return _joined(sorted(ranges))


def _range(text: str, count: int, name: str, pages: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise UnusableFile(f"“{name}[{pages}]” does not say which pages. Type, for example: {name}[3-20]")
    first = int(match[1])
    last = first if match[2] is None else int(match[2] or max(count, first))
    if first > last:
        raise UnusableFile(f"“{name}[{pages}]” begins behind its end. Type: {name}[{last}-{first}]")
    if first < 1 or last > count:
        has = f"“{name}” has {counted(count)}"
        what = "pages count from 1" if first < 1 else f"there is no page {max(first, count + 1):,}"
        example = f"[{max(first, 1)}-]" if first <= count else f"[{count}]"
        raise UnusableFile(f"{has}: {what}. Type, for example: {name}{example}")
    return first, last


def _joined(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """Return sorted ranges with those that touch or overlap made one."""
    result = [ranges[0]]
    for first, last in ranges[1:]:
        before = result[-1]
        if first <= before[1] + 1:
            result[-1] = before[0], max(before[1], last)
        else:
            result.append((first, last))
    return tuple(result)


def written(ranges: Ranges) -> str:
    """Return ranges as they are typed: `1,5-7`."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def read(pages: str) -> Ranges:
    """Return the ranges that `written` gave."""
    ends = (text.partition("-") for text in pages.split(",") if text)
    return tuple((int(first), int(last or first)) for first, _, last in ends)


def numbers(pages: str) -> list[int]:
    """Return the page numbers of a written text, in order."""
    return [number for first, last in read(pages) for number in range(first, last + 1)]


def in_words(pages: str) -> str:
    """Return a written text as people say it: `pages 3 to 20`."""
    texts = [str(first) if first == last else f"{first} to {last}" for first, last in read(pages)]
    unit = "page" if pages.isdecimal() else "pages"
    return f"{unit} {', '.join(texts)}"


def counted(count: int) -> str:
    """Return a number of pages in words."""
    return f"{count:,} page{'' if count == 1 else 's'}"


def in_document(number: int, pages: str) -> int:
    """Return which page of the document a page of its part is; both count from 1."""
    before = 0
    for first, last in read(pages):
        if number <= before + last - first + 1:
            return first + number - before - 1
        before += last - first + 1
    return number  # the part has no such page


def parts(name: str, ranges: Ranges, most: int) -> Iterator[str]:
    """Yield names of parts of at most so many pages each."""
    for first, last in ranges:
        for start in range(first, last + 1, most):
            yield f"{name}[{written(((start, min(start + most - 1, last)),))}]"


def ranges_of(numbers: Sequence[int]) -> Ranges:
    """Return the ranges of page numbers that are in order."""
    return _joined([(number, number) for number in numbers])


def too_many(name: str, count: int, most: int, of: tuple[str, Ranges] | None = None, reader: str = "a question") -> str:
    """Say that a file has more pages than a `reader` takes, and what to type; it may be a part `of` another."""
    whole, ranges = of or (name, ((1, count),))
    names = list(parts(whole, ranges, most))
    more = " …" if len(names) > MOST_NAMED else ""
    listed = " ".join(names[:MOST_NAMED]) + more
    return f"“{name}” has {counted(count)}, and {reader} takes at most {most}. Split it by pages: {listed}"
