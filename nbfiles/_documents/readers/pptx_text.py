"""The text of a PowerPoint file: python-pptx opens it, and the trees of its slides are walked here.

Shapes come as a person reads a slide: the title, then from top to bottom and from left to right; a group is read
whole where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from nbfiles._documents.readers import drawings
from nbfiles._documents.readers.left_out import LeftOut
from nbfiles._documents.readers.ooxml import (
    alternative,
    attribute,
    child,
    children,
    descendants,
    name_of,
    parsed,
    parts,
    related,
)

_SHAPES = frozenset(("p:sp", "p:cxnSp", "p:pic", "p:grpSp", "p:graphicFrame", "p:contentPart"))
_PROPERTIES = ("p:nvSpPr", "p:nvCxnSpPr", "p:nvPicPr", "p:nvGrpSpPr", "p:nvGraphicFramePr")
_TITLES = ("title", "ctrTitle")
_NO_NOTES = ("sldImg", "sldNum", "hdr", "dt", "ftr")  # placeholders of a page of notes that repeat the slide


def pptx(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield the text of every slide, its notes and its comments."""
    from pptx.package import Package

    main = Package.open(str(path)).main_document_part
    for number, slide_id in enumerate(descendants(parsed(main), "p:sldId"), 1):
        part = related(main, slide_id)
        if part is None:
            left_out["slide"] += 1
            continue
        slide = part.slide
        is_hidden = slide.element.get("show") in ("0", "false")
        yield f"# Slide {number}{' (hidden)' if is_hidden else ''}"
        yield from _Slide(slide, left_out).lines()
        if slide.has_notes_slide:
            yield from _notes(slide.notes_slide, left_out)
        yield from _comments(part)


class _Slide:
    """The shapes of a slide, or of its notes."""

    def __init__(self, slide: Any, left_out: LeftOut, without: tuple[str, ...] = ()) -> None:
        self._part, self._tree, self._left_out, self._without = slide.part, slide.shapes.element, left_out, without
        self._slide = slide

    @cached_property
    def _inheriting(self) -> dict[Any, Any]:
        """The shapes of python-pptx, which know where a placeholder stands that does not say it itself."""
        return {shape.element: shape for shape in self._slide.shapes}

    def lines(self) -> Iterator[str]:
        """Yield the text of all shapes."""
        for shape in self._in_order(self._tree):
            yield from self._shape(shape)

    def _in_order(self, tree: Any) -> list[Any]:
        """Return shapes in the order in which they are read; those that stand nowhere come last."""
        shapes = [shape for shape in _shapes(tree) if _placeholder(shape) not in self._without]
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
        others = [shape for shape in shapes if shape not in titles]
        boxes = {shape: self._box(shape) if len(others) > 1 else None for shape in others}
        standing = sorted((one for one in others if boxes[one]), key=lambda one: boxes[one] or ())
        return [*titles, *_rows(standing, boxes), *(one for one in others if not boxes[one])]

    def _box(self, shape: Any) -> tuple[int, int, int] | None:
        """Return top, left and height of a shape."""
        frame = child(shape, "p:spPr", "a:xfrm"), child(shape, "p:grpSpPr", "a:xfrm"), child(shape, "p:xfrm")
        own = next((one for one in frame if one is not None), None)
        offset, size = child(own, "a:off"), child(own, "a:ext")
        if offset is not None:
            return _whole(attribute(offset, "y")), _whole(attribute(offset, "x")), _whole(attribute(size, "cy"))
        inherited = self._inheriting.get(shape) if _placeholder(shape) else None
        if inherited is None or inherited.top is None or inherited.left is None:
            return None
        return inherited.top, inherited.left, inherited.height or 0

    def _shape(self, shape: Any) -> Iterator[str]:
        yield from self._alternative_text(shape)
        match name_of(shape.tag):
            case "p:grpSp":
                for one in self._in_order(shape):
                    yield from self._shape(one)
            case "p:pic":
                yield from self._picture(shape)
            case "p:contentPart":
                self._left_out["drawing"] += 1
            case "p:graphicFrame":
                yield from self._frame(shape)
        for body in children(shape, "p:txBody"):
            yield from drawings.paragraphs(body)

    def _picture(self, shape: Any) -> Iterator[str]:
        """Count an image, or a video or an audio clip, whose name is its text."""
        medium = _medium(shape)
        self._left_out[medium] += 1
        name = attribute(child(shape, "p:nvPicPr", "p:cNvPr"), "name")
        if name and medium != "image":
            yield f"[{medium}: {name}]"

    def _frame(self, frame: Any) -> Iterator[str]:
        for node in drawings.own(frame, "a:tbl"):
            yield from drawings.table(node)
        yield from drawings.graphic(frame, self._part, self._left_out)
        self._left_out["embedded object"] += sum(1 for _ in drawings.own(frame, "p:oleObj"))

    def _alternative_text(self, shape: Any) -> Iterator[str]:
        kinds = {"p:pic": "image", "p:grpSp": "group", "p:graphicFrame": "graphic"}
        properties = (one for name in _PROPERTIES if (one := child(shape, name, "p:cNvPr")) is not None)
        if text := drawings.alternative_text(properties):
            yield f"[{kinds.get(name_of(shape.tag), 'shape')}: {text}]"


def _shapes(tree: Any) -> Iterator[Any]:
    for node in tree:
        name = name_of(node.tag)
        if name in _SHAPES:
            yield node
        elif name == "mc:AlternateContent":
            yield from _shapes(alternative(node))


def _rows(shapes: list[Any], boxes: dict[Any, Any]) -> Iterator[Any]:
    """Yield shapes, sorted by their tops, row by row; a row is what begins in the upper half of its first shape."""
    while shapes:
        top, _, height = boxes[shapes[0]]
        row = [shape for shape in shapes if boxes[shape][0] <= top + height // 2]
        shapes = shapes[len(row) :]
        yield from sorted(row, key=lambda shape: boxes[shape][1])


def _placeholder(shape: Any) -> str:
    """Return the type of a placeholder; empty for other shapes, `obj` where it names none."""
    for name in _PROPERTIES:
        node = child(shape, name, "p:nvPr", "p:ph")
        if node is not None:
            return attribute(node, "type", "obj")
    return ""


def _medium(picture: Any) -> str:
    names = {name_of(node.tag) for node in picture.iter()}
    return "video" if "a:videoFile" in names else "audio clip" if "a:audioFile" in names else "image"


def _notes(notes: Any, left_out: LeftOut) -> Iterator[str]:
    text = "\n".join(_Slide(notes, left_out, _NO_NOTES).lines())
    if text.strip():
        yield f"Notes: {text}"


def _comments(part: Any) -> Iterator[str]:
    """Yield the comments of a slide, in the form of old and of current versions."""
    for target in parts(part, "comments"):
        root = parsed(target)
        old = ["".join(one.itertext()) for one in descendants(root, "p:text")]
        for text in old or drawings.paragraphs(root):
            yield f"Comment: {text}"


def _whole(text: str) -> int:
    return int(text) if text.removeprefix("-").isdecimal() else 0
