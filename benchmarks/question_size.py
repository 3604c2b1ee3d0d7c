"""A question about an uploaded PDF sends its id, not its bytes: under 1 KB besides the question."""

from __future__ import annotations

import json
import tempfile
from base64 import b64encode
from pathlib import Path

import anthropic
from common import SAMPLES, table
from loopback import serve

from nbfiles._messages.options import AskKeywords
from nbfiles._messages.request import AskRequest
from nbfiles.config import DEFAULT_MAX_TOKENS, DEFAULT_MODEL, Settings
from nbfiles.session import Session

PDF = SAMPLES / "bzip2-manual.pdf"
QUESTION = "How much memory does decompression take, and on which page is that said?"
TURNS = 20
MODEL, TOKENS = "full-speed", 100  # what loopback.py makes of them
ALLOWANCE = len(DEFAULT_MODEL) - len(MODEL) + len(str(DEFAULT_MAX_TOKENS)) - len(str(TOKENS))

Sizes = list[tuple[int, int]]  # of each turn: bytes of the request, bytes of its body


def with_nbfiles(url: str, data_dir: Path) -> None:
    session, answer = Session(Settings(url, folder=data_dir)), None
    for turn in range(TURNS):
        names = [] if turn else [str(PDF)]
        answer = session.ask(AskRequest(QUESTION, names, AskKeywords(model=MODEL, max_tokens=TOKENS), after=answer))
    session.close()


def with_base64(url: str) -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": b64encode(PDF.read_bytes()).decode()}
    content = [{"type": "document", "source": source}]
    messages = []
    with anthropic.Anthropic(base_url=url, api_key="key") as client:
        for _ in range(TURNS):
            messages.append({"role": "user", "content": [*content, {"type": "text", "text": QUESTION}]})
            events = client.messages.create(model=MODEL, max_tokens=TOKENS, messages=messages, stream=True)
            deltas = [event.delta.text for event in events if event.type == "content_block_delta"]
            messages.append({"role": "assistant", "content": "".join(deltas)})
            content = []


def sizes(seen: list[tuple[int, bytes]]) -> Sizes:
    """Count the requests, as if they named the default model and limit."""
    found = [(head + len(body) + ALLOWANCE, len(body) + ALLOWANCE) for head, body in seen]
    seen.clear()
    return found


def row(what: str, ours: int, theirs: int) -> tuple[str, ...]:
    return what, f"{ours:,}", f"{theirs:,}", f"{theirs / ours:,.0f} ×"


def main() -> None:
    with serve() as (url, seen), tempfile.TemporaryDirectory() as folder:
        with_nbfiles(url, Path(folder))
        ours = sizes(seen)
        with_base64(url)
        theirs = sizes(seen)
    question = len(json.dumps(QUESTION)) - 2
    print(f"{TURNS} questions about a PDF of {PDF.stat().st_size:,} bytes, in bytes\n")
    table(
        ("", "nbfiles", "SDK, base64", "ratio"),
        row("first request, body besides the question", ours[0][1] - question, theirs[0][1] - question),
        row("first request, body", ours[0][1], theirs[0][1]),
        row("first request, body and headers", ours[0][0], theirs[0][0]),
        row("last request, with its history", ours[-1][0], theirs[-1][0]),
        row(f"{TURNS} requests, bodies and headers", sum(a for a, _ in ours), sum(b for b, _ in theirs)),
    )
    print(f"\nOnce, with nbfiles: the upload itself, {PDF.stat().st_size:,} bytes.")


if __name__ == "__main__":
    main()
