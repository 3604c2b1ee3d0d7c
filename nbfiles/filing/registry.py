"""The files of one kernel: short name → FileRecord."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from nbfiles.errors import UnknownName
from nbfiles.filing import names
from nbfiles.records import FileRecord


class Registry:
    """Files by name, in the order they came; names that differ only by case or look count as one."""

    def __init__(self) -> None:
        self._records: dict[str, FileRecord] = {}

    def __iter__(self) -> Iterator[FileRecord]:
        return iter(tuple(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def keys(self) -> Iterable[str]:
        """Return the `names.key` of every name."""
        return self._records.keys()

    def add(self, record: FileRecord) -> None:
        """Keep a record under its name, in place of what had the name before."""
        self._records[names.key(record.name)] = record

    def remove(self, name: str) -> None:
        """Forget a name."""
        del self._records[names.key(self.get(name).name)]

    def find(self, name: str) -> FileRecord | None:
        """Return the record of this name, if there is one."""
        return self._records.get(names.key(name))

    def get(self, name: str) -> FileRecord:
        """Return the record of this name; raises UnknownName with the closest one."""
        record = self.find(name)
        if record is None:
            raise UnknownName(self.unknown(name))
        return record

    def match(self, pattern: str) -> list[FileRecord]:
        """Return the records whose names match a glob, in order."""
        wanted = names.key(pattern)
        return [record for key, record in self._records.items() if fnmatchcase(key, wanted)]

    def unknown(self, name: str, others: Iterable[str] = ()) -> str:
        """Say that no file has this name, with the closest ones among the names and `others`."""
        known = [record.name for record in self]
        close = get_close_matches(name, [*known, *others], n=3, cutoff=0.6)
        if close:
            return f"No file “{name}”. Did you mean {' or '.join(f'“{match}”' for match in close)}?"
        if known:
            return f"No file “{name}”. Type %files to see the names."
        return f"No file “{name}”. Upload it first: %upload {name}"


def _stem_matches(name: str, wanted: str) -> bool:
    """Tell whether a name is `wanted` or one of its numbered forms."""
    stem = Path(wanted).stem
    return name == wanted or name.startswith(f"{stem}-")


class Namer:
    """Names for the files of one upload: each its own, none that a registry has given to another file."""

    def __init__(self, registry: Registry) -> None:
        self._keys = set(registry.keys())
        self._of_path: dict[Path, list[str]] = {}
        for record in registry:
            if record.path is not None:
                self._of_path.setdefault(record.path, []).append(record.name)

    def name(self, wanted: str, path: Path) -> str:
        """Return `wanted`, or `wanted-2` where another file has it; the same path keeps its name."""
        for name in self._of_path.get(path, ()):
            if _stem_matches(name, wanted):
                return name
        name = names.free(wanted, self._keys)
        self._keys.add(names.key(name))
        return name
