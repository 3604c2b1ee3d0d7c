"""What Word and PowerPoint files have in common: short names of elements, related parts, alternative contents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

# ECMA-376 names each namespace twice: the first part of the standard is called strict, the fourth transitional.
_NAMESPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/presentationml/2006/main": "p",
    "http://purl.oclc.org/ooxml/presentationml/main": "p",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
    "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm",
    "http://schemas.openxmlformats.org/drawingml/2006/picture": "pic",
    "http://purl.oclc.org/ooxml/drawingml/picture": "pic",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.microsoft.com/office/drawing/2014/chartex": "cx",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
}


@lru_cache(maxsize=4096)
def name_of(tag: object) -> str:
    """Return the name of an element with its usual prefix, `w:p`; a namespace that has none here is left out."""
    if not isinstance(tag, str):  # a comment
        return ""
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    prefix = _NAMESPACES.get(namespace, "")
    return f"{prefix}:{local}" if prefix else local


def attribute(node: Any, name: str, default: str = "") -> str:
    """Return an attribute by its name without a namespace."""
    if node is None:
        return default
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), default)


def child(node: Any, *names: str) -> Any | None:
    """Return the first child of this name, then its first child of the next, and so on; None where one is missing."""
    for name in names:
        node = next((one for one in node if name_of(one.tag) == name), None) if node is not None else None
    return node


def children(node: Any, name: str) -> Iterator[Any]:
    """Yield the children of a name; none of no node."""
    return (one for one in (() if node is None else node) if name_of(one.tag) == name)


def descendants(node: Any, *names: str) -> Iterator[Any]:
    """Yield what is called so within a node, in order."""
    return (one for one in node.iter() if name_of(one.tag) in names)


def alternative(node: Any) -> Any:
    """Return of an `AlternateContent` what is for current programs, else what is for old ones."""
    choices = [one for one in node if name_of(one.tag) == "mc:Choice" and len(one)]
    return choices[0] if choices else next(children(node, "mc:Fallback"), ())


def parsed(part: Any) -> Any:
    """Return the root element of a part."""
    element = getattr(part, "element", None)
    return _parse(part.blob) if element is None else element


def _parse(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, _parser())


@cache
def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def related(part: Any, node: Any, name: str = "id") -> Any | None:
    """Return the part that an element names by a relation of its own part; None where it is missing, or an address."""
    match = part.rels.get(_relation(node, name))
    return match.target_part if match is not None and not match.is_external else None


def address(part: Any, node: Any) -> str:
    """Return the address that an element names; empty where it names a part."""
    match = part.rels.get(_relation(node, "id"))
    return str(match.target_ref) if match is not None and match.is_external else ""


def _relation(node: Any, name: str) -> str:
    """Return the id of a relation, whose attribute has a namespace; others have none, such as the `id` of a slide."""
    return next((str(value) for key, value in node.attrib.items() if key.endswith(f"/relationships}}{name}")), "")


def parts(part: Any, kind: str) -> Iterator[Any]:
    """Yield the parts of a kind that a part is related to: `footnotes`, `header`."""
    for match in part.rels.values():
        if not match.is_external and match.reltype.rpartition("/")[2] == kind:
            yield match.target_part


def one_line(cells: Iterable[str]) -> str:
    """Return the cells of a row of any table as one line."""
    return " | ".join(" ".join(cell.split()) for cell in cells)
