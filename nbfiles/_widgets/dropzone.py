"""The drop zone: files from the browser, by mouse, keyboard or paste, become files of this kernel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbfiles._widgets import assets
from nbfiles._widgets.base import Widget
from nbfiles._widgets.chunked_uploads import ChunkedUploads
from nbfiles._widgets.upload_queue import UploadQueue
from nbfiles.limits import FILE_BYTES
from nbfiles.records import Files
from nbfiles.session import Session


class DropZone(Widget):
    """A zone to drop files on; they are uploaded as `%upload` does it. `files` are those that came so far.

    dropzone.js      File → begin, piece, piece, …
    ChunkedUploads   pieces → private file → row `waiting`
    UploadQueue      session.upload → row `uploaded`
    dropzone.js      row → bar, words, the name to type next
    """

    note = "A drop zone of nbfiles for files. Run the cell again to use it, or type: %upload PATH"
    _esm = assets.module("dropzone.js")
    _css = assets.style("dropzone.css")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._chunks = ChunkedUploads(self.send, self._path_for, self._upload)
        self._queue = UploadQueue(session, self._chunks.update, self._chunks.is_cancelled)
        self.on_msg(self._receive)

    @property
    def files(self) -> Files:
        """What was dropped here and is in the workspace."""
        paths = self._chunks.paths
        return Files(record for record in self._session.connection.files.registry if record.path in paths)

    def close(self) -> None:
        """Take the zone away, and what has not arrived yet."""
        self._chunks.close()
        super().close()

    def _receive(self, _widget: object, content: object, buffers: Sequence[memoryview]) -> None:
        self._chunks.receive(content, buffers)
        if isinstance(content, dict) and content.get("type") == "hello":
            query = content.get("query")
            self.send(
                {
                    "type": "rows",
                    "query": query if isinstance(query, int) else 0,
                    "rows": self._chunks.rows(),
                    "limit": FILE_BYTES,
                    "destination": self._session.connection.destination.about,
                }
            )

    def _upload(self, id_: str, path: Path) -> None:
        self._queue.add(id_, path)

    def _path_for(self, key: str, name: str) -> Path:
        return self._session.connection.files.index.temp_files.path_for(key, name)
