"""How much one request may hold, once its files are read. [docs] PDF, Vision and Context window guides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbfiles.server.errors import invalid
from nbfiles.server.messages.query import Document, QueryImage
from nbfiles.server.messages.usage import LONGEST_SIDE, PAGE_PICTURE, Segment
from nbfiles.server.routes.models import ServedModel

MILLION = 1_000_000  # tokens of context from which a request may hold more
MOST_PAGES, MOST_PAGES_SMALL = 600, 100
MOST_PICTURES, MOST_PICTURES_SMALL = 600, 100
MOST_PIXELS = 8_000  # a side of an image
MANY, MOST_PIXELS_OF_MANY = 20, 2_000  # beyond so many images, a side of each
MOST_BASE64 = 10 * 1024 * 1024  # characters of an image


def check_pages(model: ServedModel, documents: Sequence[Document]) -> None:
    """Refuse more PDF pages than the model takes."""
    most = MOST_PAGES if model.context >= MILLION else MOST_PAGES_SMALL
    pages = sum(len(document.parts) for document in documents if document.unit == "page")
    if pages > most:
        raise invalid(f"A maximum of {most} PDF pages may be provided, not {pages:,}.")


def check_pictures(model: ServedModel, pictures: Sequence[QueryImage]) -> None:
    """Refuse too many images, and those that are too large for their number."""
    most = MOST_PICTURES if model.context >= MILLION else MOST_PICTURES_SMALL
    if len(pictures) > most:
        raise invalid(f"A maximum of {most} images may be provided, not {len(pictures):,}.")
    side = MOST_PIXELS_OF_MANY if len(pictures) > MANY else MOST_PIXELS
    for picture in pictures:
        if max(picture.width, picture.height) > side:
            many = f" when there are more than {MANY}" if side < MOST_PIXELS else ""
            raise invalid(f"Image dimensions exceed {side} pixels{many}: {picture.width} × {picture.height}.")


def check_fit(where: str, block: dict[str, Any], picture: QueryImage) -> None:
    """Refuse an image that would be scaled down, where the request says so."""
    policy = (block.get("transformations") or {}).get("oversized_image")
    if policy == "error" and max(picture.width, picture.height) > LONGEST_SIDE:
        size = f"{picture.width} × {picture.height}"
        raise invalid(f"{where}: {size} pixels exceed the largest side that fits, {LONGEST_SIDE} pixels")


def check_base64(where: str, data: Any) -> None:
    """Refuse an inline image that is too large."""
    if isinstance(data, str) and len(data) > MOST_BASE64:
        raise invalid(f"{where}.source.data: image exceeds {MOST_BASE64 // 1024**2} MB of base64")


def check_context(model: ServedModel, segments: Sequence[Segment], documents: Sequence[Document]) -> None:
    """Refuse a prompt longer than the context window; the rough guess at pictures of pages is left out."""
    pages = sum(len(document.parts) for document in documents if document.unit == "page")
    tokens = sum(segment.tokens for segment in segments) - pages * PAGE_PICTURE
    if tokens > model.context:
        raise invalid(f"prompt is too long: {tokens} tokens > {model.context} maximum")
