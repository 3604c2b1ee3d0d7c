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

    def name_for(self, wanted: str, path: Path | None, taken: Iterable[str] = ()) -> str:
        """Return `wanted`, or `wanted-2` where another file has it; the same path keeps its name."""
        for record in self:
            if path is not None and record.path == path and _stem_matches(record.name, wanted):
                return record.name
        return names.unique(wanted, [*(record.name for record in self), *taken])

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
