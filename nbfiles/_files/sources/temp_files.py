"""Private temporary files for what has no file of its own: variables, cells, drops, converted text."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from nbfiles._files.filenames import safe_name

try:
    import fcntl
except ImportError:  # on Windows, where the folders of killed kernels stay until Windows clears them
    fcntl = None  # type: ignore[assignment]

PREFIX = "nbfiles-spool-"


class TempFiles:
    """A folder of this user alone that lives as long as the kernel: what it holds can be sent again.

    What a kernel left that was killed is removed by the next one that makes such a folder.
    """

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self._folder: Path | None = None
        self._making = threading.Lock()

    def path_for(self, key: str, name: str) -> Path:
        """Return the path for what `key` names; the same key and name are the same path each time."""
        folder = self._own() / hashlib.sha256(key.encode(errors="replace")).hexdigest()[:16]
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / safe_name(name)

    def _own(self) -> Path:
        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
                if (lock := _locked(self._folder)) is not None:
                    weakref.finalize(self, os.close, lock)
            return self._folder


def _sweep(parent: Path) -> None:
    """Remove the folders whose kernels have ended without doing so: nobody holds their locks.

    An empty one may be of a kernel that has just made it, and not locked it yet.
    """
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if fcntl and folder.lstat().st_uid == os.getuid() and any(folder.iterdir()):
                lock = _locked(folder)
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    os.close(lock)


def _locked(folder: Path) -> int | None:
    """Return a descriptor that holds the folder until the process ends; None where another one does."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
