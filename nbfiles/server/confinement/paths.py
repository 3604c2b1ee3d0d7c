"""What every program needs to read: the system's programs, and this Python with its packages."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    # Of /etc only what programs need to start and to draw: root could read the passwords there.
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime"),
    *("/etc/timezone", "/etc/fonts", "/etc/mime.types", "/etc/os-release", "/var/cache/fontconfig"),
    *("/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo"),
)
_CONDA = ("bin", "lib", "lib64", "share", "include")  # an environment of conda has its programs there, too
_MODULES = ("stdlib", "platstdlib", "purelib", "platlib", "include", "platinclude")
_LIBRARIES = ("lib/lib*.so*", "lib64/lib*.so*")


def programs() -> list[str]:
    """Return the paths; not all of them need exist."""
    prefixes = dict.fromkeys([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix])
    parts = [str(part) for prefix in prefixes for part in _parts(Path(prefix))]
    modules = [path for name in _MODULES if (path := sysconfig.get_path(name))]
    packages = [*site.getsitepackages(), site.getusersitepackages()]
    python = [str(name) for name in _names() if not name.is_symlink()]
    listed = [*parts, *modules, *packages, *python]
    return list(dict.fromkeys([*_SYSTEM, *listed, *map(os.path.realpath, listed), os.path.realpath(sys.executable)]))


def links() -> list[str]:
    """Return the links to this Python, of whose folders, such as ~/.local/bin, nothing else is to be seen."""
    return list(dict.fromkeys(str(name) for name in _names() if name.is_symlink()))


def outermost(paths: Sequence[str]) -> list[str]:
    """Return the paths without those below another."""
    kept = dict.fromkeys(paths)
    return [path for path in kept if not any(str(above) in kept for above in Path(path).parents)]


def _parts(prefix: Path) -> Iterator[Path]:
    """Yield what of a prefix is Python's; the rest may be a project, a home, or anything."""
    yield prefix / "pyvenv.cfg"
    if (prefix / "conda-meta").exists() and not _personal(prefix):
        yield from (prefix / name for name in _CONDA)
        return
    if (prefix / "pyvenv.cfg").exists() and not _personal(prefix):
        yield prefix / "bin"
    if not any(prefix.is_relative_to(folder) for folder in _SYSTEM):
        yield from (path for pattern in _LIBRARIES for path in prefix.glob(pattern))


def _personal(prefix: Path) -> bool:
    """Return whether a prefix has files of people, too, as a home or ~/.local has."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - also where there is none
    return any(path.resolve().is_relative_to(prefix.resolve()) for path in (home, home / ".local/share"))


def _names() -> Iterator[Path]:
    """Yield by which paths this Python is started: what lies beside it under another name, and where links lead."""
    program = Path(sys.executable)
    real = program.resolve()
    yield from (path for path in (program, *program.parent.glob("python*")) if path.resolve() == real)
    while program.is_symlink():
        program = Path(os.path.normpath(program.parent / program.readlink()))
        yield program
