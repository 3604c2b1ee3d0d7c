"""Numbers of lists and headings of a Word file: they are not in its text, but counted by rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nbfiles._documents.readers.ooxml import attribute, child, children

LEVELS = 9  # of a list (ECMA-376, part 1, 17.9)
_MOST_ROMAN, _MOST_LETTERS = 3999, 780  # beyond which a number is written in digits
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level of a list is counted and written; `%2` in `text` is the number of the second level."""

    start: int
    form: str
    text: str
    style: str
    digits_only: bool


@dataclass
class _List:
    """A list of the file: its levels, and the numbers reached so far."""

    levels: dict[int, _Level]
    numbers: dict[int, int] = field(default_factory=dict)

    def next(self, level: int) -> str:
        """Count one more item of a level, and return its number as it is written."""
        rule = self.levels.get(level)
        if rule is None:
            return ""
        self.numbers[level] = self.numbers.get(level, rule.start - 1) + 1
        for deeper in [one for one in self.numbers if one > level]:
            del self.numbers[deeper]
        if rule.form == "bullet":
            return "-"
        return re.sub(r"%([1-9])", lambda match: self._number(int(match[1]) - 1, rule), rule.text)

    def _number(self, level: int, of: _Level) -> str:
        rule = self.levels.get(level, of)
        number = self.numbers.get(level, rule.start)
        return str(number) if of.digits_only else written(number, rule.form)


class ListNumbers:
    """Gives each paragraph its number, in the order of the text."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._abstract = {attribute(node, "abstractNumId"): node for node in children(numbering, "w:abstractNum")}
        self._numbers = {attribute(node, "numId"): node for node in children(numbering, "w:num")}
        self._styles = {attribute(node, "styleId"): node for node in children(styles, "w:style")}
        self._lists: dict[str, _List] = {}
        self._restarted: set[tuple[str, int]] = set()

    def number(self, properties: Any, style: str) -> tuple[str, int]:
        """Return the number of a paragraph, empty where it has none, and its level from 0."""
        own = child(properties, "w:numPr")
        list_id, level = _of_paragraph(own)
        if not list_id:
            list_id, styled = self._of_style(style)
            level = styled if level is None else level
        if list_id in ("", "0") or list_id not in self._numbers:
            return "", 0
        level = level or 0
        one = self._list(list_id)
        self._restart(one, list_id, level)
        return one.next(level), level

    def _of_style(self, style: str) -> tuple[str, int | None]:
        """Return the list and the level of a style, or of the one that it is based on."""
        name, seen = style, set[str]()
        while name in self._styles and name not in seen:
            seen.add(name)
            node = self._styles[name]
            list_id, level = _of_paragraph(child(node, "w:pPr", "w:numPr"))
            if list_id:
                levels = self._list(list_id).levels if list_id in self._numbers else {}
                linked = next((number for number, rule in levels.items() if rule.style == name), None)
                return list_id, level if linked is None else linked
            name = attribute(child(node, "w:basedOn"), "val")
        return "", None

    def _list(self, list_id: str) -> _List:
        """Return the list that an id means; several ids may count on in one list."""
        node = self._numbers[list_id]
        abstract = attribute(child(node, "w:abstractNumId"), "val")
        changed = [one for one in children(node, "w:lvlOverride") if child(one, "w:lvl") is not None]
        key = f"{abstract} {list_id}" if changed else abstract
        if key not in self._lists:
            levels = self._levels(abstract)
            levels.update(pair for one in changed if (pair := _level(child(one, "w:lvl"))))
            self._lists[key] = _List(levels)
        return self._lists[key]

    def _levels(self, abstract: str) -> dict[int, _Level]:
        node = self._abstract.get(abstract)
        style = attribute(child(node, "w:numStyleLink"), "val")
        if style in self._styles:  # the levels are those of the list that this style names
            list_id, _ = _of_paragraph(child(self._styles[style], "w:pPr", "w:numPr"))
            linked = attribute(child(self._numbers.get(list_id), "w:abstractNumId"), "val")
            node = self._abstract.get(linked, node)
        return dict(map(_level, children(node, "w:lvl")))

    def _restart(self, one: _List, list_id: str, level: int) -> None:
        """Begin anew where a list says with which number, once for each level."""
        for override in children(self._numbers[list_id], "w:lvlOverride"):
            start = child(override, "w:startOverride")
            own = _whole(attribute(override, "ilvl"))
            if start is not None and own == level and (list_id, level) not in self._restarted:
                self._restarted.add((list_id, level))
                one.numbers[level] = _whole(attribute(start, "val")) - 1


def _of_paragraph(properties: Any) -> tuple[str, int | None]:
    """Return the id of the list and the level that properties name."""
    list_id = attribute(child(properties, "w:numId"), "val")
    level = child(properties, "w:ilvl")
    return list_id, None if level is None else _whole(attribute(level, "val"))


def _level(node: Any) -> tuple[int, _Level]:
    def value(name: str, default: str = "") -> str:
        return attribute(child(node, f"w:{name}"), "val", default)

    digits_only = child(node, "w:isLgl") is not None and value("isLgl", "1") not in ("0", "false")
    level = _Level(
        _whole(value("start", "0")), value("numFmt", "decimal"), value("lvlText"), value("pStyle"), digits_only
    )
    return _whole(attribute(node, "ilvl")), level


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else 0


def written(number: int, form: str) -> str:
    """Return a number as a list writes it: `iv`, `D`, `04`, `4`; in a form that is not read here, in digits."""
    match form:
        case "none":
            return ""
        case "decimalZero":
            return f"{number:02}"
        case "lowerLetter" | "upperLetter" if 0 < number <= _MOST_LETTERS:
            text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        case "lowerRoman" | "upperRoman" if 0 < number <= _MOST_ROMAN:
            text = _roman(number)
        case _:
            return str(number)
    return text.upper() if form.startswith("upper") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
