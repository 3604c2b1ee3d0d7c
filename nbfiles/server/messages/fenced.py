"""The fenced blocks of a question that a version of the code execution tool can run."""

from __future__ import annotations

from collections.abc import Iterator

from nbfiles.server.messages.code_tool import PYTHON_ONLY

PYTHON, BASH, EDITOR = "code_execution", "bash_code_execution", "text_editor_code_execution"

_LANGUAGES = {"python": PYTHON, "py": PYTHON, "bash": BASH, "sh": BASH, "text_editor": EDITOR}
_FENCE = "```"


def runnable(question: str, version: str | None) -> list[tuple[str, str]]:
    """Return the tool and the text of each block, in order; none without the tool."""
    if version is None:
        return []
    tools = (PYTHON,) if version == PYTHON_ONLY else (PYTHON, BASH, EDITOR)
    return [(tool, body) for tool, body in _fenced(question) if tool in tools]


def _fenced(question: str) -> Iterator[tuple[str, str]]:
    """Yield the tool and the text of each block that is closed.

    A fence is at the start of its line: nbfiles/_messages/template.py sends those of variables one space further in.
    """
    tool, body = "", [""]
    for line in question.split("\n"):
        bare = line.rstrip(" \t")
        if not tool and bare.startswith(_FENCE):
            tool, body = _LANGUAGES.get(bare.removeprefix(_FENCE), ""), []
        elif tool and bare == _FENCE:
            yield tool, "".join(body)
            tool = ""
        elif tool:
            body.append(f"{line}\n")
