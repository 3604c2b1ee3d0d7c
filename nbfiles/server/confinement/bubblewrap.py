"""Bubblewrap (`bwrap`): a process tree, files and a network of its own, where the system lets a user have them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbfiles.server.confinement import paths, privileges

# Only where the system's package puts it: one that lies in a folder of the user's may be anything.
_SEARCHED = "/usr/bin:/usr/local/bin:/bin:/run/current-system/sw/bin"
TEMPORARY = 256 * 1024**2  # bytes in /tmp and in /dev/shm, which are memory
_ISOLATED = ("--unshare-all", "--die-with-parent", "--new-session", "--hostname", "sandbox")
_PRIVILEGES = ("--cap-drop", "ALL", "--cap-add", privileges.KEPT)


def program() -> str | None:
    """Return where bubblewrap is."""
    return shutil.which("bwrap", path=_SEARCHED)


def command(readable: Sequence[str], writable: Sequence[str], folder: str, filter_handle: int) -> list[str]:
    """Return the beginning of a command that starts a program in `folder`, with these paths and no others."""
    path = program()
    assert path is not None
    memory = ("--size", str(TEMPORARY), "--tmpfs")
    shown = [name for name in paths.outermost(readable) if not name.startswith(("/proc/", "/sys/"))]
    return [
        *(path, *_ISOLATED, *_PRIVILEGES),
        *("--proc", "/proc", "--dev", "/dev", *memory, "/dev/shm", "--remount-ro", "/dev", *memory, "/tmp"),
        # After /tmp, where an environment may lie.
        *(word for name in shown if Path(name).exists() for word in ("--ro-bind", name, name)),
        *_links(shown),
        *(word for name in writable for word in ("--bind", name, name)),
        # For files of /proc, root inside is root of the machine: settings in /proc/sys would be its to change.
        *("--remount-ro", "/proc", "--remount-ro", "/", "--chdir", folder, "--seccomp", str(filter_handle), "--"),
    ]


def _links(shown: Sequence[str]) -> Iterator[str]:
    """Yield the options for the links to this Python that do not lie in what is shown."""
    for link in paths.links():
        if not any(Path(link).is_relative_to(name) for name in shown):
            yield from ("--symlink", os.path.realpath(link), link)
