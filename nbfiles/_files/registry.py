"""The files of one kernel: short name → FileRecord."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path

from nbfiles._files import filenames
from nbfiles.close_matches import close_matches
from nbfiles.errors import Spelled, UnknownName
from nbfiles.records import FileRecord, typed

MOST_SAID = 200  # characters of a name that is not there


class Registry:
    """Files by name, in the order they came; names that differ only by case or look count as one.

    Threads may add, remove and read at once.
    """

    def __init__(self) -> None:
        self._records: dict[str, FileRecord] = {}
        self._listeners: dict[object, Callable[[str], None]] = {}
        self._lock = threading.Lock()
        self._naming = threading.Lock()
        self._reserved: dict[str, Path] = {}  # names of files that are on their way, and where those come from

    def __iter__(self) -> Iterator[FileRecord]:
        return iter([record for _, record in self._items()])

    def __len__(self) -> int:
        return len(self._records)

    def keys(self) -> Iterable[str]:
        """Return the `names.key` of every name."""
        return [key for key, _ in self._items()]

    def add(self, record: FileRecord) -> None:
        """Keep a record under its name, in place of what had the name before."""
        key = filenames.key(record.name)
        with self._lock:
            self._records[key] = record
        self._notify(key)

    def remove(self, name: str) -> None:
        """Forget a name."""
        key = filenames.key(self.get(name).name)
        with self._lock:
            self._records.pop(key, None)
        self._notify(key)

    def discard(self, record: FileRecord) -> None:
        """Forget the name of a record, unless it has moved on to another upload."""
        key = filenames.key(record.name)
        with self._lock:
            current = self._records.get(key)
            if current is None or current.file_id != record.file_id:
                return
            del self._records[key]
        self._notify(key)

    @contextmanager
    def naming(self) -> Iterator[Namer]:
        """Give names to files; no other upload gets them until `release`."""
        with self._naming:
            namer = Namer(self, self._reserved)
            yield namer
            self._reserved |= namer.assigned

    def release(self, names: Iterable[str]) -> None:
        """Give names back that were held: their files are registered, or will not come."""
        with self._naming:
            for name in names:
                self._reserved.pop(name, None)

    def listen(self, changed: Callable[[str], None]) -> Callable[[], None]:
        """Call `changed` with the key of each name that comes, changes or goes; returns what ends it.

        It is called at once, in the thread of the change, so it must be quick and must not raise.
        """
        token = object()
        with self._lock:
            self._listeners[token] = changed

        def stop() -> None:
            with self._lock:
                self._listeners.pop(token, None)

        return stop

    def find(self, name: str) -> FileRecord | None:
        """Return the record of this name, if there is one."""
        return self._records.get(filenames.key(name))

    def get(self, name: str) -> FileRecord:
        """Return the record of this name; raises UnknownName with the closest one."""
        record = self.find(name)
        if record is None:
            raise self.unknown(name)
        return record

    def name_of(self, path: str) -> str:
        """Return the name of the file that came from a path, or the path as it is."""
        absolute = filenames.expanded(path).absolute()
        return next((record.name for record in self if record.path == absolute), path)

    def match(self, pattern: str) -> list[FileRecord]:
        """Return the records whose names match a glob, in order; a name as it stands is that file."""
        record = self.find(pattern)
        if record or not has_magic(pattern):  # fnmatch keeps every pattern that it has compiled
            return [record] if record else []
        pattern_key = filenames.key(pattern)
        return [record for key, record in self._items() if fnmatchcase(key, pattern_key)]

    def unknown(self, name: str, others: Iterable[str] = ()) -> UnknownName:
        """Return the error that no file has this name, with the closest ones among the names and `others`."""
        names, name = [record.name for record in self], name if len(name) <= MOST_SAID else f"{name[:MOST_SAID]}…"
        close = close_matches(name, list(dict.fromkeys([*names, *others])), n=3)
        if close:
            return UnknownName(f"No file “{name}”. Did you mean {' or '.join(f'“{match}”' for match in close)}?")
        if names:
            where = f"No file “{name}”, neither uploaded nor in the current folder “{Path.cwd().name}”"
            return UnknownName(f"{where}. To see the names, type: ", Spelled("nbfiles.files()", "%files"))
        upload = Spelled(f"nbfiles.upload({name!r})", f"%upload {typed(name)}")
        return UnknownName(f"No file “{name}”. Upload it first: ", upload)

    def _items(self) -> list[tuple[str, FileRecord]]:
        with self._lock:
            return list(self._records.items())

    def _notify(self, key: str) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for changed in listeners:
            changed(key)


def _is_form_of(name: str, preferred: str) -> bool:
    """Return whether a name is `preferred` or one of its numbered forms, such as `report-2.pdf`."""
    path = Path(preferred)
    numbered = re.fullmatch(rf"{re.escape(path.stem)}-\d+{re.escape(path.suffix)}", name)
    return name == preferred or numbered is not None


class Namer:
    """Names for the files of one upload: each its own, none that a registry has given to another file."""

    def __init__(self, registry: Registry, reserved: Mapping[str, Path]) -> None:
        self.assigned: dict[str, Path] = {}
        self._keys = {*registry.keys(), *map(filenames.key, reserved)}
        self._of_path: dict[Path, list[str]] = {}
        for name, path in reserved.items():
            self._of_path.setdefault(path, []).append(name)
        for record in registry:
            whole = record.name.removesuffix(f"[{record.pages}]")  # of a part, whose file keeps its name
            self._keys.add(filenames.key(whole))
            if record.path is not None:
                self._of_path.setdefault(record.path, []).extend(dict.fromkeys((record.name, whole)))

    def name(self, preferred: str, path: Path, pages: str = "") -> str:
        """Return `preferred`, or `preferred-2` where another file has it; the same path keeps its name.

        With `pages`, the name ends with them, and what stands before is what the whole file would be called.
        """
        if name := self._name_of(preferred, path):
            return name
        whole = preferred.removesuffix(f"[{pages}]") if pages else preferred
        if whole != preferred:
            whole = self._name_of(whole, path) or filenames.free(whole, self._keys)
            preferred = f"{whole}[{pages}]"
        name = filenames.free(preferred, self._keys)
        self._keys.add(filenames.key(name))
        self.assigned[name] = path
        return name

    def _name_of(self, preferred: str, path: Path) -> str | None:
        """Return the name that a path has in a form of `preferred`, if it has one."""
        return next((name for name in self._of_path.get(path, ()) if _is_form_of(name, preferred)), None)

    def is_in_use(self, name: str) -> bool:
        """Return whether a file of this kernel has a name, or will have it."""
        return filenames.key(name) in self._keys
