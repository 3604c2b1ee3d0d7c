"""Images: what is known without looking at them."""

from __future__ import annotations

from collections.abc import Iterator

from nbfiles.server.engines.quotes.prose import escaped
from nbfiles.server.messages.parts import Part, Text
from nbfiles.server.messages.query import Query, QueryImage

LEAD_IN = "\n\nLocal server: does not look at pictures. What is known of them:\n"


def answer(query: Query) -> Iterator[Part]:
    """Yield one text that lists the images of a request."""
    lines = "\n".join(f"- {_line(image)}" for image in query.pictures)
    yield Text((LEAD_IN if query.documents else LEAD_IN.lstrip()) + "\n" + lines)


def _line(image: QueryImage) -> str:
    size = f"{image.width:,} × {image.height:,} pixels, {image.size_bytes:,} bytes"
    return f"**{escaped(image.name)}**: {image.format}, {size}"
