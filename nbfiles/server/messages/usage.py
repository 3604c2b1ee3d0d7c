"""Token numbers: estimates, the same for JSON, SSE and count_tokens.

The real tokenizer is not public. Text counts four characters a token; a PDF page costs its text plus
a constant for the page's picture, as the real API shows the model both; images count 28-pixel tiles.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbfiles import limits
from nbfiles.server.json_types import JsonObject

if TYPE_CHECKING:
    from nbfiles.server.messages.query import Document, QueryImage

CHARS_PER_TOKEN, PAGE_PICTURE, DATA_FILE = limits.LOCAL_CHARS, limits.LOCAL_PAGE, limits.LOCAL_FILE
TILE, LONGEST_SIDE = limits.TILE, limits.LONGEST_SIDE


def of_text(text: str) -> int:
    """Return the tokens of a text; never none for a text that is not empty."""
    return math.ceil(len(text) / CHARS_PER_TOKEN)


def of_document(document: Document) -> int:
    """Return the tokens of a document."""
    pictures = len(document.parts) * PAGE_PICTURE if document.unit == "page" else 0
    return pictures + sum(of_text(part) for part in document.parts)


def of_picture(picture: QueryImage) -> int:
    """Return the tokens of an image."""
    scale = min(1.0, LONGEST_SIDE / max(picture.width, picture.height, 1))
    return math.ceil(picture.width * scale / TILE) * math.ceil(picture.height * scale / TILE)


@dataclass(frozen=True)
class Segment:
    """One cacheable stretch of a prompt: a tool, a system block or a content block."""

    content: object
    tokens: int
    ttl: str | None  # set where a cache breakpoint stands at its end


@dataclass(frozen=True)
class PromptTokens:
    """The tokens of a request, and how they fall to the prompt cache."""

    tokens: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    def shape(self, output_tokens: int, runs: int = 0, tier: str = "standard", thought: int = 0) -> JsonObject:
        """Return usage in the API's shape; `input_tokens` leaves out what was read or written."""
        tools = {"web_search_requests": 0, "web_fetch_requests": 0, "code_execution_requests": runs}
        written = self.written_5m + self.written_1h
        by_life = {
            "ephemeral_5m_input_tokens": self.written_5m,
            "ephemeral_1h_input_tokens": self.written_1h,
        }
        return {
            "input_tokens": self.tokens - self.read - written,
            "output_tokens": output_tokens,
            "output_tokens_details": {"thinking_tokens": thought},
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": self.read,
            "cache_creation": by_life,
            "server_tool_use": tools if runs else None,
            "service_tier": tier,
        }


def segments(body: JsonObject, documents: Iterable[Document], pictures: Iterable[QueryImage]) -> list[Segment]:
    """Return the stretches of a prompt in the order the model reads them: tools, system, messages."""
    costs = {"document": map(of_document, documents), "image": map(of_picture, pictures)}
    stretches = [_segment(tool, {}) for tool in body.get("tools") or ()]
    stretches += [_segment(block, {}) for block in _blocks(body.get("system") or ())]
    for message in body["messages"]:
        stretches += [_segment(block, costs) for block in _blocks(message["content"])]
    if stretches and (automatic := _ttl(body)):
        stretches[-1] = replace(stretches[-1], ttl=stretches[-1].ttl or automatic)
    return stretches


def _blocks(content: str | Iterable[JsonObject]) -> list[JsonObject]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _segment(block: JsonObject, costs: Mapping[str, Iterator[int]]) -> Segment:
    content = {name: value for name, value in block.items() if name != "cache_control"}
    kind = str(block.get("type"))
    if kind in costs:
        tokens = next(costs[kind])
    elif kind == "container_upload":
        tokens = DATA_FILE
    else:
        tokens = of_text(block["text"] if kind == "text" else json.dumps(content))
    return Segment(content, tokens, _ttl(block))


def _ttl(holder: JsonObject) -> str | None:
    mark = holder.get("cache_control")
    return (mark.get("ttl") or "5m") if isinstance(mark, dict) else None
