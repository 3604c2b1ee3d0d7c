"""A request body that keeps to the rules → a `Query`: files looked up, types compared with blocks, pages read."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nbfiles._documents.checks import image_header
from nbfiles._documents.pdf import DocumentError, page_texts
from nbfiles.server import models, rules
from nbfiles.server.errors import ApiProblem, deleted_meanwhile, invalid, missing
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages import client_tools, code_tool, usage
from nbfiles.server.messages.caching import PromptCache
from nbfiles.server.messages.fenced import runnable
from nbfiles.server.messages.prompted_schema import prompted_schema
from nbfiles.server.messages.query import DataFile, Document, Query, QueryImage, Unit
from nbfiles.server.rules import options, sizes
from nbfiles.server.rules.data_files import check_profiled
from nbfiles.server.rules.messages import Located, blocks, cites
from nbfiles.server.storage.store import Store, StoredFile

PDF, PLAIN = "application/pdf", "text/plain"
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_BLANK_LINES = re.compile(r"\A\s*\n")
KEPT_CHARS = 16_000_000  # of documents whose pages stay in memory; a 500-page book is about 1 MB


class RequestReader:
    """Reads requests against one store; pages of stored files are kept, as a file never changes."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._parts: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._cache = PromptCache(clock)

    def read(self, body: JsonObject, *, to_count: bool = False) -> Query:
        """Return the question of a request; one that is only counted writes nothing to the cache."""
        placed = list(blocks(body))
        model = models.find(body["model"])
        documents = self._documents(placed, model)
        pictures = tuple(self._picture(where, block) for where, _, block in placed if block["type"] == "image")
        segments = usage.segments(body, documents, pictures)
        images = (*pictures, *(self._picture(where, block) for where, block in _images_of_results(placed)))
        rules.check_read(sizes.ReadRequest(model, documents, images, segments), "count" if to_count else "message")
        data_files = self._data_files(placed, body["messages"][-1])
        question = question_of(body["messages"])
        if not to_count and not runnable(question, code_tool.version(body)):
            check_profiled(data_files, question)
        asked = ((body.get("output_config") or {}).get("format") or {}).get("schema")
        schema = asked or prompted_schema(body)
        return Query(
            model=body["model"],
            question=question,
            documents=documents,
            pictures=pictures,
            data_files=data_files,
            tool=code_tool.version(body),
            container_id=self._container(body),
            max_tokens=body.get("max_tokens", 0),
            stop_sequences=tuple(body.get("stop_sequences") or ()),
            prompt=self._prompt(model, segments, to_count),
            schema=schema,
            prompted=schema is not asked,
            thinking=options.thinking(body),
            diagnostics=options.diagnostics(body),
            client_tools=client_tools.tools(body),
            tool_choice=client_tools.choice(body),
            results=client_tools.results(body["messages"]),
            answered=client_tools.answered(body["messages"]),
            conversation=client_tools.conversation(body["messages"]),
            calls=code_tool.calls_before(body["messages"]),
        )

    def _prompt(self, model: models.ServedModel, segments: list[usage.Segment], to_count: bool) -> usage.PromptTokens:
        if to_count:
            return usage.PromptTokens(sum(segment.tokens for segment in segments))
        return self._cache.take(model.id, segments, model.cache_minimum)

    def _documents(self, placed: list[Located], model: models.ServedModel) -> tuple[Document, ...]:
        sources = [(where, block) for where, _, block in placed if block["type"] == "document"]
        results = [block for _, _, block in placed if block["type"] == "search_result"]
        documents = (self._document(model, index, *block) for index, block in enumerate(sources))
        return (*documents, *(_search_result(index, block) for index, block in enumerate(results)))

    def _document(self, model: models.ServedModel, index: int, where: str, block: JsonObject) -> Document:
        source, title, cite = block["source"], _title(where, block), cites(block)
        match source.get("type"):
            case "file":
                file = self._file(where, source)
                unit = _document_unit(where, file)
                sizes.check_text_file(file.mime_type, file.size_bytes, model)
                return Document(index, title or file.filename, file.id, unit, self._file_parts(file), cite)
            case "base64":
                return Document(index, title, None, "page", _pages(_decoded(where, source, (PDF,))), cite)
            case "text":
                return Document(index, title, None, "char", (_string(where, source, "data"),), cite)
            case "content":
                return Document(index, title, None, "block", _block_texts(where, source), cite)
            case kind:
                raise _unknown_source(where, kind)

    def _picture(self, where: str, block: JsonObject) -> QueryImage:
        picture = self._described_image(where, block)
        sizes.check_fit(where, block, picture)
        return picture

    def _described_image(self, where: str, block: JsonObject) -> QueryImage:
        source = block["source"]
        match source.get("type"):
            case "file":
                file = self._file(where, source)
                if file.mime_type not in IMAGES:
                    raise invalid(f"{where}: image blocks do not take files of type {file.mime_type}")
                path = self._store.content(file.id)
                with deleted_meanwhile(f"File `{file.id}`", path):
                    return _described(where, file.filename, path)
            case "base64":
                sizes.check_base64(where, source.get("data"))
                return _described(where, "image", _decoded(where, source, IMAGES))
            case kind:
                raise _unknown_source(where, kind)

    def _data_files(self, placed: list[Located], newest: JsonObject) -> tuple[DataFile, ...]:
        """Return the uploads, each file once although the conversation may name it in every turn."""
        uploads = [(where, b) for where, role, b in placed if b["type"] == "container_upload" and role == "user"]
        files = {file.id: file for file in (self._file(where, block) for where, block in uploads)}
        new = {block.get("file_id") for _, _, block in blocks({"messages": [newest]})}
        return tuple(
            DataFile(file.id, file.filename, self._store.content(file.id), file.id in new) for file in files.values()
        )

    def _container(self, body: JsonObject) -> str | None:
        """Return the container to go on with, if it still lives."""
        container = body.get("container")
        container_id = container.get("id") if isinstance(container, dict) else container
        if container_id is None:
            return None
        if not isinstance(container_id, str):
            raise invalid("container: Input should be a container id")
        expires_at = self._store.container_expiry(container_id)
        if expires_at is None:
            raise missing(f"Container `{container_id}` not found.")
        if expires_at <= time.time():
            raise missing(f"Container `{container_id}` has expired.")
        return container_id

    def _file(self, where: str, source: JsonObject) -> StoredFile:
        return self._store.require_readable(_string(where, source, "file_id"))

    def _file_parts(self, file: StoredFile) -> tuple[str, ...]:
        if file.id not in self._parts:
            path = self._store.content(file.id)
            with deleted_meanwhile(f"File `{file.id}`", path):
                self._parts[file.id] = _file_texts(path, file)
        parts = self._parts[file.id]
        while len(self._parts) > 1 and sum(map(_length, self._parts.values())) > KEPT_CHARS:
            self._parts.popitem(last=False)
        return parts


