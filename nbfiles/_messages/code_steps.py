"""Calls of the code execution tool, read from their blocks (docs/wire-facts.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import ClassVar

from nbfiles.errors import BadInput, Spelled
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON, Origin

LANGUAGES = {"code_execution": "python", "bash_code_execution": "bash"}
CELL_NOTE = "Step {number} of the last answer. It ran in a container; read it before you run it here."
EDITOR = "text_editor_code_execution"
_BY_SUFFIX = {".py": "python", ".sh": "bash", ".json": "json"}


@redacted_repr
@dataclass(frozen=True, slots=True)
class CodeStep:
    """One call: what ran, what it printed, how it ended; `error` is an error_code of the tool.

    `language` is that of the `code`. A call of the text editor has an `action` (`view`, `create`,
    `str_replace`) and a `path` in the container. `secret` says that the API encrypted what was printed.
    """

    type: ClassVar[str] = "server_tool_use"
    code: str
    stdout: str = ""
    stderr: str = ""
    return_code: int | None = None
    error: str | None = None
    language: str = "python"
    action: str = ""
    path: str = ""
    secret: bool = False
    ended: bool = False
    file_ids: tuple[str, ...] = field(default=(), repr=False)


def read(name: str, arguments: JSON, result: object) -> CodeStep:
    """Return the step of a call of the tool `name`; `result` is the content of its result block, if any."""
    if name == EDITOR:
        return _edit(arguments, mapping(result))
    code = arguments.get("code") or arguments.get("command")
    return CodeStep(
        code=_text(code) if code else json.dumps(arguments) if arguments else "",
        language=LANGUAGES.get(name, "json"),
        **_ending(mapping(result)),
    )


def mapping(value: object) -> JSON:
    """Return an object of a reply as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_cell(step: CodeStep, number: int) -> str:
    """Return a step's code for a cell of the notebook; raises BadInput where there is none to run."""
    if step.action or step.language not in LANGUAGES.values() or not step.code.strip():
        before = max(number - 1, 1)
        example = Spelled(f"nbfiles.code({before})", f"%nbfiles code {before}")
        raise BadInput(f"Step {number} ran no code. Type, for example: ", example)
    head = "%%bash\n" if step.language == "bash" else ""
    return f"{head}# {CELL_NOTE.format(number=number)}\n{step.code.rstrip()}\n"


def _ending(result: JSON) -> JSON:
    if not result:
        return {}
    code = result.get("return_code")
    return {
        "stdout": _text(result.get("stdout")),
        "stderr": _text(result.get("stderr")),
        "return_code": code if isinstance(code, int) and not isinstance(code, bool) else None,
        "error": _text(result.get("error_code")) or None,
        "secret": "encrypted_stdout" in result,
        "ended": True,
        "file_ids": tuple(_output_ids(result)),
    }


def _edit(arguments: JSON, result: JSON) -> CodeStep:
    action, path = _text(arguments.get("command")), _text(arguments.get("path"))
    lines = result.get("lines")
    if action == "str_replace":
        removed, added = _text(arguments.get("old_str")), _text(arguments.get("new_str"))
        diff = [*(f"-{line}" for line in removed.splitlines()), *(f"+{line}" for line in added.splitlines())]
        code = "\n".join(map(str, lines) if isinstance(lines, list) else diff)
        language = "diff"
    else:
        code, language = _text(arguments.get("file_text")), _BY_SUFFIX.get(PurePath(path).suffix, "text")
    kind = result.get("file_type", "text")
    view = _text(result.get("content")) if kind == "text" else f"[{kind}]"
    ending = _ending(result) | {"stdout": view}
    return CodeStep(code=code, language=language, action=action, path=path, **ending)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _output_ids(result: JSON) -> Iterable[str]:
    outputs = result.get("content")
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict) and isinstance(output.get("file_id"), str):
            yield output["file_id"]


def origins(
    steps: Sequence[CodeStep], blocks: Sequence[JSON], inputs: tuple[tuple[str, str | None], ...], container: str | None
) -> dict[str, Origin]:
    """Return where each file that code made comes from, by file_id; step 0 where no step has it."""
    short = sha256(container.encode()).hexdigest()[:4] if container else ""
    by_step = {file_id: Origin(n, inputs, short) for n, step in enumerate(steps, 1) for file_id in step.file_ids}
    others = (file_id for file_id in output_file_ids(blocks) if file_id not in by_step)
    return by_step | {file_id: Origin(0, inputs, short) for file_id in others}


def output_file_ids(blocks: Sequence[JSON]) -> list[str]:
    """Return the file_ids that result blocks name, in order and once each."""
    ids: dict[str, None] = {}
    for block in blocks:
        if block["type"] == "container_upload" and isinstance(block.get("file_id"), str):
            ids[block["file_id"]] = None
        ids |= dict.fromkeys(_output_ids(mapping(block.get("content"))))
    return list(ids)
