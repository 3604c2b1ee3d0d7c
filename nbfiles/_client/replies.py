"""Read what the API replies, and check it: the SDK does not validate replies, and a proxy answers anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from nbfiles._client.error_mapping import not_the_api
from nbfiles.errors import NotTheApi, raise_alone
from nbfiles.records import JSON, RemoteFile

T = TypeVar("T")


class Reply(Protocol):
    """A reply whose head has arrived."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its header fields, whose names ignore case."""

    def read(self) -> bytes:
        """Read its whole body."""


class Body(Protocol):
    """Content that arrives bit by bit."""

    def iter_bytes(self) -> Iterator[bytes]:
        """Yield it as it comes."""


def check_type(headers: Mapping[str, str], expected: str) -> None:
    """Raise NotTheApi for a reply of another content type."""
    actual = headers.get("content-type", "no type").partition(";")[0]
    if actual != expected:
        raise NotTheApi(*not_the_api(f"{actual} instead of {expected}"))


def json_object(content: bytes) -> JSON:
    """Return the JSON object that a body is; raises NotTheApi for another value, ValueError for no JSON."""
    value = json.loads(content)
    if not isinstance(value, dict):
        raise NotTheApi(*not_the_api("a reply that is not an object"))
    return value


def field(reply: object, name: str, kind: type[T]) -> T:
    """Return a field of a reply; raises NotTheApi where it is missing or of another type."""
    value = reply.get(name) if isinstance(reply, dict) else None
    if not isinstance(value, kind) or not _can_be_stored(value):
        raise NotTheApi(*not_the_api(f"a reply without a proper “{name}”"))
    return value


def check_deleted(reply: JSON, file_id: str) -> None:
    """Raise NotTheApi unless a reply says that this file was deleted."""
    if (reply.get("type"), reply.get("id")) != ("file_deleted", file_id):
        raise NotTheApi(*not_the_api("a reply that does not say “file_deleted”"))


def remote_file(item: JSON) -> RemoteFile:
    """Read a FileMetadata."""
    file_id = field(item, "id", str)
    expires = item.get("expires_at")
    return RemoteFile(
        file_id=file_id,
        filename=field(item, "filename", str),
        mime_type=field(item, "mime_type", str),
        size_bytes=field(item, "size_bytes", int),
        created_at=_moment(field(item, "created_at", str)),
        expires_at=_moment(expires) if isinstance(expires, str) else None,
        downloadable=item.get("downloadable") is True,
    )


def remote_files(reply: JSON) -> tuple[list[RemoteFile], str | None]:
    """Read one page of a list of files, and the cursor of the next page, None on the last."""
    return [remote_file(item) for item in field(reply, "data", list)], next_page(reply)


def next_page(reply: JSON) -> str | None:
    """Return the cursor of the next page of a list, None where this page is the last."""
    cursor = reply.get("next_page")
    return cursor if isinstance(cursor, str) else None


def _moment(text: str) -> datetime:
    """Read a time; one without a zone is taken for UTC, which is what the API speaks."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise_alone(NotTheApi(*not_the_api("a time that is none")))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _can_be_stored(value: object) -> bool:
    """Return whether a value fits into a database: text that is Unicode, and numbers of 64 bits."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    return not isinstance(value, int) or abs(value) < 1 << 63
