"""What is sent for a question: the request, and what the answer will say about it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from nbfiles._messages.structured_output import Schema
from nbfiles.private_values import private, redacted_repr
from nbfiles.records import JSON, FileRecord


@redacted_repr
@dataclass(frozen=True)
class PreparedRequest:
    """A question ready to be sent.

    `question` is as it was filled, `request` the body without credentials. `sources` names every file of the
    conversation, `documents` those that can be cited, by index, `pages` which pages of a PDF each of these is (empty
    for all), and `inputs` name and SHA-256 of what code can
    read; `records` are the files that were named for this question, `attached` those of the whole conversation.
    `by` is who answers where that is known before the reply tells its model: the embedded server. `variables` are
    those put into the question, `notes` what else a person should know. `turn` counts from 1 within the `thread`.
    """

    question: str = ""
    request: JSON = field(default_factory=dict, repr=False)
    model: str = ""
    by: str = ""
    sent_to: str = field(default="", repr=False)
    sources: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    pages: tuple[str, ...] = field(default=(), repr=False)
    inputs: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    variables: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    thread: str | None = None
    turn: int = field(default=1, repr=False)
    schema: Schema | None = field(default=None, repr=False, compare=False)
    records: tuple[FileRecord, ...] = field(default=(), repr=False, compare=False)
    attached: tuple[FileRecord, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, private(getattr(self, one.name)))

    def to_dict(self) -> JSON:
        """Return it as JSON, without the records of the files; the request body names files by their file_ids."""
        values = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("records", "attached", "schema")
        }
        lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
        pairs = [list(pair) for pair in self.inputs]
        return {**values, **lists, "inputs": pairs, "schema": self.schema.to_dict() if self.schema else None}

    @classmethod
    def from_dict(cls, values: JSON) -> PreparedRequest:
        """Return what `to_dict` gave as a value."""
        tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        inputs = tuple((name, digest) for name, digest in values["inputs"])
        schema = values["schema"]
        saved = {"inputs": inputs, "schema": Schema.from_dict(schema) if schema else None}
        return cls(**{**values, **tuples, **saved})
