"""Answers for tests: made of blocks as the API sends them, or of the events of a stream."""

from collections.abc import Iterable
from typing import Any

from nbfiles._messages.answer import Answer, Outcome
from nbfiles._messages.blocks import parse_block
from nbfiles._messages.builder import AnswerBuilder
from nbfiles._messages.prepared import PreparedRequest

ASKED = set(PreparedRequest.__dataclass_fields__) - {"model"}
ENDED = set(Outcome.__dataclass_fields__)


def answer_of(*blocks: dict[str, Any], **values: Any) -> Answer:
    """Return an answer with these blocks; values are those of its request, of itself and of its outcome."""
    asked = PreparedRequest(**{name: value for name, value in values.items() if name in ASKED})
    outcome = Outcome(**{name: value for name, value in values.items() if name in ENDED - ASKED})
    others = {name: value for name, value in values.items() if name not in ASKED | ENDED}
    return Answer(asked=asked, blocks=tuple(map(parse_block, blocks)), outcome=outcome, **others)


def said(text: str, **values: Any) -> Answer:
    """Return an answer in prose."""
    return answer_of({"type": "text", "text": text}, **values)


def built(events: Iterable[dict[str, Any]], **asked: Any) -> AnswerBuilder:
    """Return the builder of an answer after these events."""
    builder = AnswerBuilder(PreparedRequest(**asked))
    for event in events:
        builder.add(event)
    return builder
