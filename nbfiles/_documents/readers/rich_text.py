r"""The text of RTF files: striprtf reads it, after what it would leave out is made plain paragraphs.

striprtf skips what it calls destinations: headers, notes, comments, text boxes. Here their control words are
taken away, so that their text stays where it is. Control words are from Microsoft's specification, version 1.9.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nbfiles._documents.readers.left_out import LeftOut

_NOTES = {"footnote": "note", "annotation": "comment"}
_KEPT = re.compile(
    r"(?:\\\*\s*)?\\(?P<word>header[lrf]?|footer[lrf]?|footnote|annotation|shptxt|dptxbxtext)(?![a-z]) ?"
    r"|\\[\\{}]|(?P<brace>[{}])"
)
_GROUPS = re.compile(
    r"\\\*\s*\\(?:shpinst|cs\d+)(?![a-z0-9])|\\(?:pntext|shp)(?![a-z]) ?"
)  # whose text is not to be skipped
_NO_LENGTH = re.compile(r"\\bin(?![0-9a-z])")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def rtf(path: Path, left_out: LeftOut) -> Iterator[str]:
    """Yield the lines of an RTF file."""
    yield from rtf_lines(path.read_bytes(), left_out)


def rtf_lines(data: bytes, left_out: LeftOut) -> Iterator[str]:
    """Yield the lines of RTF."""
    from striprtf.striprtf import rtf_to_text

    if b"\\bin" not in data:  # else the lengths of what follows would be wrong
        data = _NOT_ASCII.sub(lambda match: b"\\'%02x" % match[0][0], data)
    source = _NO_LENGTH.sub(r"\\bin0", data.decode("latin-1"))
    _count(source, left_out)
    text = rtf_to_text(_with_plain_groups(_GROUPS.sub("", source)), errors="replace")  # type: ignore[no-untyped-call]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # a character may be written as two
    yield from (line.rstrip() for line in text.splitlines())


def _with_plain_groups(source: str) -> str:
    """Make paragraphs of headers and text boxes, and put notes in brackets where they are mentioned."""
    pieces: list[str] = []
    open_groups: list[tuple[int, str]] = []  # the depth of those that are kept, and what ends them
    depth = end = 0
    for match in _KEPT.finditer(source):
        pieces.append(source[end : match.start()])
        end, text = match.end(), match[0]
        if word := match["word"]:
            note = _NOTES.get(word)
            text = f" [{note}: " if note else r"\par "
            open_groups.append((depth, "]" if note else r"\par "))
        depth += {"{": 1, "}": -1}.get(match["brace"] or "", 0)
        if open_groups and depth < open_groups[-1][0]:
            text = open_groups.pop()[1] + text
        pieces.append(text)
    return "".join([*pieces, source[end:]])


def _count(source: str, left_out: LeftOut) -> None:
    """Count pictures, each of which may be there in two forms, and objects."""
    pictures = len(re.findall(r"\\pict(?![a-z])", source)) - len(re.findall(r"\\nonshppict(?![a-z])", source))
    left_out["image"] += max(pictures, 0)
    left_out["embedded object"] += len(re.findall(r"\\object(?![a-z])", source))
