"""Token numbers: estimates, the same for JSON, SSE and count_tokens.

The real tokenizer is not public. Text counts four characters a token; a PDF page costs its text plus
a constant for the page's picture, as the real API shows the model both; images count 28-pixel tiles.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from nbfiles.server.ask import Document, Picture

CHARS_PER_TOKEN = 4
PAGE_PICTURE = 1_500  # tokens; the documented range of a page is 1,500 to 3,000
TILE = 28  # pixels (Vision guide)
LONGEST_SIDE = 2_576  # pixels; larger images are downsized first
DATA_FILE = 100  # tokens to tell the model of a file in its container


def of_text(text: str) -> int:
    """Return the tokens of a text; never none for a text that is not empty."""
    return math.ceil(len(text) / CHARS_PER_TOKEN)


def of_document(document: Document) -> int:
    """Return the tokens of a document."""
    pictures = len(document.parts) * PAGE_PICTURE if document.unit == "page" else 0
    return pictures + sum(of_text(part) for part in document.parts)


def of_picture(picture: Picture) -> int:
    """Return the tokens of an image."""
    scale = min(1.0, LONGEST_SIDE / max(picture.width, picture.height, 1))
    return math.ceil(picture.width * scale / TILE) * math.ceil(picture.height * scale / TILE)


def of_request(
    body: dict[str, Any], documents: Iterable[Document], pictures: Iterable[Picture], data_files: int
) -> int:
    """Return the tokens of everything the model would read."""
    words = [body.get("system") or "", body.get("tools") or ""]
    words += [message["content"] for message in body["messages"]]
    return (
        sum(of_text(_plain(part)) for part in words)
        + sum(map(of_document, documents))
        + sum(map(of_picture, pictures))
        + data_files * DATA_FILE
    )


def _plain(part: Any) -> str:
    """Return the text of a request's part, without the sources that are counted as documents."""
    if isinstance(part, str):
        return part
    kept = [block for block in part if block.get("type") not in ("document", "image", "container_upload")]
    return "".join(block["text"] if block.get("type") == "text" else json.dumps(block) for block in kept)


def shape(input_tokens: int, output_tokens: int, runs: int = 0) -> dict[str, Any]:
    """Return usage in the API's shape."""
    tools = {"web_search_requests": 0, "web_fetch_requests": 0, "code_execution_requests": runs}
    return {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "server_tool_use": tools if runs else None,
    }
