"""Draw a step of code: its title says how it ended, and what it ran and printed is folded below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

from nbfiles._display import formatting
from nbfiles._display.sanitize import RenderedBlock, escape
from nbfiles._messages.code_steps import CodeStep
from nbfiles.redact import redact

PRINTED_LINES = 200  # of what code printed; a loop may print megabytes
LINE_CHARS = 2_000  # of one line of it
REST_LINES, REST_CHARS = 5, 500  # that are read behind them, as a secret may begin at the end of what is shown

COLOURED_CHARS = 20_000  # more code than anybody reads is shown without colour: each word in colour weighs 60 bytes
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
_TERMINAL_CODE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")  # and other commands to a terminal

LANGUAGES = {"python": "Python", "bash": "shell script", "json": "input"}
ACTIONS = {  # of the text editor: what it did, and what failed
    "view": ("Looked at", "Looking at"),
    "create": ("Wrote", "Writing"),
    "str_replace": ("Changed", "Changing"),
}
OTHER_ACTION = ("Worked on", "Working on")
ERRORS = {  # error codes of the tool, docs/wire-facts.md
    "execution_time_exceeded": "it ran out of time",
    "file_not_found": "there is no such file in the container",
    "invalid_tool_input": "the tool did not understand it",
    "output_file_too_large": "a file that it wrote is too large",
    "too_many_requests": "the tool was called too often",
    "unavailable": "the container ended, or could not be used",
}


def title(step: CodeStep, number: int) -> str:
    """Return in one line what a step did and how it ended."""
    files = f", made {formatting.files(len(step.file_ids))}" if step.file_ids else ""
    return f"Step {number}: {_action(step)}{_outcome(step)}{files}"


@lru_cache(maxsize=64)  # finished steps are drawn again with each piece of an answer that arrives
def step(step: CodeStep, number: int) -> RenderedBlock:
    """Return a step as HTML and text."""
    return RenderedBlock(html(step, number), plain(step, number))


def html(step: CodeStep, number: int) -> str:
    """Return a step, folded."""
    parts = [f"<summary>{escape(title(step, number))}</summary>"]
    if step.code:
        parts.append(f"<pre><code>{_highlighted(clipped(step.code), step.language)}</code></pre>")
    for label, text in _printed(step):
        parts.append(f"<p><small>{label}</small></p>")
        parts.append(f"<pre>{escape(clipped(text))}</pre>" if text else "")
    return f"<details style='margin:6px 0'>{''.join(parts)}</details>"


def plain(step: CodeStep, number: int) -> str:
    """Return a step as text, all of it indented below its title."""
    lines = [title(step, number), *indented(step.code)]
    for label, text in _printed(step):
        lines += [f"  {label}", *indented(text)]
    return "\n".join(lines)


def indented(text: str) -> Iterator[str]:
    """Yield the lines of a text below a title."""
    return (f"    {line}" for line in clipped(text).splitlines())


def clipped(text: str) -> str:
    """Return the first lines of a text without secrets, and say how many more there are."""
    lines = text.rstrip("\n").splitlines()
    beginning = "\n".join(line[: LINE_CHARS + REST_CHARS] for line in lines[: PRINTED_LINES + REST_LINES])
    shown = redact(beginning).splitlines()[:PRINTED_LINES]
    first = [line if len(line) <= LINE_CHARS else f"{line[:LINE_CHARS]} …" for line in shown]
    more = len(lines) - PRINTED_LINES
    return "\n".join([*first, f"… {more:,} more lines in answer.code"] if more > 0 else first)


def _action(step: CodeStep) -> str:
    count = len(step.code.splitlines())
    lines = f"{count:,} line{'s' if count != 1 else ''}"
    if step.action or step.path:
        size = f", {lines}" if step.action == "create" else ""
        past, present = ACTIONS.get(step.action, OTHER_ACTION)
        return f"{present if step.error else past} {step.path}{size}"
    return f"{lines} of {LANGUAGES.get(step.language, step.language)}"


def _outcome(step: CodeStep) -> str:
    if step.error:
        meaning = ERRORS.get(step.error)
        code = step.error.replace("_", " ")
        return f" failed: {f'{meaning} ({code})' if meaning else code}"
    if step.action or step.path:
        return "" if step.ended else ", not finished"
    if not step.ended:
        return ", not finished"
    return " ran" if step.return_code in (0, None) else f" failed with return code {step.return_code}"


def _printed(step: CodeStep) -> Iterator[tuple[str, str]]:
    if step.secret:
        yield "What it printed is encrypted by the API.", ""
    if step.stdout:
        yield ("It saw" if step.action else "It printed"), _as_in_terminal(step.stdout)
    if step.stderr:
        yield "Errors and warnings", _as_in_terminal(step.stderr)


def _as_in_terminal(text: str) -> str:
    """Return text without colours, and of a progress bar, which writes over its line, the last state."""
    lines = _TERMINAL_CODE.sub("", text).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _highlighted(code: str, language: str) -> str:
    """Return code as safe HTML; a language that is not known, or long code, stays without colour."""
    if len(code) > COLOURED_CHARS or language not in ("python", "bash", "json", "diff"):
        return escape(code)
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    pieces = groupby(lex(code, lexer), key=lambda piece: _style(piece[0]))
    return "".join(_coloured(style, "".join(text for _, text in group)) for style, group in pieces)


def _style(kind: _TokenType) -> str:
    for group, name, colour in _COLOURS:
        if kind in group:
            return f"color:var(--jp-mirror-editor-{name}-color,{colour})"
    return ""


def _coloured(style: str, text: str) -> str:
    return f"<span style='{style}'>{escape(text)}</span>" if style else escape(text)
