"""A smaller copy of an image, for a question that does not take it as large as it is."""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from nbfiles import limits
from nbfiles._documents.readers.image_conversion import opened, pages_of, problems

QUALITY = 90  # of JPEG
_PHOTOS = ("JPEG", "MPO", "WEBP")  # kinds whose copies are JPEG: as PNG, a photo would be larger than it was


def write(source: Path, target: str, side: int) -> list[object]:
    """Write an image to `target` with at most `side` pixels a side; return its format, width and height."""
    with problems(source), warnings.catch_warnings(action="ignore"), opened(source) as image:
        kind = str(image.format)
        scale = side / max(image.size)
        # A JPEG is unpacked at half the size or less, where that is enough.
        image.draft(None, (int(image.width * scale), int(image.height * scale)))
        made = _thumbnail(image, side)
    if kind in _PHOTOS and made.mode in ("L", "RGB"):
        return _as_jpeg(made, target)
    made.save(target, "PNG")
    if Path(target).stat().st_size > limits.IMAGE_BYTES:
        return _as_jpeg(made, target)
    return ["PNG", made.width, made.height]


def _thumbnail(image: Image.Image, side: int) -> Image.Image:
    made = pages_of(image)
    if made.mode not in ("L", "RGB", "LA", "RGBA"):
        made = made.convert("RGBA" if made.has_transparency_data else "RGB")
    made.thumbnail((side, side), reducing_gap=2.0)
    made.info.clear()  # such as where it was taken
    return made


def _as_jpeg(image: Image.Image, target: str) -> list[object]:
    if image.mode in ("LA", "RGBA"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    image.save(target, "JPEG", quality=QUALITY)
    return ["JPEG", image.width, image.height]
