"""The documented limits of files and requests, for the client, the widgets and the embedded server alike."""

from __future__ import annotations

# The Files API documents “500 MB” (docs/wire-facts.md) and no unit; decimal is what file managers count, and
# what no server that counts 1024 refuses.
FILE_BYTES = 500_000_000
FILE_LIMIT = f"{FILE_BYTES // 10**6} MB"

# Of one request, all turns of its conversation together (PDF and Vision guides, September 2026).
MILLION = 1_000_000  # tokens of context from which a request may hold more
PAGES, PAGES_SMALL = 600, 100  # of PDF
IMAGES, IMAGES_SMALL = 600, 100
SIDE = 8_000  # pixels of an image
MANY_IMAGES, SIDE_OF_MANY = 20, 2_000  # beyond so many images, a side of each
IMAGE_BASE64 = 10 * 1024 * 1024  # characters of an image that is sent in the request
IMAGE_BYTES = IMAGE_BASE64 // 4 * 3  # of an image file, as far as that limit holds for files, too
SMALLER_SIDE = 1_568  # of a copy where there are many: exactly 2,000 was refused, too

# How images are counted (Vision guide), and how the local server counts the rest, as the real tokenizer is not public.
TILE, LONGEST_SIDE = 28, 2_576  # pixels; an image is counted in tiles, after it was made smaller
LOCAL_CHARS = 4  # of a token of text
LOCAL_PAGE = 1_500  # tokens of a page of a PDF besides its text; the documented range of a page is 1,500 to 3,000
LOCAL_FILE = 100  # tokens to tell the model of a file in its container


def most_pages(context: int) -> int:
    """Return how many pages of PDF a request to a model takes, whose context has so many tokens; 0 is unknown."""
    return PAGES_SMALL if 0 < context < MILLION else PAGES


def most_images(context: int) -> int:
    """As `most_pages`, of images."""
    return IMAGES_SMALL if 0 < context < MILLION else IMAGES
