"""How much a body, a file and one request may hold. [docs] Files, PDF, Vision and Context window guides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbfiles import limits
from nbfiles.server.errors import ApiProblem, invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.query import Document, QueryImage
from nbfiles.server.messages.usage import CHARS_PER_TOKEN, LONGEST_SIDE, PAGE_PICTURE, Segment
from nbfiles.server.models import ServedModel

MEGABYTE = 1000**2
FILE_LIMIT = limits.FILE_BYTES
UPLOAD_LIMIT = FILE_LIMIT + MEGABYTE  # the file and the multipart lines around it
JSON_LIMIT = 32 * MEGABYTE  # bytes of a Messages request
SKILL_LIMIT = 30 * MEGABYTE  # bytes of a skill
BATCH_LIMIT = 256 * MEGABYTE  # bytes of a batch

LONGEST_CHARACTER = 4  # bytes, in UTF-8


def too_large(limit: int) -> ApiProblem:
    """Return the 413 of a body over `limit` bytes."""
    return ApiProblem(413, f"Request exceeds the maximum size of {limit // MEGABYTE} MB.")


@dataclass(frozen=True)
class ReadRequest:
    """A request whose files are read: what counts for its size."""

    model: ServedModel
    documents: Sequence[Document]
    images: Sequence[QueryImage]
    segments: Sequence[Segment]

    @property
    def pages(self) -> int:
        """The PDF pages of all documents."""
        return sum(len(document.parts) for document in self.documents if document.unit == "page")


def pages_are_few(request: ReadRequest) -> None:
    """Refuse more PDF pages than the model takes."""
    most = limits.most_pages(request.model.context)
    if request.pages > most:
        raise invalid(f"A maximum of {most} PDF pages may be provided, not {request.pages:,}.")


def images_are_few(request: ReadRequest) -> None:
    """Refuse more images than the model takes."""
    most = limits.most_images(request.model.context)
    if len(request.images) > most:
        raise invalid(f"A maximum of {most} images may be provided, not {len(request.images):,}.")


def images_are_small(request: ReadRequest) -> None:
    """Refuse an image that is too large for the number of images."""
    many = len(request.images) > limits.MANY_IMAGES
    side = limits.SIDE_OF_MANY if many else limits.SIDE
    large = [image.where for image in request.images if max(image.width, image.height) > side]
    if large:
        size = " for many-image requests" if many else ""
        message = f"{large[0]}.image: At least one of the image dimensions exceed max allowed size{size}: {side} pixels"
        raise invalid(message, "image_dimensions_too_large", {"max_side_length_pixels": side, "paths": large})


def prompt_fits_the_context(request: ReadRequest) -> None:
    """Refuse a prompt longer than the context window; the rough estimate for images of pages is left out."""
    tokens = sum(segment.tokens for segment in request.segments) - request.pages * PAGE_PICTURE
    if tokens > request.model.context:
        raise invalid(f"prompt is too long: {tokens} tokens > {request.model.context} maximum")


def check_fit(where: str, block: JsonObject, image: QueryImage) -> None:
    """Refuse an image that would be scaled down, where the request says so."""
    policy = (block.get("transformations") or {}).get("oversized_image")
    if policy == "error" and max(image.width, image.height) > LONGEST_SIDE:
        size = f"{image.width} × {image.height}"
        raise invalid(f"{where}: {size} pixels exceed the largest side that fits, {LONGEST_SIDE} pixels")


def check_text_file(mime_type: str, size_bytes: int, model: ServedModel) -> None:
    """Refuse a text that cannot fit the context before it is read: a character has at most four bytes."""
    tokens = size_bytes // LONGEST_CHARACTER // CHARS_PER_TOKEN
    if mime_type == "text/plain" and tokens > model.context:
        raise invalid(f"prompt is too long: {tokens} tokens > {model.context} maximum")


def check_base64(where: str, data: object) -> None:
    """Refuse an inline image that is too large."""
    if isinstance(data, str) and len(data) > limits.IMAGE_BASE64:
        raise invalid(f"{where}.source.data: image exceeds {limits.IMAGE_BASE64 // 1024**2} MB of base64")
