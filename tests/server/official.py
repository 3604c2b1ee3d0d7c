"""How these tests reach a server: the official SDK, strictly validating, over the server's own socket."""

from pathlib import Path
from typing import Any

import anthropic
import httpx2

from nbfiles.server.embedded import Embedded

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"
MODEL = "claude-sonnet-5-5"
CODE = {"type": "code_execution_20260521", "name": "code_execution"}


def connect(server: Embedded) -> anthropic.Anthropic:
    uds = str(server.socket_path) if server.socket_path else None
    return anthropic.Anthropic(
        base_url=server.base_url,
        api_key=server.key,
        http_client=anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(uds=uds)),
        max_retries=0,
        _strict_response_validation=True,
    )


def document(file_id: str, *, cite: bool = True) -> dict[str, Any]:
    source = {"type": "file", "file_id": file_id}
    return {"type": "document", "source": source, "citations": {"enabled": cite}}


def data(file_id: str) -> dict[str, Any]:
    return {"type": "container_upload", "file_id": file_id}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}
