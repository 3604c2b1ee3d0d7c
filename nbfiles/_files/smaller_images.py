"""Smaller copies of images: each is uploaded once, and goes by the name of its image."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from nbfiles._files.index import FileIndex
from nbfiles._files.progress import OnProgress
from nbfiles._files.source_state import state
from nbfiles._files.sources.resolve import ResolvedSource
from nbfiles._files.upload import Upload
from nbfiles._files.upload_call import UploadOptions
from nbfiles.errors import FileGone, UnusableFile
from nbfiles.limits import LONGEST_SIDE, SMALLER_SIDE
from nbfiles.records import FileRecord, Kind, Progress


class SmallerImages:
    """The smaller copies of one workspace's images."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index

    def upload(self, records: Sequence[FileRecord], side: int, watch: OnProgress) -> list[FileRecord]:
        """Return copies with at most `side` pixels a side; raises UnusableFile where an image has changed."""
        for record in records:
            if record.sha256 and state(self._index, record) != "same":
                raise UnusableFile(
                    f"“{record.name}” is too large for this question, and no smaller copy can be made of it: the file "
                    "has changed since it was sent. Begin the conversation anew."
                )
        sources = [ResolvedSource(record.path, name=record.name) for record in records if record.path]

        def watch_new(rows: Sequence[Progress]) -> None:
            if new := [row for row in rows if row.state != "already there"]:
                watch(new)

        return Upload(self._index, sources, watch_new, UploadOptions(longest_side=side)).run()

    def planned(self, records: Sequence[FileRecord], side: int) -> list[FileRecord]:
        """Return what `upload` would, without doing so; what is new has a file_id that begins with `new `."""
        copies = [replace(record, longest_side=side) for record in records]
        made = self._index.uploads([copy.key for copy in copies])
        uploads = {(upload.key, upload.remote_name): upload for upload in made}
        return [
            uploads.get((copy.key, copy.name)) or replace(copy, file_id=f"new copy of {copy.name}") for copy in copies
        ]

    def delete(self, record: FileRecord | None) -> list[str]:
        """Delete the copies of an image that goes; returns their file_ids."""
        if record is None or record.kind != Kind.IMAGE or record.longest_side:
            return []
        keys = [replace(record, longest_side=side).key for side in (SMALLER_SIDE, LONGEST_SIDE)]
        copies = [copy.file_id for copy in self._index.uploads(keys) if copy.remote_name == record.remote_name]
        for file_id in copies:
            with contextlib.suppress(FileGone):
                self._index.workspace().delete(file_id)
        return copies
