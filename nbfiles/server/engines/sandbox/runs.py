"""The calls of one answer: each is shown, done in the container, and its files are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from nbfiles.server import ids
from nbfiles.server.confinement.command import DISK
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox import editor
from nbfiles.server.engines.sandbox.container import CellStopped, Container
from nbfiles.server.engines.sandbox.folders import TooLarge
from nbfiles.server.engines.sandbox.steps import Step, python
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.code_tool import keeps_variables
from nbfiles.server.messages.fenced import BASH, EDITOR, PYTHON
from nbfiles.server.messages.parts import CallPart, Part, ResultPart
from nbfiles.server.rules import filenames
from nbfiles.server.rules.sizes import MEGABYTE
from nbfiles.server.storage.store import Full, Store, StoredFile

MOST_OUTPUTS = 1_000  # files of one call that are kept
MOST_BYTES = DISK  # of all these files, holes included


class _TooMuch(Exception):
    """The files of a call have more bytes together than are kept."""


class Runs:
    """Runs calls in a container; `content` is what the last one gave, `names` the files it made.

    `elsewhere` are the files that it wrote to its working folder instead, which are not kept.
    """

    def __init__(
        self,
        container: Container,
        store: Store,
        version: str,
        stop: threading.Event,
        file_limit: int,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._file_limit = file_limit
        self._most_bytes = most_bytes
        self.stop = stop
        self.version = version
        self.content: JsonObject = {}  # of the last call
        self.names: list[str] = []
        self.elsewhere: list[str] = []
        self.reason = ""  # why the last call was ended, if more is known than its error code
        self._container = container
        self._store = store

    @property
    def failed(self) -> bool:
        """Return whether the last call gave an error."""
        return "error_code" in self.content or self.content.get("return_code", 0) != 0

    def python(self, program: Program) -> Iterator[Part]:
        """Run a program of ours, in the way of the request's tool version."""
        return self.run(python(program, self.version))

    def run(self, step: Step) -> Iterator[Part]:
        """Yield a call, then its result."""
        call = ids.new("srvtoolu")
        yield CallPart(call, step.tool, step.input)
        self.reason, self.elsewhere = "", []
        self.content, self.names = self._carry_out(step)
        yield ResultPart(call, step.tool, self.content)

    def ask(self, program: Program) -> JsonObject:
        """Run a program of ours beside the cells; raises CellStopped."""
        return self._container.ask(program, self.stop)

    def _carry_out(self, step: Step) -> tuple[JsonObject, list[str]]:
        if step.tool == EDITOR:
            return editor.edit(self._container.files.folder, step.input), []
        before, in_folder = self._container.files.snapshot(), self._container.files.in_folder()
        try:
            output = self._execute(step)
        except CellStopped as problem:
            self.reason = problem.reason
            return {"type": f"{step.tool}_tool_result_error", "error_code": str(problem)}, []
        files = self._container.files.new_files(before)
        self.elsewhere = self._container.files.written_elsewhere(in_folder)
        if step.tool == BASH and any(size > self._file_limit for size in files.values()):
            return {"type": f"{BASH}_tool_result_error", "error_code": "output_file_too_large"}, []
        return self._with_files(step.tool, output, files)

    def _execute(self, step: Step) -> JsonObject:
        if step.tool == PYTHON and not keeps_variables(self.version):
            self._container.close()
        if step.program is not None:
            return self._container.program(step.program, self.stop, alone=step.tool == BASH)
        source = step.input["code"] if step.tool == PYTHON else step.input["command"]
        if "\0" in source:
            raise CellStopped("invalid_tool_input")
        if step.tool == BASH:
            return self._container.shell(source, self.stop)
        return self._container.run(source, self.stop)

    def _with_files(self, tool: str, output: JsonObject, files: dict[str, int]) -> tuple[JsonObject, list[str]]:
        """Keep what was made; what cannot be kept is told on stderr."""
        stored: dict[str, str] = {}
        room = self._most_bytes
        for made, size in list(files.items())[:MOST_OUTPUTS]:
            name = filenames.repaired(made)
            try:
                if size > room:
                    raise _TooMuch
                file = self._keep(made, name, size)
                stored[file.id] = name
                room -= file.size_bytes
            except (Full, TooLarge, _TooMuch, OSError) as problem:
                output["stderr"] += f"{name}: not kept: {self._why(problem)}\n"
        if len(files) > MOST_OUTPUTS:
            output["stderr"] += f"{len(files) - MOST_OUTPUTS:,} more files: not kept, at most {MOST_OUTPUTS:,} are\n"
        outputs = [{"type": f"{tool}_output", "file_id": file_id} for file_id in stored]
        return {**output, "type": f"{tool}_result", "content": outputs}, list(stored.values())

    def _keep(self, made: str, name: str, size: int) -> StoredFile:
        """Copy a file that code made into the store."""
        if size > self._file_limit:
            raise TooLarge
        self._store.check_room(size)
        staged = self._store.staging()
        try:
            self._container.files.copy_output(made, staged, self._file_limit)
            mime_type = filenames.by_extension(name)
            return self._store.add(staged, filename=name, mime_type=mime_type, downloadable=True)
        finally:
            staged.unlink(missing_ok=True)

    def _why(self, problem: Exception) -> str:
        if isinstance(problem, TooLarge):
            return f"larger than {self._file_limit / MEGABYTE:,g} MB"
        if isinstance(problem, _TooMuch):
            return f"the files of one call may have {self._most_bytes / MEGABYTE:,.0f} MB together"
        return _reason(problem)


def _reason(problem: Exception) -> str:
    if isinstance(problem, Full):
        return str(problem) or "storage quota exceeded"
    return str(getattr(problem, "strerror", None) or type(problem).__name__)
