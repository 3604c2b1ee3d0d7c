"""Images as the API takes them: other formats, colours and depths are converted, and what was done is said.

All of an image is unpacked, which also shows whether its file is whole.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from nbfiles._documents.reader_table import DocumentError
from nbfiles._documents.readers import heic
from nbfiles._documents.readers.images import BAD_HEADER, FORMATS, MAX_PIXELS
from nbfiles.limits import SIDE as MOST_SIDE

MOST_PAGES = 4  # of a TIFF, stacked in one image; a page of more could not be read in it
LARGE = 16_000_000  # pixels, from which on half the side is more than a model looks at (2,576), and needs less memory
QUALITY = 95  # of JPEG
HALVED = "scaled to half its width and height"
_EIGHT_BIT = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")  # modes that a browser shows
_REDUCIBLE = ("L", "RGB", "RGBA", "CMYK", "I", "F")  # modes whose numbers have a mean
_TURNED = 0x0112  # the EXIF tag of the orientation


def fit(source: Path, target: str) -> list[str]:
    """Write an image as the API takes it, unless the file is one; return its new format, or "", and what to say."""
    with problems(source), warnings.catch_warnings(action="ignore"), opened(source) as image:
        if image.width * image.height > MAX_PIXELS:
            return _too_large(source, image)
        return _fitted(image, target)


@contextmanager
def problems(source: Path) -> Iterator[None]:
    """Say in one line what is wrong with an image."""
    try:
        yield
    except Image.DecompressionBombError:
        raise DocumentError(f"“{source.name}” has far more pixels than the API reads.") from None
    except BAD_HEADER as error:
        if "truncated" in str(error) or isinstance(error, EOFError):
            raise DocumentError(f"“{source.name}” is cut off: its end is missing. Copy it again.") from None
        raise DocumentError(f"“{source.name}” is not a readable image.") from None


def opened(source: Path) -> Image.Image:
    """Open an image; raises DocumentError where its reader is missing."""
    with source.open("rb") as handle:
        head = handle.read(12)
    if heic.is_heic(head):
        heic.require(f"“{source.name}”")
    return Image.open(source)


def _too_large(source: Path, image: Image.Image) -> list[str]:
    """Take an image of many pixels as it is, as long as it needs no conversion."""
    if image.format in FORMATS:
        return ["", ""]
    raise DocumentError(f"“{source.name}” has more than {MAX_PIXELS // 10**6} megapixels. Make it smaller first.")


def pages_of(image: Image.Image) -> Image.Image:
    """Return the image that a file is sent as: its pages stacked where it has several, else the first."""
    kind, frames = _kind_and_frames(image)
    pages = [_page(frame, []) for frame in _pages(image, kind, frames, [])]
    return pages[0] if len(pages) == 1 else _stacked(pages)


def _kind_and_frames(image: Image.Image) -> tuple[str, int]:
    """Return the format and the number of images; of a photo with a second image behind it, that is left out."""
    if image.format == "MPO":
        return "JPEG", 1
    return str(image.format), int(getattr(image, "n_frames", 1))


def _fitted(image: Image.Image, target: str) -> list[str]:
    kind, frames = _kind_and_frames(image)
    notes: list[str] = []
    if frames > 1 and kind in FORMATS:
        for frame in ImageSequence.Iterator(image):
            frame.load()
        return ["", f"animated, {frames:,} frames: Claude may see only the first one"]
    turned = image.getexif().get(_TURNED, 1) not in (0, 1)  # before loading, which turns a TIFF
    notes += ["rotated upright"] if turned else []
    image.load()
    if kind in FORMATS and image.mode in _EIGHT_BIT and not turned:
        return ["", ""]
    pages = [_page(frame, notes) for frame in _pages(image, kind, frames, notes)]
    made = pages[0] if len(pages) == 1 else _stacked(pages)
    return [_saved(made, kind if kind in FORMATS else "PNG", target), _note(kind, made, notes)]


def _pages(image: Image.Image, kind: str, frames: int, notes: list[str]) -> list[Image.Image]:
    """Return the pages of a TIFF, those that fit, or the first image."""
    if frames > 1 and kind != "TIFF":
        notes.append(f"animated, the first of {frames:,} images")
    if frames == 1 or kind != "TIFF":
        return [image]
    count = min(frames, MOST_PAGES)
    pages = [frame.copy() for frame, _ in zip(ImageSequence.Iterator(image), range(count), strict=False)]
    left_out = f", of {frames:,}; to have all of them read, save it as PDF" if frames > count else ""
    notes.append(f"{count} pages stacked in one image{left_out}")
    return pages


def _page(image: Image.Image, notes: list[str]) -> Image.Image:
    """Return a page upright, in a mode that a browser shows."""
    if image.width * image.height > LARGE and image.mode in _REDUCIBLE:
        notes += [HALVED] if HALVED not in notes else []
        image = image.reduce(2)
    image = ImageOps.exif_transpose(image)
    if image.mode in _EIGHT_BIT:
        return image
    convert, note = _MODES.get(image.mode, (_to_rgb, f"{image.mode} converted to RGB"))
    if note not in notes:
        notes.append(note)
    return convert(image)


def _to_rgb(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Return an image of large numbers with its darkest black and its brightest white."""
    values = image.convert("F")
    low, high = (float(value) for value in values.getextrema())  # type: ignore[arg-type]
    if not high > low:
        return Image.new("L", image.size, 128)
    scale = 255 / (high - low)
    return values.point(lambda value: value * scale - low * scale).convert("L")


_DEEP: tuple[Callable[[Image.Image], Image.Image], str] = (
    _stretched,
    "reduced to 8 bits per pixel, from the darkest to the brightest value",
)
_MODES: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    **dict.fromkeys(("I", "F", "I;16", "I;16B", "I;16L", "I;16N"), _DEEP),
    "CMYK": (_to_rgb, "CMYK converted to RGB"),
}


def _stacked(pages: list[Image.Image]) -> Image.Image:
    """Return one image of several, as high as the API takes it."""
    width, height = max(page.width for page in pages), sum(page.height for page in pages)
    scale = min(1.0, MOST_SIDE / max(width, height))
    made = Image.new("RGB", (max(int(width * scale), 1), max(int(height * scale), 1)), "white")
    top = 0.0
    for page in pages:
        size = max(int(page.width * scale), 1), max(int(page.height * scale), 1)
        made.paste(page.convert("RGB").resize(size), (0, int(top)))
        top += page.height * scale
    return made


def _saved(image: Image.Image, kind: str, target: str) -> str:
    """Write an image without what the file said of itself, such as where it was taken."""
    image.thumbnail((MOST_SIDE, MOST_SIDE))  # nothing where it is no larger
    options: dict[str, Any] = {"quality": QUALITY} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    image.info.pop("exif", None)
    image.save(target, kind, **options)
    return kind


def _note(kind: str, made: Image.Image, notes: list[str]) -> str:
    first = [] if kind in FORMATS else [f"{kind.replace('HEIF', 'HEIC')} converted to PNG"]
    return ", ".join([*first, *notes, f"{made.width:,} × {made.height:,} pixels"])
