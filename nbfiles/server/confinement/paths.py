"""What every program needs to read: the system's programs, and this Python with its packages."""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    # Of /etc only what programs need to start and to draw: root could read the passwords there.
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime"),
    *("/etc/timezone", "/etc/fonts", "/etc/mime.types", "/etc/os-release", "/var/cache/fontconfig"),
    *("/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo"),
)
_INSTALLED = ("bin", "lib", "lib64", "share", "include", "pyvenv.cfg")  # of a Python; the rest may be a project


def programs() -> list[str]:
    """Return the paths; not all of them need exist."""
    prefixes = dict.fromkeys([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *_on_the_way()])
    folders = [str(Path(prefix, name)) for prefix in prefixes for name in _INSTALLED]
    packages = [*site.getsitepackages(), site.getusersitepackages()]
    return [*_SYSTEM, *folders, *packages, os.path.realpath(sys.executable)]


def outermost(paths: Sequence[str]) -> list[str]:
    """Return the paths without those below another."""
    kept = dict.fromkeys(paths)
    return [path for path in kept if not any(str(above) in kept for above in Path(path).parents)]


def _on_the_way() -> Iterator[str]:
    """Yield where the links lie that lead from the Python of an environment to the one it was made of."""
    program = Path(sys.executable)
    while program.is_symlink():
        program = program.parent / program.readlink()
        yield str(program.parent.parent)
