"""How runs ended, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbfiles.limits import FILE_LIMIT
from nbfiles.server.engines.quotes.prose import escaped, listed, on_a_line
from nbfiles.server.json_types import JsonObject

PRINTED_LINES, PRINTED_WIDTH = 40, 200  # of what a cell printed; the result block has it all
LISTED, LISTED_ELSEWHERE = 12, 3  # files that are named
DEMO_PACKAGES = ("pandas", "matplotlib")

_SIMPLE_NAME = re.compile(r"[\w.-]{1,60}")  # that needs no quoting, in Python and in Markdown
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NO_MEMORY = ("MemoryError", "ArrowMemoryError", "_ArrayMemoryError")  # of Python, PyArrow and NumPy
_NO_ROOM = ("malloc of size", "out of memory")  # how others of pandas' readers say it
_ERRORS = {
    "execution_time_exceeded": "It was stopped at its time limit.",
    "unavailable": "Python ended unexpectedly, perhaps out of memory.",
    "output_file_too_large": f"It wrote a file larger than {FILE_LIMIT}, which cannot be kept.",
    "too_many_requests": "Too much code is running already; ask again in a moment.",
    "invalid_tool_input": "This input cannot be run.",
    "file_not_found": "There is no such file.",
}


def outcome(content: JsonObject, names: list[str], reason: str = "", elsewhere: Sequence[str] = ()) -> str:
    """Say how a call ended; `reason` is why, where the error code says too little.

    `names` are the files that are downloaded, `elsewhere` those that code wrote where they are not.
    """
    message = content.get("error_message")
    if message and not reason:
        return f"It failed: {escaped(message)}"
    if reason or "error_code" in content:
        return ended(content.get("error_code", ""), reason)
    if "return_code" not in content:
        return _edited(content)
    if content["return_code"] != 0:
        last = content["stderr"].strip().rsplit("\n", 1)[-1]
        return f"It failed: {escaped(last) or 'exit code ' + str(content['return_code'])}"
    wrote = (
        f"It wrote {escaped(_some(names))}." if names else f"It wrote no files to `$OUTPUT_DIR`.{_elsewhere(elsewhere)}"
    )
    return f"{wrote}{_printed(content['stdout'])}"


def ended(error_code: str, reason: str = "") -> str:
    """Say why a call gave no result."""
    return f"It was ended: {reason}." if reason else _ERRORS[error_code]


def _edited(content: JsonObject) -> str:
    match content["type"].removeprefix("text_editor_code_execution_"):
        case "view_result":
            return f"It read a file of {content['total_lines']:,} lines."
        case "create_result":
            return "It overwrote a file." if content["is_file_update"] else "It wrote a file."
        case _:
            return f"It changed a file at line {content['new_start']:,}."


def _elsewhere(names: Sequence[str]) -> str:
    """Say which files code wrote to another folder, and where to write them instead."""
    if not names:
        return ""
    name = names[0] if _SIMPLE_NAME.fullmatch(names[0]) else "NAME"
    listed_names = escaped(_some(names, LISTED_ELSEWHERE))
    return (
        f" It wrote {listed_names} to another folder, and only files in `$OUTPUT_DIR` are downloaded. "
        f"Write to `os.environ['OUTPUT_DIR'] + '/{name}'` instead."
    )


def _some(names: Sequence[str], most: int = LISTED) -> str:
    more = len(names) - most
    return listed([*names[:most], f"{more:,} more"] if more > 0 else list(names))


def _printed(text: str) -> str:
    """Repeat the first lines of what a cell printed, in a fence longer than any inside."""
    lines = _COLOUR.sub("", text).rstrip().splitlines()
    if not lines:
        return ""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    lines_shown = "\n".join(line[:PRINTED_WIDTH] for line in lines[:PRINTED_LINES])
    more = f"\n\n… and {len(lines) - PRINTED_LINES:,} more lines." if len(lines) > PRINTED_LINES else ""
    return f" It printed:\n\n{fence}\n{lines_shown}\n{fence}{more}"


def why_not(name: str, reply: JsonObject) -> str:
    """Say why a file was not profiled."""
    if reply["problem"] in ("ModuleNotFoundError", "ImportError"):
        package = reply["name"] or reply["message"]
        if package in DEMO_PACKAGES:
            return f"It needs {package}, which is not installed: `pip install 'nbfiles[demo]'`"
        return f"**{on_a_line(name)}** needs a package that is not installed: {on_a_line(reply['message'])}"
    if reply["problem"] == "TooWide":
        return f"**{on_a_line(name)}** was not profiled: {on_a_line(reply['message'])}."
    if reply["problem"] in _NO_MEMORY or any(text in reply["message"] for text in _NO_ROOM):
        return f"**{on_a_line(name)}** is too large for the memory that code may take here."
    return f"**{on_a_line(name)}** is not a table that pandas can read: {on_a_line(reply['message'][:200])}"
