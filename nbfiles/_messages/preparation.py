"""A question and its options become the request that is sent, and what its answer will say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from nbfiles._files.store import FileStore, hidden_paths
from nbfiles._messages import attachments, content, image_copies, request_size, structured_output, template
from nbfiles._messages.answer import Answer
from nbfiles._messages.conversations import Conversations
from nbfiles._messages.costs import Billing
from nbfiles._messages.models import Models
from nbfiles._messages.options import AskDefaults, AskKeywords
from nbfiles._messages.per_file import FinishedRows
from nbfiles._messages.prepared import PreparedRequest
from nbfiles._messages.request import AskRequest
from nbfiles._messages.skills import Skills
from nbfiles._messages.turn import TurnConnection
from nbfiles.destinations import Destination
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON, FileRecord, ending

NO_CITATIONS = "No citations: the API cannot give them together with a schema."
NOT_RUN = "A block of code that holds a {{variable}}, or comes from one, is data: the local server does not run it."
FOR_CODE = "container_upload"
OTHER_NAME = "Code finds “{}” as “{}”: that is its name in the workspace."
CANNOT_CITE = "No citations: {} cannot cite."


class AskConnection(TurnConnection, Protocol):
    """What questions need of a connection."""

    destination: Destination
    models: Models
    conversations: Conversations
    billing: Billing
    asked_about: set[str]
    finished: FinishedRows

    @property
    def files(self) -> FileStore:
        """The files."""

    @property
    def skills(self) -> Skills:
        """The skills."""


@redacted_repr
@dataclass(frozen=True, slots=True)
class FileAccess:
    """How a question comes to its files, with uploads or without: `find` by names, `smaller` copies of images."""

    find: Callable[..., list[FileRecord]]
    smaller: image_copies.Smaller


def prepare(asked: AskRequest, connection: AskConnection, defaults: AskDefaults, access: FileAccess) -> PreparedRequest:
    """Return what is to be sent for a question; raises BadInput for more than a request takes."""
    options, after = asked.options, _turn_before(asked, connection)
    find = partial(access.find, as_text=options["code"] is False, for_code=options["code"] is True)
    filled = template.fill(asked.question, asked.variables)
    schema = structured_output.schema(options["schema"], asked.variables) if options["schema"] is not None else None
    hidden = hidden_paths(connection.files.registry, [*asked.names, *filled.files])  # before they are uploaded
    records, names = _files_of(asked, filled, find)
    question = filled.text(names)
    if after:
        after = attachments.with_living_files(after, [*connection.files.index.records, *records])
    request = _body(question, records, options, after, schema, connection, defaults)
    files = [*connection.files.index.records, *attachments.attached(after, records)]
    request_size.of_request(request, files, connection.models.context(request["model"]), options["thread"]).check()
    request, copies, about_copies = image_copies.with_copies(request, files, access.smaller)
    attached = attachments.attached(after, [*records, *copies])
    return PreparedRequest(
        question=question,
        request=request,
        model=request["model"],
        by=connection.destination.author,
        sent_to=connection.destination.label,
        sources=tuple(dict.fromkeys([*(after.sources if after else ()), *(record.name for record in records)])),
        documents=attachments.names_of_documents(request["messages"], attached),
        pages=content.pages_of_documents(request["messages"], files),
        inputs=content.inputs([*connection.files.registry, *attached], request["messages"]),
        variables=filled.variables,
        notes=(
            *hidden,
            *_notes(request, options, connection, is_own_code=filled.holds_code(names)),
            *_about_files(request, records),
            *about_copies,
        ),
        thread=options["thread"] or (after.thread if after else None),
        turn=after.turn + 1 if after else 1,
        schema=schema,
        records=tuple(records),
        attached=attached,
    )


def check_before_uploads(asked: AskRequest, connection: AskConnection, defaults: AskDefaults) -> None:
    """Raise BadInput for more than a request takes, before anything of it is uploaded.

    What is uploaded already is looked at when the request is made.
    """
    files, thread, after = connection.files, asked.options["thread"], _turn_before(asked, connection)
    names = [name for name in asked.names if isinstance(name, str)]
    if all(map(files.named, names)):
        return
    model = chosen_model(asked.options, after, defaults, connection.models)
    peeked = files.peek(names, failed={})  # their errors are raised when they are uploaded
    request_size.before_uploads(peeked, after, model, connection.models.context(model), thread).check()


def _turn_before(asked: AskRequest, connection: AskConnection) -> Answer | None:
    """Return the answer that a question goes on from."""
    thread, fresh = asked.options["thread"], asked.options["fresh"]
    return connection.conversations.begin(thread, fresh=fresh).last if thread else asked.after


def _notes(request: JSON, options: AskKeywords, connection: AskConnection, *, is_own_code: bool) -> Iterator[str]:
    yield from _about_citations(request, options, connection.models)
    if connection.destination.runs_own_code and is_own_code:
        yield NOT_RUN
    yield from connection.models.ending(request["model"])


def _files_of(
    asked: AskRequest, filled: template.FilledTemplate, find: Callable[..., list[FileRecord]]
) -> tuple[list[FileRecord], dict[str, str]]:
    """Return the files of a question, and the names of those that it names in its text."""
    records = find(asked.names)
    in_question = {name: find([name]) for name in filled.files}
    every = [*records, *(record for some in in_question.values() for record in some)]
    names = {name: some[0].name for name, some in in_question.items() if some}
    return list({record.name: record for record in every}.values()), names


def _about_files(request: JSON, records: Sequence[FileRecord]) -> Iterator[str]:
    """Say which files expire soon, and which ones code does not find by the name that was said."""
    yield from ending(records)
    for_code = {block["file_id"] for block in content.all_blocks(request["messages"]) if block["type"] == FOR_CODE}
    for record in records:
        if record.file_id in for_code and record.remote_name != record.name:
            yield OTHER_NAME.format(record.name, record.remote_name)


def _about_citations(request: JSON, options: AskKeywords, models: Models) -> tuple[str, ...]:
    """Say why nothing is cited, where somebody may have expected it."""
    if options["schema"] is not None and options["cite"]:
        return (NO_CITATIONS,)
    kinds = (block["type"] for block in content.all_blocks(request["messages"]))
    if options["cite"] is None and "document" in kinds and not models.cites(request["model"]):
        return (CANNOT_CITE.format(request["model"]),)
    return ()


def chosen_model(options: AskKeywords, after: Answer | None, defaults: AskDefaults, models: Models) -> str:
    """Return the model that is asked: the one that was named, that of the conversation, or the default."""
    return options["model"] or (after.request["model"] if after else defaults.model or models.default)


def _body(
    question: str,
    records: Sequence[FileRecord],
    options: AskKeywords,
    after: Answer | None,
    schema: structured_output.Schema | None,
    connection: AskConnection,
    defaults: AskDefaults,
) -> JSON:
    code = options["code"]
    if code is None:
        code = content.needs_code(records) or bool(options["skill"] or (after and "tools" in after.request))
    models = connection.models
    model = chosen_model(options, after, defaults, models)
    effort = options["effort"] or defaults.effort
    output = ({"effort": effort} if effort else {}) | ({"format": schema.format} if schema else {})
    again = any(record.file_id in connection.asked_about for record in records)
    blocks = content.blocks(records, code=code, asked_for=bool(options["code"]))
    if after:
        blocks = [*attachments.not_sent_yet(blocks, after, records), *attachments.about(records, after)]
    return content.request(
        question,
        blocks,
        model=model,
        max_tokens=options["max_tokens"] or models.bounded(model, defaults.max_tokens),
        code=models.code_tool(model) if code else None,
        cite=schema is None and (models.cites(model) if options["cite"] is None else options["cite"]),
        cached=bool(options["thread"] or after or again),
        output=output,
        skills=connection.skills.for_request(options["skill"]) if options["skill"] is not None else (),
        after=after,
    )
