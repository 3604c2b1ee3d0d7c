"""The fenced blocks of a question that can be run, as calls of the tool version that the request has."""

from __future__ import annotations

from dataclasses import dataclass

from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox.shapes import fits
from nbfiles.server.json_text import read_json
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.code_tool import BASH_ONLY, PYTHON_ONLY
from nbfiles.server.messages.fenced import BASH, EDITOR, PYTHON, runnable

MOST_RUNS = 10  # calls of one reply; then the API pauses the turn

_SCALARS = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Step:
    """One call: its tool and its input; of a `program` of ours, the input is what is shown, not what runs."""

    tool: str
    input: JsonObject
    program: Program | None = None


def steps(question: str, version: str | None) -> tuple[Step, ...]:
    """Return the blocks of a question that a tool of this version can run, in order.

    A block of ```text_editor holds the JSON input of the editor, such as {"command": "view", "path": "a.py"}.
    """
    return tuple(_step(tool, body, version) for tool, body in runnable(question, version)) if version else ()


def python(program: Program, version: str) -> Step:
    """Return the call that runs a program of ours."""
    if version == BASH_ONLY:
        return script(program, version)
    return Step(PYTHON, {"code": program.source}, program)


def script(program: Program, version: str) -> Step:
    """Return the call that runs it as a process of its own, as document skills do."""
    if version == PYTHON_ONLY:
        return Step(PYTHON, {"code": program.source}, program)
    return Step(BASH, _script(program.source), program)


def _script(code: str) -> JsonObject:
    """Return the input of a shell that runs Python."""
    end = "PYTHON"
    while end in code.splitlines():
        end += "_"
    return {"command": f"python3 - <<'{end}'\n{code.rstrip()}\n{end}\n"}


def _step(tool: str, body: str, version: str) -> Step:
    if tool == PYTHON:
        return Step(BASH, _script(body)) if version == BASH_ONLY else Step(PYTHON, {"code": body})
    if tool == BASH:
        return Step(BASH, {"command": body})
    return Step(EDITOR, _arguments(body))


def _arguments(body: str) -> JsonObject:
    """Return the input of the editor; none where a text is no JSON, or has more in it than the editor takes."""
    try:
        arguments: JsonObject = read_json(body)
    except ValueError:
        return {}
    is_flat = isinstance(arguments, dict) and all(fits(value, (*_SCALARS, [_SCALARS])) for value in arguments.values())
    return arguments if is_flat else {}
