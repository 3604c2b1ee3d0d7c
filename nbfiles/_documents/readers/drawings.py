"""Text of drawings in Word and PowerPoint files: paragraphs, tables, charts with their numbers, SmartArt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbfiles._documents.readers.equations import equation
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.ooxml import (
    alternative,
    attribute,
    child,
    children,
    descendants,
    name_of,
    one_line,
    parsed,
    related,
)
from nbfiles._documents.readers.scripts import STRUCK, SUB, SUPER, marked

_FIRST_DAY = datetime(1899, 12, 30)  # number 0 of the dates of Excel
_TEXT_CACHES = ("c:strCache", "c:strLit", "c:multiLvlStrCache")  # of labels as they are shown: "007" is no 7
_MOST_DAYS = 2_958_465  # 31 December 9999


def paragraphs(body: Any) -> Iterator[str]:
    """Yield the paragraphs of a text in a drawing that are not empty."""
    for paragraph in descendants(body, "a:p"):
        if (text := _paragraph(paragraph)).strip():
            yield text


def _paragraph(parent: Any) -> str:
    texts: list[str] = []
    script = ""
    for node in parent:
        if text := _text(node):
            own = _script(node)
            text = f"{STRUCK}{text}{STRUCK}" if _is_struck(node) else text
            texts.append(marked(texts[-1] if texts else "", text, own, script))
            script = own
    return "".join(texts)


def _text(node: Any) -> str:
    match name_of(node.tag):
        case "a:t":
            return node.text or ""
        case "a:br":
            return "\n"
        case "a:tab":
            return "\t"
        case "mc:AlternateContent":
            return _paragraph(alternative(node))
        case "m:oMath":
            return equation(node)
        case "a:pPr" | "a:rPr" | "a:endParaRPr":
            return ""
    return _paragraph(node)


def _script(run: Any) -> str:
    """Return whether a run stands above or below the line: by its baseline, in thousandths of a percent."""
    baseline = attribute(child(run, "a:rPr"), "baseline").removesuffix("%")
    return "" if baseline in ("", "0") else SUB if baseline.startswith("-") else SUPER


def _is_struck(run: Any) -> bool:
    return attribute(child(run, "a:rPr"), "strike", "noStrike") != "noStrike"


def table(node: Any) -> Iterator[str]:
    """Yield the rows of a table of a slide; a cell that another covers is empty."""
    for row in children(node, "a:tr"):
        yield one_line(" ".join(paragraphs(cell)) for cell in children(row, "a:tc"))


def own(node: Any, *names: str) -> Iterator[Any]:
    """Yield what is called so in a drawing, and not in the text boxes that are in it."""
    for one in alternative(node) if name_of(node.tag) == "mc:AlternateContent" else node:
        name = name_of(one.tag)
        if name in names:
            yield one
        if name != "w:txbxContent":
            yield from own(one, *names)


def graphic(node: Any, part: Any, left_out: LeftOut) -> Iterator[str]:
    """Yield the text of the charts and the SmartArt within a node of a part."""
    for reference in own(node, "c:chart", "cx:chart", "dgm:relIds"):
        is_diagram = name_of(reference.tag) == "dgm:relIds"
        target = related(part, reference, "dm" if is_diagram else "id")
        lines = [] if target is None else list((_diagram if is_diagram else _chart)(parsed(target)))
        if not lines:
            left_out["diagram" if is_diagram else "chart"] += 1
        yield from lines


def _diagram(root: Any) -> Iterator[str]:
    for point in descendants(root, "dgm:pt"):
        text = child(point, "dgm:t")
        if text is not None:
            yield from paragraphs(text)


@dataclass(frozen=True, slots=True)
class _Series:
    """The numbers of a chart that belong together: by position, with labels or with x values."""

    name: str
    labels: dict[int, str]
    columns: tuple[dict[int, str], ...]


def _chart(root: Any) -> Iterator[str]:
    """Yield title, axes and numbers; nothing where the file holds no numbers."""
    every = [_series(node) for node in descendants(root, "c:ser")] or list(_newer_series(root))
    every = [one for one in every if any(one.columns)]
    if not every:
        return
    titles = [" ".join(paragraphs(node)) for node in descendants(root, "c:title", "cx:title")]
    yield "Chart" + "".join(f": {'; '.join(filter(None, titles))}" for _ in titles[:1] if any(titles))
    while every:
        alike = [one for one in every if one.labels == every[0].labels]
        every = [one for one in every if one.labels != every[0].labels]
        yield from _numbers(alike)


def _numbers(series: list[_Series]) -> Iterator[str]:
    """Yield a table: a row for each label, a column for each series."""
    yield one_line(["", *(name for one in series for name in [one.name, *[""] * (len(one.columns) - 1)])])
    columns = [column for one in series for column in one.columns]
    for position in sorted({*series[0].labels, *(key for column in columns for key in column)}):
        yield one_line([series[0].labels.get(position, ""), *(column.get(position, "") for column in columns)])


def _series(node: Any) -> _Series:
    name = " ".join(_points(child(node, "c:tx")).values())
    labels = _points(child(node, "c:cat")) or _points(child(node, "c:xVal"))
    columns = (_points(child(node, one)) for one in ("c:val", "c:yVal", "c:bubbleSize"))
    return _Series(name, labels, tuple(column for column in columns if column))


def _points(node: Any) -> dict[int, str]:
    """Return the values that are kept in the file, by position; levels of labels from the outer to the inner one."""
    points: dict[int, str] = {}
    if node is None:
        return points
    code = "".join(one.text or "" for one in descendants(node, "c:formatCode"))
    is_text = any(name_of(one.tag) in _TEXT_CACHES for one in node.iter())
    for point in descendants(node, "c:pt"):
        position, value = _position(point), child(point, "c:v")
        text = ("" if value is None else value.text) or ""
        text = text if is_text else shown_number(text, code)
        points[position] = f"{text} {points[position]}" if position in points else text
    literal = child(node, "c:v")  # a name that is written into the chart itself
    return points if points or literal is None else {0: literal.text or ""}


def _position(point: Any) -> int:
    text = attribute(point, "idx")
    return int(text) if text.isdecimal() else 0


def _newer_series(root: Any) -> Iterator[_Series]:
    """Yield the data of a chart of the kinds that came in 2016."""
    for data in descendants(root, "cx:data"):
        labels = {
            _position(p): p.text or "" for one in descendants(data, "cx:strDim") for p in descendants(one, "cx:pt")
        }
        numbers = [
            {_position(p): shown_number(p.text or "") for p in descendants(one, "cx:pt")}
            for one in descendants(data, "cx:numDim")
        ]
        yield _Series("", labels, tuple(numbers))


def shown_number(text: str, code: str = "") -> str:
    """Return a number as a person would write it: 4.3 and not 4.2999999999999998, a date where its format is one."""
    try:
        number = float(text)
    except ValueError:
        return text
    if _is_date(code) and 0 < number < _MOST_DAYS:
        return str(_FIRST_DAY + timedelta(days=number)).removesuffix(" 00:00:00")
    return f"{number:.15g}"


def _is_date(code: str) -> bool:
    return "y" in code.lower() and "d" in code.lower() and "general" not in code.lower()


def alternative_text(properties: Iterable[Any]) -> str:
    """Return the alternative text of the first element of properties that has one, in one line."""
    texts = (attribute(node, "descr") or attribute(node, "title") for node in properties)
    return " ".join(next(filter(None, texts), "").split())
