"""Equations of Office files as one line: `E=mc^2`, `(a+b)/c`, `√(x)`, `∑_(i=1)^n i`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbfiles._documents.readers.ooxml import attribute, child, children, name_of

_NO_TEXT = ("Pr",)  # ends of names of elements with properties


def equation(node: Any) -> str:
    """Return an element of an equation and what is in it as text."""
    name = name_of(node.tag)
    if name in ("m:t", "w:t"):
        return node.text or ""
    if name.endswith(_NO_TEXT) or name in ("w:del", "w:moveFrom"):
        return ""
    shape = _SHAPES.get(name)
    return shape(node) if shape else "".join(map(equation, node))


def _part(node: Any, name: str) -> str:
    match = child(node, f"m:{name}")
    return "" if match is None else equation(match)


def _atom(node: Any, name: str) -> str:
    """Return a part that is one word, in brackets where it is more."""
    text = _part(node, name).strip()
    return text if len(text) == 1 or text.isalnum() or not text else f"({text})"


def _property(node: Any, properties: str, name: str, default: str) -> str:
    match = child(node, f"m:{properties}", f"m:{name}")
    return default if match is None else attribute(match, "val")


def _fraction(node: Any) -> str:
    if _property(node, "fPr", "type", "") == "noBar":
        return f"({_part(node, 'num')} over {_part(node, 'den')})"
    return f"{_atom(node, 'num')}/{_atom(node, 'den')}"


def _scripts(node: Any) -> str:
    return "".join(
        f"{mark}{_atom(node, name)}" for mark, name in (("_", "sub"), ("^", "sup")) if _part(node, name).strip()
    )


def _script(node: Any) -> str:
    return _part(node, "e") + _scripts(node)


def _before(node: Any) -> str:
    return _scripts(node) + _part(node, "e")


def _root(node: Any) -> str:
    return f"{_part(node, 'deg')}√({_part(node, 'e')})"


def _operator(node: Any) -> str:
    return f"{_property(node, 'naryPr', 'chr', '∫')}{_scripts(node)} {_part(node, 'e')}"


def _brackets(node: Any) -> str:
    begin, between, end = (
        _property(node, "dPr", name, default) for name, default in (("begChr", "("), ("sepChr", "|"), ("endChr", ")"))
    )
    return begin + between.join(map(equation, children(node, "m:e"))) + end


def _matrix(node: Any) -> str:
    rows = (", ".join(map(equation, children(row, "m:e"))) for row in children(node, "m:mr"))
    return f"[{'; '.join(rows)}]"


def _lines(node: Any) -> str:
    return "; ".join(map(equation, children(node, "m:e")))


def _function(node: Any) -> str:
    return f"{_part(node, 'fName')} {_part(node, 'e')}"


def _accent(node: Any) -> str:
    return _part(node, "e") + _property(node, "accPr", "chr", "\u0302")


def _bar(node: Any) -> str:
    return _part(node, "e") + "\u0305"


def _limit(mark: str) -> Callable[[Any], str]:
    return lambda node: f"{_part(node, 'e')}{mark}{_atom(node, 'lim')}"


# Elements of ECMA-376, part 1, section 22.1.2; all others are what is in them.
_SHAPES: dict[str, Callable[[Any], str]] = {
    "m:f": _fraction,
    "m:sSup": _script,
    "m:sSub": _script,
    "m:sSubSup": _script,
    "m:sPre": _before,
    "m:rad": _root,
    "m:nary": _operator,
    "m:d": _brackets,
    "m:m": _matrix,
    "m:eqArr": _lines,
    "m:func": _function,
    "m:acc": _accent,
    "m:bar": _bar,
    "m:limLow": _limit("_"),
    "m:limUpp": _limit("^"),
}