def _images_of_results(placed: list[Located]) -> Iterator[tuple[str, JsonObject]]:
    """Yield the images that tools of the client returned; they count for the limits, and nobody describes them."""
    for where, _, block in placed:
        content = block.get("content") if block["type"] == "tool_result" else None
        for n, inner in enumerate(content if isinstance(content, list) else ()):
            if inner["type"] == "image" and inner["source"]["type"] != "url":  # that would have to be fetched
                yield f"{where}.content.{n}", inner


def _search_result(index: int, block: JsonObject) -> Document:
    texts = tuple(part["text"] for part in block["content"] if isinstance(part.get("text"), str))
    return Document(index, block["title"], None, "result", texts, cites(block), block["source"])


def _document_unit(where: str, file: StoredFile) -> Unit:
    """Return what a file is cited by: only PDF and plain text are documents."""
    units: dict[str, Unit] = {PDF: "page", PLAIN: "char"}
    if file.mime_type not in units:
        raise invalid(f"{where}: document blocks take application/pdf and text/plain, not {file.mime_type}")
    return units[file.mime_type]


def _file_texts(path: Path, file: StoredFile) -> tuple[str, ...]:
    return _pages(path) if file.mime_type == PDF else (path.read_bytes().decode("utf-8", "replace"),)


def _length(parts: Iterable[str]) -> int:
    return sum(map(len, parts))


def _pages(source: Path | bytes) -> tuple[str, ...]:
    try:
        return tuple(page_texts(source))
    except DocumentError as problem:
        reason = "The PDF is encrypted." if "encrypted" in str(problem) else "The PDF specified was not valid."
        raise invalid(reason) from None


def _block_texts(where: str, source: JsonObject) -> tuple[str, ...]:
    content = source.get("content")
    if isinstance(content, str):
        return (content,)
    if not isinstance(content, list):
        raise invalid(f"{where}.source.content: Field required")
    return tuple(str(block.get("text", "")) for block in content if isinstance(block, dict))


def _title(where: str, block: JsonObject) -> str | None:
    title = block.get("title")
    if title is not None and not isinstance(title, str):
        raise invalid(f"{where}.title: Input should be a valid string")
    return title


def _string(where: str, source: JsonObject, name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{where}.{name}: Field required")
    return value


def _decoded(where: str, source: JsonObject, types: tuple[str, ...]) -> bytes:
    if source.get("media_type") not in types:
        raise invalid(f"{where}.source.media_type: Input should be one of {', '.join(types)}")
    try:
        return base64.b64decode(_string(where, source, "data"), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"{where}.source.data: not valid base64") from None


def _described(where: str, name: str, source: Path | bytes) -> QueryImage:
    try:
        kind, width, height = image_header(source)
    except DocumentError:
        raise invalid(f"{where}: could not process image") from None
    return QueryImage(
        where, name, kind, width, height, len(source) if isinstance(source, bytes) else source.stat().st_size
    )


def _unknown_source(where: str, kind: object) -> ApiProblem:
    if kind == "url":
        return invalid(f"{where}.source: the local server does not fetch URLs; upload the file instead")
    return invalid(f"{where}.source.type: '{kind}' is not a known source")


def question_of(messages: list[JsonObject]) -> str:
    """Return the last thing the user said in words."""
    texts = (_text_of(message["content"]) for message in reversed(messages) if message["role"] == "user")
    return next((text for text in texts if text.strip()), "")


def _text_of(content: str | list[JsonObject]) -> str:
    """Return the text without blank lines around it; the space before a fence tells that it is not a program."""
    if not isinstance(content, str):
        content = "\n\n".join(block["text"] for block in content if block["type"] == "text")
    return _BLANK_LINES.sub("", content).rstrip()
