"""What frames.py says of a table and of its charts, taken for that only when it has the shape of it.

It runs beside the code of the conversation, which may have changed what pandas or Python do.
"""

from __future__ import annotations

from nbfiles.server.engines.sandbox.container import spoiled
from nbfiles.server.engines.sandbox.profile import Chart
from nbfiles.server.engines.sandbox.shapes import count, fits, number
from nbfiles.server.json_types import JsonObject

_NOTHING = type(None)
_COLUMN = {
    "name": str,
    "kind": frozenset({"text", "date", "number", "group"}),
    "every": (_NOTHING, str),
    "distinct": count,
    "longest": count,
    "missing": count,
}
_OF_TWO = (_NOTHING, [str, str])
_TABLE = {
    "name": str,
    "reader": frozenset({"csv", "json", "parquet", "excel"}),
    "options": dict,
    "renamed": bool,
    "nested": bool,
    "dates": [str],
    "rows": count,
    "measures": bool,
    "columns": [_COLUMN],
    "pair": _OF_TWO,
    "split": _OF_TWO,
}
_ENTRY = [str, number]
_TWO_ENDS = {"low": _ENTRY, "high": _ENTRY}
_CORRELATION = {"r": number, "rows": count}
_QUARTILES = {"low": number, "middle": number, "high": number}
_FACTS = {
    "box": _TWO_ENDS,
    "boxes": _TWO_ENDS,
    "scatter": _CORRELATION,
    "density": _CORRELATION,
    "line": {"first": _ENTRY, "last": _ENTRY, "high": _ENTRY},
    "count": {"high": _ENTRY, "rows": count},
}


def table(result: object, name: str) -> JsonObject:
    """Return what `describe` said of a file; raises CellStopped where it is no such thing."""
    if not fits(result, _TABLE):
        raise spoiled()
    assert isinstance(result, dict)
    names = {column["name"] for column in result["columns"]}
    used = {*result["dates"], *(result["pair"] or ()), *(result["split"] or ())}
    plain = all(fits(value, (str, bool)) for value in result["options"].values())
    if result["name"] != name or not plain or not used <= names:
        raise spoiled()
    return result


def facts(result: object, charts: list[Chart]) -> list[JsonObject]:
    """Return what `facts` said of the charts; nothing where it is no such thing."""
    shapes = [_FACTS.get(chart.kind, _QUARTILES) for chart in charts]
    whole = isinstance(result, list) and len(result) == len(shapes) and all(map(fits, result, shapes))
    return list(result) if whole and isinstance(result, list) else []
