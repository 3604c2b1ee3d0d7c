"""Matplotlib's list of fonts, built once for all containers.

Containers get a copy: in a common folder code of one conversation could leave settings for the others.
A list that code may have touched is not taken over, so it is built outside, once a container has needed one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

from nbfiles.server.storage.store import private_directory

_LISTS = "fontlist-*.json"
_building = threading.Lock()  # released by the thread that builds


def share(cache: Path, folder: Path) -> None:
    """Copy the list to the folder of a container, if there is one."""
    for source in cache.glob(_LISTS):
        target = folder / source.name
        if not target.is_symlink() and not target.exists():
            shutil.copyfile(source, target)


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
