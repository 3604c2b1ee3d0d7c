"""Draw the files of the workspace: tables with a sentence below them, which turn into DataFrames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbfiles._display import formatting
from nbfiles._display.tables import CELL_WIDTH, TextTable, short
from nbfiles._files import file_kinds
from nbfiles._files.workspace import QUOTA_BYTES, QUOTA_WARNING, Entry, WorkspaceUsage
from nbfiles.private_values import redacted_repr
from nbfiles.records import FileRecord, Kind

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]


@redacted_repr
@dataclass(frozen=True)
class WorkspaceTable(TextTable):
    """Files or facts about them; `df()` holds what the table is about, whole, with numbers as numbers."""

    whole: Callable[[], Iterable[dict[str, object]]] = field(default=tuple, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return super().__str__() if self.rows else " ".join(self.notes)

    def df(self) -> pd.DataFrame:
        """Return a pandas DataFrame; for a long listing, this reads the whole workspace."""
        import pandas as pd

        return pd.DataFrame(list(self.whole()))


def entries(listed: Sequence[Entry], note: str, whole: Callable[[], Iterable[Entry]] = tuple) -> WorkspaceTable:
    """Show files of the workspace; `whole` returns all of them, where `listed` is only the beginning.

    Files of the same name have their labels behind it, by which `%files rm` and `adopt` take one of them.
    """
    headers = ("name", "kind", "read as", "size", "uploaded", "expires", "from")
    count = Counter(entry.name for entry in listed)
    rows = tuple(_row(entry, entry.remote.label if count[entry.name] > 1 else "") for entry in listed)
    return WorkspaceTable(headers, rows, (note,), lambda: map(_values, whole()), width=CELL_WIDTH)


def bytes_in(entries: Iterable[Entry]) -> int:
    """Return how many bytes go with these files: an upload counts once, and one that others use does not."""
    return sum({entry.remote.file_id: entry.remote.size_bytes for entry in entries if not entry.used_by}.values())


def shared(entries: Iterable[Entry]) -> str:
    """Say of which files only the name goes, as another one uses their upload; empty for none."""
    return "".join(
        f" Of “{entry.name}”, only the name goes: “{entry.used_by[0]}” uses the same upload."
        for entry in entries
        if entry.used_by
    )


def _row(entry: Entry, label: str) -> tuple[str, ...]:
    kind = f"{entry.kind}, made by code" if entry.made_by_code else str(entry.kind)
    kind += ", smaller copy" if entry.is_copy else ""
    return (
        f"{entry.name} {label}" if label else entry.name,
        kind,
        file_kinds.named(entry.kind).read_as,
        formatting.size(entry.remote.size_bytes),
        formatting.ago(entry.remote.created_at),
        formatting.expiry(entry.remote),
        entry.whose,
    )


def _values(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": str(entry.kind),
        "size_bytes": entry.remote.size_bytes,
        "created_at": entry.remote.created_at,
        "expires_at": entry.remote.expires_at,
        "made_by_code": entry.made_by_code,
        "from": entry.whose,
    }


def usage(used: WorkspaceUsage) -> WorkspaceTable:
    """Show how full the workspace is."""
    rows = (
        ("files", f"{used.files:,}, {formatting.size(used.size_bytes)}"),
        ("of the storage quota", f"{used.share:.1%} of {formatting.size(QUOTA_BYTES)}"),
        ("known to be yours", f"{used.mine:,}"),
        ("made by code", f"{used.generated:,}"),
        ("expired, not counted", f"{used.expired:,}"),
    )
    full = "The workspace is nearly full. To see what can go, type: %files clean --older-than 30d"
    return WorkspaceTable(("workspace", ""), rows, (full,) if used.share >= QUOTA_WARNING else ())


def info(record: FileRecord, alive: bool, facts: Sequence[tuple[str, str]]) -> WorkspaceTable:
    """Show what is known of one file."""
    made_of = "converted from the file" if record.kind == Kind.IMAGE else "the text of the file"
    converted = f" ({made_of})" if record.converted else ""
    rows = (
        ("kind", f"{record.kind}, {record.mime_type}{converted}"),
        ("read as", file_kinds.of_record(record).read_as),
        ("size", formatting.size(record.size_bytes)),
        ("uploaded", formatting.ago(record.created_at)),
        ("expires", formatting.expiry(record)),
        ("in the workspace", "yes" if alive else "no: it is uploaded again when it is asked about"),
        *([("name there", record.remote_name)] if record.remote_name != record.name else []),
        *facts,
    )
    return WorkspaceTable((short(record.name), ""), rows)


def together(tables: Sequence[WorkspaceTable]) -> WorkspaceTable:
    """Show what is known of several files, one below the other; the first row of each has its name."""
    rows = [
        (table.headers[0] if number == 0 else "", *row) for table in tables for number, row in enumerate(table.rows)
    ]
    return WorkspaceTable(("file", "", ""), tuple(rows))


def verified(files: Sequence[tuple[FileRecord, bool]]) -> WorkspaceTable:
    """Show which files are still there."""
    rows = tuple((record.name, "there" if alive else "gone") for record, alive in files)
    gone = sum(not alive for _, alive in files)
    note = f"{gone} of {len(rows)} are gone; they are uploaded again when they are asked about."
    note = note if gone else f"All {len(rows)} are there."
    return WorkspaceTable(("name", "in the workspace"), rows, (note,), width=CELL_WIDTH)
