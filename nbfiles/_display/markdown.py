"""Our dialect of Markdown: no HTML, no picture is fetched, every link says where it goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape as html_escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from nbfiles._display import math
from nbfiles._display.math import literal

MAX_NESTING = 20  # lists and quotes inside each other; the parser drops what is deeper
MAX_BRACKETS = 1000  # `[` in one paragraph; the time for links grows with their square
MAX_COLUMNS = 100  # of a table
MAX_CELLS = 10_000  # of a table; a row is filled up with cells, so a short text could become a huge table
LONG_ADDRESS = 120  # characters behind the host; a longer address can carry a document's text away
SHOWN_ADDRESS = 80  # characters of an address that is shown instead of linked

# The whole address, in the form markdown-it leaves it: no user name, no escapes in the host, so that no two
# readers can disagree about the host.
_WEB = re.compile(r"https?://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?P<rest>[/?#][!-~]*)?")
_MAIL = re.compile(r"mailto:(?P<host>[A-Za-z0-9.!#$%&'*+/=^_{|}~-]+@[A-Za-z0-9.-]+)(?P<rest>)", re.IGNORECASE)
# What a link's text shows as its place: a host that an end or a path follows, or a mail address.
_SHOWN = re.compile(r"(?:https?://|mailto:)?([^\s/?#:]+)(?:[/?#:]|\Z)")
# A citation mark inside an address; `sanitize` shows it after the block.
_CODED_MARK = re.compile("(?:%E2%80%96)?%EE%80%80[0-9]{1,6}%EE%80%81(?:%E2%80%96)?")

# What `sanitize` cleans with has a reader of addresses of its own, and takes away those that it cannot read.
_LINKS = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, link_rel=None)

Tokens = Sequence[Token]


def parser() -> MarkdownIt:
    """Return a parser with our rules; its environment counts `formulas`."""
    md = MarkdownIt("js-default", {"html": False, "linkify": False, "maxNesting": MAX_NESTING})
    # Else what nothing refers to would vanish, such as a list of sources: `[1]: https://…`
    md.disable("reference")
    md.use(math.plugin)
    md.core.ruler.at("inline", _inlines)
    md.block.ruler.at("table", _table, {"alt": ["paragraph"]})
    # `_note` decides what is a link, and shows the address of what is none.
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    md.add_render_rule("text", _show_text)
    md.add_render_rule("image", _show_image)
    md.add_render_rule("link_open", _show_link_open)
    md.add_render_rule("link_close", _show_link_close)
    for name in ("fence", "code_block"):
        md.add_render_rule(name, _show_code)
    for name in ("th_open", "td_open"):
        md.add_render_rule(name, _show_cell)
    return md


def web_or_mail(address: str) -> re.Match[str] | None:
    """Read an address that may become a link: `host`, and the `rest` behind it."""
    return _WEB.fullmatch(address) or _MAIL.fullmatch(address)


def _show_text(_: object, tokens: Tokens, index: int, *__: object) -> str:
    return literal(tokens[index].content)


def _show_image(_: object, tokens: Tokens, index: int, *__: object) -> str:
    image = tokens[index]
    address = str(image.attrs.get("src", ""))
    web = _WEB.fullmatch(address)
    origin = web["host"] if web else _cut(address)
    parts = [part for part in (_visible_text(image.children or []), origin) if part]
    return literal(f"[image not loaded: {' – '.join(parts)}]")


def _show_link_open(_: object, tokens: Tokens, index: int, *__: object) -> str:
    link = tokens[index]
    if "html" in link.meta:
        return str(link.meta["html"])
    address = _CODED_MARK.sub("", str(link.attrs.get("href", "")))
    end = _end_of_link(tokens, index)
    inside = tokens[index + 1 : end]
    note, linked = _note(address, _visible_text(inside))
    if linked:
        _unlink(inside)
    tokens[end].meta = {"html": ("</a>" if linked else "") + (literal(f" ({note})") if note else "")}
    return f'<a href="{html_escape(address)}">' if linked else ""


def _show_link_close(_: object, tokens: Tokens, index: int, *__: object) -> str:
    return str(tokens[index].meta["html"])


def _end_of_link(tokens: Tokens, start: int) -> int:
    """Return where a link ends: the text of a link may hold another, such as `<jane@docs.example>`."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index].type == "link_open") - (tokens[index].type == "link_close")
        if depth == 0:
            return index
    raise ValueError("a link without an end")


def _unlink(tokens: Tokens) -> None:
    """Let the links inside a link be only their text: HTML has no link in a link."""
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            token.meta = {"html": ""}


def _note(address: str, text: str) -> tuple[str, bool]:
    """Return what to say behind a link, and whether it is one: its host, unless its text shows that."""
    link = web_or_mail(address)
    if not link or "href" not in _LINKS.clean(f'<a href="{html_escape(address)}">'):
        return ("" if text == address else _cut(address)), False
    host, rest = link["host"].lower(), link["rest"] or ""
    visible = _SHOWN.match(text.strip().lower())
    notes = [] if visible and visible[1] == host else [host]
    if len(rest) > LONG_ADDRESS:
        notes.append(f"long address, {len(rest):,} characters")
    return ", ".join(notes), True


def _visible_text(tokens: Tokens) -> str:
    """Return the text in tokens, as people will see it."""
    return "".join(map(_token_text, tokens)).strip()


def _token_text(token: Token) -> str:
    if token.children:
        return _visible_text(token.children)
    return token.content or ("" if token.nesting else " ")  # the end of a line is a blank, that of `**` nothing


def _cut(address: str) -> str:
    return address if len(address) <= SHOWN_ADDRESS else address[:SHOWN_ADDRESS] + "…"


def _show_code(_: object, tokens: Tokens, index: int, *__: object) -> str:
    """Show code as it is; its language would be a class, and a front end would run some languages."""
    return f"<pre><code>{html_escape(tokens[index].content)}</code></pre>\n"


def _show_cell(_: object, tokens: Tokens, index: int, *__: object) -> str:
    style = str(tokens[index].attrs.get("style", "text-align:left"))
    return f'<{tokens[index].tag} align="{style.removeprefix("text-align:")}">'


def _inlines(state: StateCore) -> None:
    """Read what is in each paragraph, unless it has more brackets than any text."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if token.content.count("[") > MAX_BRACKETS:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Read a table, unless it is one that only filling up its rows would make so large."""
    columns = state.src.count("|", state.bMarks[start_line], state.eMarks[start_line])
    if columns > MAX_COLUMNS or silent:
        return columns <= MAX_COLUMNS and table(state, start_line, end_line, silent)
    if not table(state, start_line, end_line, True):
        return False
    rows = next((i for i in range(start_line, end_line) if state.isEmpty(i)), end_line) - start_line
    return (columns + 1) * rows <= MAX_CELLS and table(state, start_line, end_line, False)
