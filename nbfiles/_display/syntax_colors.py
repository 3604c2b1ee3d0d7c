"""Code with syntax colour: a few kinds of words, in colours that read on white and on black."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

from nbfiles._display.sanitize import escape

MOST_CHARS = 20_000  # more code than anybody reads is shown without colour: each word in colour weighs 60 bytes
# JupyterLab's own colours for code, in both themes, and for other viewers one that reads on both (4:1).
_COLOURS: tuple[tuple[_TokenType, str, str], ...] = (
    (Comment, "comment", "#6f7f7f"),
    (String, "string", "#c4473f"),
    (Number, "number", "#248545"),
    (Keyword, "keyword", "#20873b"),
    (Operator.Word, "keyword", "#20873b"),
    (Name.Builtin, "builtin", "#20873b"),
    (Name.Function, "def", "#5a74e8"),
    (Name.Class, "def", "#5a74e8"),
    (Generic.Deleted, "error", "#d5474b"),
    (Generic.Inserted, "number", "#248545"),
)


@lru_cache(maxsize=64)  # the finished steps of an answer, which are shown again with each piece that arrives
def to_html(code: str, language: str) -> str:
    """Return code as safe HTML; a language that is not known, or long code, stays without colour."""
    if len(code) > MOST_CHARS or language not in ("python", "bash", "json", "diff"):
        return escape(code)
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    pieces = groupby(lex(code, lexer), key=lambda piece: _style(piece[0]))
    return "".join(_coloured(style, "".join(word for _, word in group)) for style, group in pieces)


def _style(kind: _TokenType) -> str:
    for group, name, colour in _COLOURS:
        if kind in group:
            return f"color:var(--jp-mirror-editor-{name}-color,{colour})"
    return ""


def _coloured(style: str, text: str) -> str:
    return f"<span style='{style}'>{escape(text)}</span>" if style else escape(text)
