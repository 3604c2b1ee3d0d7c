"""The one redactor for what people see or keep, imported when there is something to redact (`redaction`)."""

from __future__ import annotations


def redact(text: str) -> str:
    """Return `text` without keys, tokens, raw ids and private paths, however they are split or escaped."""
    from nbfiles import redaction  # not by `%load_ext`, which has few milliseconds

    return redaction.redact(text)
