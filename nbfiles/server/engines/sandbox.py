"""The sandbox engine (to come)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from nbfiles.server.ask import Ask
from nbfiles.server.pieces import Piece, Text
from nbfiles.server.store import Store


class Sandbox:
    """Runs Python."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, ask: Ask, stop: threading.Event) -> Iterator[Piece]:
        """Yield what the code gave."""
        yield Text("The sandbox is being built.")

    def close(self) -> None:
        """End."""
