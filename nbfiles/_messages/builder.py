"""Events become an answer: `AnswerBuilder.add` takes one at a time, `snapshot` gives the answer so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from nbfiles._messages.answer import Answer, AnswerActions, Outcome, Usage
from nbfiles._messages.block_values import Block
from nbfiles._messages.blocks import PARTIAL_INPUT, GrowingBlock
from nbfiles._messages.code_steps import mapping
from nbfiles._messages.content import container_id
from nbfiles._messages.prepared import PreparedRequest
from nbfiles.records import JSON, LOCAL_SERVER, FileRecord, Files, Origin


class AnswerBuilder:
    """An answer while it arrives.

    1. It begins with a PreparedRequest, `asked`, which a repair may replace before anything arrived.
    2. `add` takes each event of the stream in constant time; unknown ones change nothing. A second
       `message_start` (after a pause) goes on behind the blocks and the usage of the first.
    3. `expect_files` and `add_file` take the files that the code made, from any thread, in any order.
    4. `outcome` says how it ended: it is set anew whenever more is known.
    5. `snapshot` gives the frozen Answer so far at any time, from any thread: the same one until something
       changes, so that the last that was drawn is the one that is returned.
    """

    def __init__(self, asked: PreparedRequest, actions: AnswerActions | None = None) -> None:
        self._lock = threading.RLock()
        self._snapshot: Answer | None = None
        self.asked = asked
        self.outcome = Outcome()
        self.usage = Usage()
        self.earlier_usage = Usage()  # of the requests before this one, where the answer paused
        self.stop_reason: str | None = None
        self._actions = actions
        self._model = asked.model
        self._closed: list[Block] = []
        self._open: GrowingBlock | None = None
        self._calls = 0
        self._local = self._begun = False
        self._expected: Mapping[str, Origin] = {}
        self._files: dict[str, FileRecord] = {}
        self._started = time.monotonic()

    def add(self, event: JSON) -> None:
        """Take one event of the Messages stream."""
        with self._lock:
            self._snapshot = None
            match event:
                case {"type": str(kind)} if kind == LOCAL_SERVER:
                    self._local = True
                case {"type": "message_start", "message": dict(message)}:
                    self._begin(message)
                case {"type": "content_block_start", "content_block": {"type": str()} as raw}:
                    self._begin_block(raw)
                case {"type": "content_block_delta", "delta": dict(delta)}:
                    self._grow(delta)
                case {"type": "content_block_stop"} if self._open:
                    self._open.close()
                case {"type": "message_delta"}:
                    self._end(mapping(event.get("delta")), mapping(event.get("usage")))

    def snapshot(self) -> Answer:
        """Return the answer so far."""
        with self._lock:
            if self._snapshot is None:
                self._snapshot = Answer(
                    asked=self.asked,
                    model=self._model,
                    blocks=(*self._closed, *([self._open.block()] if self._open else ())),
                    usage=self.usage,
                    stop_reason=self.stop_reason,
                    container=self.container,
                    local=self._local,
                    files=Files(self._files[i] for i in self._expected if i in self._files),
                    outcome=self.outcome,
                    actions=self._actions,
                )
            return self._snapshot

    def expect_files(self) -> Mapping[str, Origin]:
        """Return where each file that the code made comes from, by file_id; they will stand in this order."""
        self._expected = self.snapshot().origins()
        return self._expected

    def add_file(self, record: FileRecord) -> None:
        """Take a file that the code made."""
        with self._lock:
            self._files[record.file_id] = record
            self._snapshot = None

    @property
    def asked(self) -> PreparedRequest:
        """What is asked; another one is set before anything arrived."""
        return self._asked

    @asked.setter
    def asked(self, asked: PreparedRequest) -> None:
        with self._lock:
            self._asked, self.container, self._snapshot = asked, container_id(asked.request), None

    @property
    def outcome(self) -> Outcome:
        """How it ended, as far as is known."""
        return self._outcome

    @outcome.setter
    def outcome(self, outcome: Outcome) -> None:
        with self._lock:
            self._outcome, self._snapshot = outcome, None

    @property
    def seconds(self) -> float:
        """For how many seconds it has been under way."""
        return time.monotonic() - self._started

    @property
    def has_begun(self) -> bool:
        """Whether anything of it has arrived."""
        return self._begun or self._open is not None

    @property
    def has_blocks(self) -> bool:
        """Whether any block has arrived."""
        return self._open is not None

    @property
    def phase(self) -> tuple[object, ...]:
        """What goes on, in constant time; it changes when something else begins."""
        if (block := self._open) is None:
            return ("thinking",)
        return block.type, self._calls, block.type == "server_tool_use" and block.writes_input, self.stop_reason

    @property
    def block_type(self) -> str:
        """The type of the newest block; `thinking` before the first."""
        return self._open.type if self._open else "thinking"

    @property
    def has_text(self) -> bool:
        """Whether the newest block has words of prose."""
        return self._open is not None and self._open.has_text

    @property
    def partial_input(self) -> str:
        """The input of a tool call that is not whole yet, as it was written so far."""
        with self._lock:
            return self._open.text(PARTIAL_INPUT) if self._open else ""

    def _begin(self, message: JSON) -> None:
        self._begun, self._model = True, str(message.get("model") or self._model)
        self.earlier_usage = self.usage
        self.usage += _usage(mapping(message.get("usage")))
        self.stop_reason = None

    def _begin_block(self, raw: JSON) -> None:
        if self._open:
            self._closed.append(self._open.block())
        self._open = GrowingBlock(raw)
        self._calls += self._open.type == "server_tool_use"

    def _grow(self, delta: JSON) -> None:
        if (
            self._open is None and delta.get("type") == "text_delta"
        ):  # what says that it begins was lost; its words are not
            self._begin_block({"type": "text", "text": ""})
        if self._open:
            self._open.add(delta)

    def _end(self, delta: JSON, usage: JSON) -> None:
        container = mapping(delta.get("container"))
        now, before = _usage(usage), self.usage - self.earlier_usage
        self.usage = self.earlier_usage + Usage(
            max(now.input_tokens, before.input_tokens),
            max(now.output_tokens, before.output_tokens),
            max(now.cache_write_tokens, before.cache_write_tokens),
            max(now.cache_read_tokens, before.cache_read_tokens),
        )
        self.stop_reason = str(delta["stop_reason"]) if delta.get("stop_reason") else self.stop_reason
        self.container = str(container["id"]) if container.get("id") else self.container


def _usage(raw: JSON) -> Usage:
    def count(name: str) -> int:
        value = raw.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0

    return Usage(
        count("input_tokens"),
        count("output_tokens"),
        count("cache_creation_input_tokens"),
        count("cache_read_input_tokens"),
    )
