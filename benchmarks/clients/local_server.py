"""`nbfiles serve` as a person starts it, on a free port of this machine, with files of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

COMMAND = (sys.executable, "-m", "nbfiles", "serve", "--port", "0", "--data")
ROOT = Path(__file__).parents[2]


def clean() -> dict[str, str]:
    """Return the environment without what tells clients where to send questions, and whose key to use."""
    mine = ("ANTHROPIC_", "NBFILES_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


@contextmanager
def serving(command: Sequence[str] = COMMAND) -> Iterator[tuple[str, str, Path]]:
    """Yield the address of a server, its key, and the folder of its files; `command` gets that folder at its end."""
    with tempfile.TemporaryDirectory(prefix="nbfiles-clients-") as folder, _log(folder) as log:
        environment = clean() | {"PYTHONPATH": str(ROOT), "NBFILES_DATA_DIR": folder}
        started = [*command, folder]
        with subprocess.Popen(started, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
            try:
                assert server.stdout is not None
                url = re.search(r"http://[\d.:]+", server.stdout.readline())
                if url is None:
                    raise RuntimeError(f"The server did not start: {Path(log.name).read_text()[-2000:]}")
                yield url[0], Path(folder, "key").read_text().strip(), Path(folder)
            finally:
                server.terminate()


def _log(folder: str):
    return Path(folder, "log.txt").open("w")
