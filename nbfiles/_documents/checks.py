"""What would go wrong with a file in a question, found out here and for nothing."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

from PIL import Image

from nbfiles._documents.pdf import DocumentError, first_texts, is_encrypted

MOST_PAGES = 600  # of PDF in one request (documentation of September 2026)
GLANCE = 30  # pages looked at for text; a scan has none on any page, a book has some on the first ones
MOST_PIXELS = 8000  # a side of an image (the same)

_WARNINGS = threading.Lock()  # catch_warnings changes the whole process


def pdf(path: Path) -> str:
    """Return what to know about a PDF before asking; raises DocumentError for one that cannot be read."""
    pages, texts = first_texts(path, GLANCE)
    notes = [f"{pages:,} page{'s' if pages != 1 else ''}"]
    if pages > MOST_PAGES:
        notes.append(f"a question takes at most {MOST_PAGES}: split it")
    if is_encrypted(path):
        notes.append("encrypted, though it opens without a password: the API may refuse it")
    if not any(text.strip() for text in texts):
        notes.append("scanned: answers will have no citations")
    return ", ".join(notes)


def image(path: Path) -> str:
    """Return the size of an image; raises DocumentError for one that the model cannot take."""
    width, height = pixels(path)
    if max(width, height) > MOST_PIXELS:
        raise DocumentError(
            f"“{path.name}” has {width:,} × {height:,} pixels, the API reads at most {MOST_PIXELS:,} a side. "
            "Make it smaller first."
        )
    return f"{width:,} × {height:,} pixels"


def pixels(path: Path) -> tuple[int, int]:
    """Return width and height of an image, from its header."""
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:  # reads the header only
                return picture.size
    except Image.DecompressionBombError:
        raise DocumentError(f"“{path.name}” has far more pixels than the API reads.") from None
    except (OSError, ValueError, SyntaxError):
        raise DocumentError(f"“{path.name}” is not a readable image.") from None
