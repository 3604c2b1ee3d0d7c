"""The images engine: says what is known of images without looking at them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from nbfiles.server.engines.quotes.prose import escaped
from nbfiles.server.messages.parts import NOTE, Part, TextPart
from nbfiles.server.messages.query import Query, QueryImage
from nbfiles.server.storage.store import Store

LEAD_IN = "\n\nThe local server cannot see images. What it knows about them:\n"


class Images:
    """Lists the images of a request with format and size."""

    note = NOTE

    def __init__(self, store: Store) -> None:
        del store  # a query brings what is known of its images

    def can(self, query: Query) -> bool:
        """Return whether there are images, in a question that is new and asks for words."""
        return bool(query.pictures) and not query.calls and query.schema is None

    def answer(self, query: Query, stop: threading.Event, before: Sequence[Part]) -> Iterator[Part]:
        """Yield one text that lists the images."""
        del stop, before
        lines = "\n".join(f"- {_line(image)}" for image in query.pictures)
        yield TextPart((LEAD_IN if query.documents else LEAD_IN.lstrip()) + "\n" + lines)

    def close(self) -> None:
        """Do nothing: nothing is kept."""


def _line(image: QueryImage) -> str:
    size = f"{image.width:,} × {image.height:,} pixels, {image.size_bytes:,} bytes"
    return f"**{escaped(image.name)}**: {image.format}, {size}"
