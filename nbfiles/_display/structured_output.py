"""Draw the fields that an answer was asked to fill, as tables in tables; in text, as indented lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from nbfiles._display.sanitize import clean, escape

MOST_ITEMS = 50  # of one list; the rest is in answer.data
MOST_DEEP = 4  # tables in one another; what lies deeper is shown as JSON
NOTHING = "—"  # null: what the files do not say
LONG_WORD = 30  # characters; only such a word is broken, or the column beside it would be
_CELL = "text-align:left;vertical-align:top"


def html(value: object, deep: int = 0) -> str:
    """Return data as HTML: an object as a table of its fields, a list of objects as one with a row each."""
    if not isinstance(value, dict | list) or not value or deep >= MOST_DEEP:
        return _leaf(_scalar(value))
    if isinstance(value, dict):
        rows = [_name(str(name)) + _cell(html(one, deep + 1)) for name, one in value.items()]
        return _table(rows)
    names = _columns(value)
    items = value[:MOST_ITEMS]
    if names:
        rows = ["".join(_cell(html(item.get(name), deep + 1)) for name in names) for item in items]
        return _table(rows, "".join(map(_name, names))) + "".join(map(escape, _more(value)))
    return "<br>".join([*(html(item, deep + 1) for item in items), *map(escape, _more(value))])


def plain(value: object) -> str:
    """Return the same data as text."""
    return clean("\n".join(_lines(value)))


def _lines(value: object, deep: int = 0) -> Iterator[str]:
    if not isinstance(value, dict | list) or not value or deep >= MOST_DEEP:
        yield from clean(_scalar(value)).splitlines()
    elif isinstance(value, dict):
        for name, one in value.items():
            first, *others = _lines(one, deep + 1) or [""]
            inline = not (isinstance(one, dict | list) and one)
            yield f"{name}: {first}" if inline else f"{name}:"
            yield from (f"  {line}" for line in (others if inline else [first, *others]))
    else:
        for item in value[:MOST_ITEMS]:
            first, *others = _lines(item, deep + 1)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
        yield from _more(value)


def _scalar(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _columns(items: Sequence[object]) -> tuple[str, ...]:
    """Return the names of the fields where all items are objects, in the order they come."""
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < len(items):
        return ()
    return tuple(dict.fromkeys(str(name) for item in objects for name in item))


def _more(items: Sequence[object]) -> list[str]:
    left = len(items) - MOST_ITEMS
    return [f"… {left:,} more in answer.data"] if left > 0 else []


def _leaf(text: str) -> str:
    long = any(len(part) > LONG_WORD for part in text.split())
    return f"<span style='overflow-wrap:anywhere'>{escape(text)}</span>" if long else escape(text)


def _name(text: str) -> str:
    return f"<th style='{_CELL}'>{escape(text)}</th>"


def _cell(html: str) -> str:
    return f"<td style='{_CELL}'>{html}</td>"


def _table(rows: Sequence[str], head: str = "") -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
