"""Private temporary files for what has no file of its own: variables, cells, downloads, converted text."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from pathlib import Path

from nbfiles.filing.names import safe_name


class Spool:
    """A folder of this user alone that lives as long as the kernel: what it holds can be sent again."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def place(self, key: str, name: str) -> Path:
        """Return the path for what `key` names; the same key and name are the same path each time."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="nbfiles-spool-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        folder = self._folder / hashlib.sha256(key.encode(errors="replace")).hexdigest()[:16]
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / safe_name(name)
