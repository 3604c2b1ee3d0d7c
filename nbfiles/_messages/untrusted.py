"""Replies are untrusted: a block or a citation with values of the wrong type loses them, not the answer."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_BLOCK: dict[str, type] = {
    "text": str,
    "thinking": str,
    "signature": str,
    "id": str,
    "tool_use_id": str,
    "input": dict,
    "citations": list,
    "file_id": str,
}
_CITATION: dict[str, type] = {
    "type": str,
    "cited_text": str,
    "document_title": str,
    "document_index": int,
    "start_page_number": int,
    "end_page_number": int,
    "start_char_index": int,
    "end_char_index": int,
    "start_block_index": int,
}


def block(raw: JSON) -> JSON:
    """Return a content block whose known fields have their proper types; unknown fields stay as they are."""
    kept = _typed(raw, _BLOCK)
    if "citations" in kept:
        kept["citations"] = [citation(item) for item in kept["citations"] if isinstance(item, dict)]
    return kept


def citation(raw: JSON) -> JSON:
    """Return a citation whose known fields have their proper types."""
    return _typed(raw, _CITATION)


def mapping(value: Any) -> JSON:
    """Return an object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _typed(raw: JSON, types: dict[str, type]) -> JSON:
    return {
        name: value
        for name, value in raw.items()
        if name not in types or (isinstance(value, types[name]) and not isinstance(value, bool))
    }
