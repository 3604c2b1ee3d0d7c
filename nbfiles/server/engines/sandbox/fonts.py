"""Matplotlib's list of fonts, built once for all containers.

Containers get a copy: in a common folder code of one conversation could leave settings for the others.
A list that code may have touched is not taken over, so it is built outside, once a container has needed one.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from nbfiles.server.engines.sandbox import folders
from nbfiles.server.storage.store import private_directory

_LISTS = "fontlist-*.json"
_building = threading.Lock()  # released by the thread that builds


def share(cache: Path, folder: Path, staging: Path) -> None:
    """Copy the list, if there is one, to the folder of a container, by way of one that code cannot reach."""
    for source in cache.glob(_LISTS):
        if source.name not in folders.regular_files(folder):
            with suppress(OSError):  # code has put something else there: it goes without
                folders.put(source, folder / source.name, staging)


def build(cache: Path, folder: Path) -> None:
    """Begin to build the list, if the container of this folder has built one and there is no common one."""
    if any(folder.glob(_LISTS)) and not any(cache.glob(_LISTS)) and _building.acquire(blocking=False):
        threading.Thread(target=_build, args=(cache,), daemon=True).start()


def _build(cache: Path) -> None:
    environment = {"MPLCONFIGDIR": str(private_directory(cache)), "MPLBACKEND": "Agg"}
    program = [sys.executable, "-P", "-c", "import matplotlib.font_manager"]
    try:
        subprocess.run(program, cwd=cache, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    finally:
        _building.release()
