"""A Messages request for an API without files: file sources become inline content.

PDF and images travel as base64, text as text. For a server that knows no document blocks, documents become
plain text blocks with their title above them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeAlias

from nbfiles._documents.pdf import DocumentError, page_texts
from nbfiles.server.errors import ApiProblem, deleted_meanwhile, invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.rules.sizes import JSON_LIMIT
from nbfiles.server.storage.store import Store

PDF, PLAIN = "application/pdf", "text/plain"
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")

Block: TypeAlias = JsonObject


def inlined(body: object, store: Store) -> object:
    """Return a request without file sources; raises the documented errors for files that cannot be had."""
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return body  # the upstream says what is wrong with it
    reader = _Reader(store)
    messages = [_with_content(message, reader.block) for message in body["messages"]]
    return body | {"messages": messages}


def flattened(body: object) -> object:
    """Return a request whose documents are text blocks."""
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return body
    return body | {"messages": [_with_content(message, _as_text) for message in body["messages"]]}


def has_documents(body: object) -> bool:
    """Return whether a request has document blocks."""
    messages = body.get("messages") if isinstance(body, dict) else None
    contents = [m.get("content") for m in messages or () if isinstance(m, dict)]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return any(isinstance(block, dict) and block.get("type") == "document" for block in blocks)


def _with_content(message: object, change: Callable[[Block], Block]) -> object:
    if not isinstance(message, dict) or not isinstance(content := message.get("content"), list):
        return message
    return message | {"content": [change(b) if isinstance(b, dict) else b for b in content]}


class _Reader:
    """Reads the files of one request, up to what one request may carry."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left = JSON_LIMIT

    def block(self, block: Block) -> Block:
        source = block.get("source")
        if block.get("type") == "container_upload":
            raise invalid("container_upload: the upstream has no container for files; ask without code")
        if not isinstance(source, dict) or source.get("type") != "file":
            return block
        file = self._store.require_readable(str(source.get("file_id")))
        content = self._read(file.id, file.size_bytes)
        if file.mime_type == PLAIN:
            text = content.decode("utf-8", "replace")
            inline = {"type": "text", "media_type": PLAIN, "data": text}
        elif file.mime_type == PDF or file.mime_type in IMAGES:
            data = base64.b64encode(content).decode()
            inline = {"type": "base64", "media_type": file.mime_type, "data": data}
        else:
            raise invalid(f"{block.get('type')} blocks do not take files of type {file.mime_type}")
        named = {"title": file.filename} if block.get("type") == "document" else {}
        return named | block | {"source": inline}

    def _read(self, file_id: str, size: int) -> bytes:
        self._left -= size * 4 // 3
        if self._left < 0:
            raise ApiProblem(413, "The files of this request are more than one request can carry inline.")
        path = self._store.content(file_id)
        with deleted_meanwhile(f"File `{file_id}`", path):
            return path.read_bytes()


def _as_text(block: Block) -> Block:
    if block.get("type") != "document":
        return block
    source = block["source"]
    text = source.get("data", "")
    if source.get("type") == "base64":
        try:
            text = "\n\n".join(page_texts(base64.b64decode(text)))
        except DocumentError:
            raise invalid("The PDF specified was not valid.") from None
    elif source.get("type") == "content":
        content = source.get("content")
        text = content if isinstance(content, str) else "\n\n".join(str(b.get("text", "")) for b in content)
    return {"type": "text", "text": f"Document “{block.get('title') or 'untitled'}”:\n\n{text}"}
