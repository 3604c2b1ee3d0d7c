"""Events become an answer: `fold(answer, event) -> answer`, pure, one event at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from nbfiles._messages import untrusted
from nbfiles._messages.answer import JSON, Answer, Usage


def fold(answer: Answer, event: JSON) -> Answer:
    """Return the answer after one event of the Messages stream; unknown events change nothing.

    A second `message_start` (after pause_turn) goes on behind the blocks and the usage of the first.
    """
    match event:
        case {"type": "message_start", "message": dict(message)}:
            return _begin(answer, message)
        case {"type": "content_block_start", "content_block": {"type": str()} as block}:
            return replace(answer, blocks=(*answer.blocks, untrusted.block(block)), partial_input="")
        case {"type": "content_block_delta", "delta": dict(delta)} if answer.blocks:
            return _grow(answer, delta)
        case {"type": "content_block_stop"} if answer.partial_input:
            return _close_input(answer)
        case {"type": "message_delta"}:
            return _end(answer, untrusted.mapping(event.get("delta")), untrusted.mapping(event.get("usage")))
    return answer


def _begin(answer: Answer, message: JSON) -> Answer:
    usage = _usage(untrusted.mapping(message.get("usage")))
    return replace(
        answer,
        model=str(message.get("model") or answer.model),
        earlier=(len(answer.blocks), answer.usage),
        usage=answer.usage + usage,
        stop_reason=None,
    )


def _grow(answer: Answer, delta: JSON) -> Answer:
    block = answer.blocks[-1]
    match delta:
        case {"type": "text_delta", "text": str(text)}:
            block = {**block, "text": block.get("text", "") + text}
        case {"type": "thinking_delta", "thinking": str(text)}:
            block = {**block, "thinking": block.get("thinking", "") + text}
        case {"type": "signature_delta", "signature": str(text)}:
            block = {**block, "signature": block.get("signature", "") + text}
        case {"type": "citations_delta", "citation": dict(citation)}:
            block = {**block, "citations": [*(block.get("citations") or ()), untrusted.citation(citation)]}
        case {"type": "input_json_delta", "partial_json": str(text)}:
            return replace(answer, partial_input=answer.partial_input + text)
        case _:
            return answer
    return replace(answer, blocks=(*answer.blocks[:-1], block))


def _close_input(answer: Answer) -> Answer:
    try:
        value = json.loads(answer.partial_input)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        value = {"code": answer.partial_input}  # broken JSON is still worth reading
    block = {**answer.blocks[-1], "input": value}
    return replace(answer, blocks=(*answer.blocks[:-1], block), partial_input="")


def _end(answer: Answer, delta: JSON, usage: JSON) -> Answer:
    container = untrusted.mapping(delta.get("container"))
    began, past = answer.earlier
    now = _usage(usage)
    current = Usage(*(max(a, b) for a, b in zip(_tuple(now), _minus(answer.usage, past), strict=True)))
    return replace(
        answer,
        stop_reason=str(delta["stop_reason"]) if delta.get("stop_reason") else answer.stop_reason,
        container=str(container["id"]) if container.get("id") else answer.container,
        usage=past + current,
        earlier=(began, past),
    )


def _usage(raw: JSON) -> Usage:
    def count(name: str) -> int:
        value: Any = raw.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0

    return Usage(
        count("input_tokens"),
        count("output_tokens"),
        count("cache_creation_input_tokens"),
        count("cache_read_input_tokens"),
    )


def _tuple(usage: Usage) -> tuple[int, int, int, int]:
    return usage.input_tokens, usage.output_tokens, usage.cache_write_tokens, usage.cache_read_tokens


def _minus(usage: Usage, past: Usage) -> tuple[int, ...]:
    return tuple(a - b for a, b in zip(_tuple(usage), _tuple(past), strict=True))
