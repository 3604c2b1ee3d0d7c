"""The one place that makes text safe to show: nothing a model or a document says can fetch or run.

A live output runs scripts and fetches pictures, an untrusted one still fetches (docs/security.md).
So Markdown is never shown as Markdown; it becomes HTML here, in five steps:

1. `clean` takes out secrets (`nbfiles.redact`), before anything is escaped, and drops characters that steer
   or hide: controls, bidi, zero-width, tags, and our own marks.
2. Limits: what is too long, too deep or too dense is shown as it was written.
3. markdown-it without HTML, and with rules of ours (`markdown`, `math`).
4. nh3, a real HTML parser, keeps a short list of tags and attributes, whatever step 3 did.
5. Citation marks and the alignment of table cells, both ours, are put in.

Text that grows is cleaned again only from its last line on, and read from its last block on. Definitions
of links are off, so no block depends on another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape as html_escape
from typing import NamedTuple

import nh3
from markdown_it.token import Token

from nbfiles._display import markdown
from nbfiles._display.math import literal
from nbfiles.redaction import Growing
from nbfiles.visible_text import visible

MAX_CHARS = 200_000  # of one text; more is not read in a cell, and rendering it would hold up the kernel
LINES_TO_CLOSE = 2  # of the next block close the one before it; a table shows itself with its second line
LONG_TEXT = 2_000  # characters; shorter ones are cleaned as fast as looked up

_MARK = re.compile("\ue000([0-9]{1,6})\ue001")
_FENCED_MARK = re.compile("\u2016?\ue000([0-9]{1,6})\ue001\u2016?")
_MARKS = "(?:\u2016\ue000[0-9]{1,6}\ue001\u2016)+"
_MARK_AFTER_FENCE = re.compile(f"^([ >]*(?:`{{3,}}|~{{3,}}))[ \t]*({_MARKS})[ \t]*$", re.MULTILINE)
_MARK_AFTER_ROW = re.compile(f"\\|[ \t]*({_MARKS})[ \t]*$", re.MULTILINE)

_TAGS = "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong s a table thead tbody tr th td span"
_ALIGNED = {"align": {"left", "center", "right"}}
_ALIGN = re.compile(r'<(t[hd]) align="(left|center|right)">')


class RenderedBlock(NamedTuple):
    """A part of an answer that stands on its own, as safe HTML and as text."""

    html: str
    plain: str


def clean(text: str) -> str:
    """Return text without secrets, what steers or hides (controls, bidi, zero-width, tags) and our marks."""
    return _clean_lines(_redact_growing(text))


def mark(number: int) -> str:
    """Return the mark of a citation, to be put between cleaned pieces of Markdown."""
    return f"\ue000{number}\ue001"


def escape(text: str) -> str:
    """Return text as HTML for our own templates; MathJax finds no formula in it. Not for attributes."""
    return literal(clean(text))


def attribute(text: str) -> str:
    """Return text as the value of an HTML attribute, which is to stand in quotes."""
    return html_escape(clean(text))


def to_plain(text: str) -> str:
    """Return the text twin: the Markdown as it is, and marks as `[n]`."""
    return clean(_MARK.sub(r"[\1]", _redact_marked(text)))


def to_html(text: str) -> str:
    """Return cleaned Markdown with marks as safe HTML, each mark as `<sup>[n]</sup>`."""
    return "".join(block.html for block in to_blocks(text))


@lru_cache(maxsize=16)  # the finished parts of an answer, which are shown again with each piece that arrives
def to_blocks(text: str) -> tuple[RenderedBlock, ...]:
    """Return the same block by block; more text can only change the last of them."""
    source = _source_lines(_redact_marked(text))
    if len(source) > MAX_CHARS:
        html = _finished(f"<pre>{html_escape(source)}</pre>", source)
        return (RenderedBlock(html, to_plain(text)),)
    return _grown(source)


def forget() -> None:
    """Forget what was rendered before, so that the next text is rendered from its first line."""
    global _last
    _last = _Start()
    to_blocks.cache_clear()
    for growing in (_clean_lines, _source_lines, _redact_growing, _redact_marked):
        growing.forget()


class _Lines:
    """Change text line by line; of one that grows, only the lines behind those of the last call."""

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change
        self._last = ("", "")

    def forget(self) -> None:
        """Begin anew with the next text."""
        self._last = ("", "")

    def __call__(self, text: str) -> str:
        if len(text) < LONG_TEXT:
            return self._change(text)
        start, changed = self._last
        if not text.startswith(start):
            start, changed = "", ""
        end = text.rfind("\n") + 1
        if end > len(start):
            start, changed = text[:end], changed + self._change(text[len(start) : end])
            self._last = (start, changed)
        return changed + self._change(text[len(start) :])


def _without_marks(text: str) -> str:
    return visible(text.replace("\ue000", "").replace("\ue001", ""))


def _with_separate_marks(text: str) -> str:
    """Put marks where they neither break nor vanish: Markdown as our parser gets it."""
    # Between punctuation, a mark does not keep the `**` before it from closing.
    source = _MARK.sub("\u2016\ue000\\1\ue001\u2016", visible(text))
    # A mark behind the last word belongs below a code block and inside a table's row.
    source = _MARK_AFTER_FENCE.sub("\\1\n\n\\2\n", source)
    return _MARK_AFTER_ROW.sub(" \\1 |", source)


# A secret may reach over a citation mark, so text is read again where the marks are in it.
_redact_growing, _redact_marked = Growing(), Growing()
_clean_lines = _Lines(_without_marks)
_source_lines = _Lines(_with_separate_marks)


@dataclass(frozen=True)
class _Start:
    """The part of a growing text whose blocks are closed, and what became of it.

    `proof` is the text up to the lines that closed the last of them: another text that begins alike may go
    on with it.
    """

    source: str = ""
    proof: str = ""
    blocks: tuple[RenderedBlock, ...] = ()
    formulas: int = 0


_last = _Start()


def _grown(source: str) -> tuple[RenderedBlock, ...]:
    """Render a text, from where the text before it stopped being final if it begins alike."""
    global _last
    start = _last if source.startswith(_last.proof) else _Start()
    rest = source[len(start.source) :]
    env = {"formulas": start.formulas}
    blocks = _blocks(rest, env)
    lines = rest.count("\n")
    whole = [number for number, block in enumerate(blocks) if block.first_line + LINES_TO_CLOSE <= lines]
    final = whole[-1] if whole else 0
    closed = (*start.blocks, *(_rendered([block], env) for block in blocks[:final]))
    length = sum(len(block.source) for block in blocks[:final])
    proof = start.proof
    if final:
        closing = rest.splitlines(keepends=True)[: blocks[final].first_line + LINES_TO_CLOSE]
        proof = start.source + "".join(closing)
    _last = _Start(start.source + rest[:length], proof, closed, env["formulas"])
    return (*closed, _rendered(blocks[final:], env))


@dataclass(frozen=True)
class _Block:
    """A paragraph, a list, a table: what stands on its own, with the empty lines before it."""

    first_line: int
    source: str
    tokens: Sequence[Token]


def _blocks(source: str, env: MutableMapping[str, int]) -> list[_Block]:
    tokens = _MARKDOWN.parse(source, env)
    starts = [i for i, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    lines = [(tokens[i].map or [0])[0] for i in starts]
    all_lines = source.splitlines(keepends=True)
    blocks = []
    for number, (first, line) in enumerate(zip(starts, lines, strict=True)):
        after, end = (starts[number + 1], lines[number + 1]) if number + 1 < len(starts) else (None, None)
        text = "".join(all_lines[line if number else 0 : end])
        blocks.append(_Block(line, text, tokens[first:after]))
    return blocks


def _rendered(blocks: Sequence[_Block], env: MutableMapping[str, int]) -> RenderedBlock:
    html = "".join(_block_html(block, env) for block in blocks)
    source = "".join(block.source for block in blocks)
    return RenderedBlock(_finished(html, source), _FENCED_MARK.sub(r"[\1]", source))


def _block_html(block: _Block, env: MutableMapping[str, int]) -> str:
    if any(token.level >= markdown.MAX_NESTING - 1 for token in block.tokens):
        return f"<pre>{html_escape(block.source)}</pre>"
    return str(_MARKDOWN.renderer.render(block.tokens, _MARKDOWN.options, env))


def _finished(html: str, source: str) -> str:
    """Sanitise, then put in what is ours; marks that had no place in the HTML follow it."""
    safe = _CLEANER.clean(html)
    missing = Counter(_FENCED_MARK.findall(source)) - Counter(_FENCED_MARK.findall(safe))
    if missing:
        safe += f"<p>{''.join(map(_sup, missing.elements()))}</p>"
    safe = _FENCED_MARK.sub(lambda match: _sup(match[1]), safe)
    safe = safe.replace("\ue000", "").replace("\ue001", "")  # pieces of marks, where nobody cleaned the text
    return _ALIGN.sub(r'<\1 style="text-align:\2">', safe)


def _sup(number: str) -> str:
    return f"<sup>[{number}]</sup>"


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href" and not markdown.web_or_mail(value):
        return None
    return value if tag != "ol" or value.isdecimal() else None


_MARKDOWN = markdown.parser()
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    attributes={"a": {"href"}, "ol": {"start"}},
    tag_attribute_values={"td": _ALIGNED, "th": _ALIGNED},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)
