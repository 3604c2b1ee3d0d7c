"""The Files API (generally available shapes)."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from nbfiles.server import workspaces
from nbfiles.server.errors import ApiProblem, deleted_meanwhile, invalid, missing
from nbfiles.server.ids import timestamp
from nbfiles.server.json_types import JsonObject
from nbfiles.server.routes.common import cursor_position, whole_number
from nbfiles.server.rules import filenames, versions
from nbfiles.server.storage import uploads
from nbfiles.server.storage.store import DiskFull, Full, Store, StoredFile

SHORTEST, LONGEST = 3600, 7_776_000  # seconds a file may live: one hour to ninety days
MAX_IDS = 100
LONGEST_TYPE = 255  # characters
MAX_PAGE, DEFAULT_PAGE = 1000, 20
LOOK_EVERY = 16 * 1024 * 1024  # bytes of an upload between two looks at the free space


class _Content(FileResponse):
    chunk_size = 1024 * 1024  # Starlette's 64 KiB costs a thread switch each


def metadata(file: StoredFile) -> JsonObject:
    """Return a file in the API's shape."""
    return {
        "id": file.id,
        "type": "file",
        "filename": file.filename,
        "mime_type": file.mime_type,
        "size_bytes": file.size_bytes,
        "created_at": timestamp(file.created_at),
        "downloadable": bool(file.downloadable),
        "expires_at": timestamp(file.expires_at) if file.expires_at else None,
    }


async def upload(request: Request) -> Response:
    """POST /v1/files."""
    store = workspaces.of(request).store
    staged = store.staging()
    try:
        store.check_room(int(request.headers.get("content-length", 0)))
        form = await uploads.receive(_watched(store, request.stream()), request.headers.get("content-type", ""), staged)
        file = await run_in_threadpool(_keep, store, staged, form)
    except DiskFull:
        raise  # that is not the quota
    except Full:
        raise _full() from None
    finally:
        staged.unlink(missing_ok=True)
    return JSONResponse(metadata(file))


async def _watched(store: Store, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass a body through, looking from time to time whether the disk still has room for more."""
    unseen = 0
    async for chunk in stream:
        unseen += len(chunk)
        if unseen > LOOK_EVERY:
            store.check_room(0)
            unseen = 0
        yield chunk


def _full() -> ApiProblem:
    return invalid("Storage quota exceeded: delete files and try again.", "storage_quota_exceeded")


def _keep(store: Store, staged: Path, form: uploads.MultipartUpload) -> StoredFile:
    if not form.has_file:
        raise invalid("file: Field required")
    mime_type = filenames.media_type(form.mime_type.partition(";")[0].strip().lower(), form.filename, form.head)
    if len(mime_type) > LONGEST_TYPE:
        raise invalid(f"mime_type: must be at most {LONGEST_TYPE} characters long")
    if not mime_type.isprintable():
        raise invalid("mime_type: must not contain control characters")
    filename = filenames.stored_name(form.filename, mime_type)
    expires_in = _expiry(form.fields.get("expires_in_seconds"))
    if form.size == 0:
        raise invalid("file: must not be empty")
    return store.add(staged, filename=filename, mime_type=mime_type, expires_in=expires_in)


def _expiry(text: str | None) -> int | None:
    return None if text is None else whole_number("expires_in_seconds", text, SHORTEST, LONGEST)


def list_files(request: Request) -> Response:
    """GET /v1/files."""
    store = workspaces.of(request).store
    query = request.query_params
    old = versions.is_old(request.headers) or versions.FILES_BETA in versions.betas(request.headers)
    known = {"limit", "page", "ids[]", "ids", "beta", "scope_id"} | ({"after_id", "before_id"} if old else set())
    unknown = set(query) - known
    if unknown:
        raise invalid(f"{min(unknown)}: Extra inputs are not permitted")
    if "scope_id" in query:
        return JSONResponse(_page([], limit=1))  # no file of this server belongs to a session
    file_ids = query.getlist("ids[]") + query.getlist("ids")
    if file_ids:
        return JSONResponse(_by_ids(store, file_ids, exclusive=not {"limit", "page"} & set(query)))
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    if old and "page" not in query:
        return JSONResponse(_old_page(request, store, limit))
    return JSONResponse(_page(store.page(limit + 1, before=_row(query.get("page"))), limit))


def _page(files: list[StoredFile], limit: int) -> JsonObject:
    more = _cursor(files[limit - 1]) if len(files) > limit else None
    return {"data": [metadata(file) for file in files[:limit]], "next_page": more}


def _old_page(request: Request, store: Store, limit: int) -> JsonObject:
    """Return a page with id cursors; without the beta header a page cursor stands beside them."""
    query = request.query_params
    if "before_id" in query:
        newer = store.newer(limit + 1, than=store.position(query["before_id"]))
        page, more = newer[-limit:], len(newer) > limit
    else:
        after = store.position(query["after_id"]) if "after_id" in query else None
        older = store.page(limit + 1, before=after)
        page, more = older[:limit], len(older) > limit
    ends = {"first_id": page[0].id if page else None, "last_id": page[-1].id if page else None}
    data = {"data": [metadata(file) for file in page], "has_more": more, **ends}
    if versions.FILES_BETA in versions.betas(request.headers):
        return data
    return data | {"next_page": _cursor(page[-1]) if more and "before_id" not in query else None}


def _by_ids(store: Store, file_ids: list[str], *, exclusive: bool) -> JsonObject:
    if not exclusive:
        raise invalid("ids: cannot be combined with limit or page")
    if len(file_ids) > MAX_IDS:
        raise invalid(f"ids: at most {MAX_IDS} ids are allowed")
    return {"data": [metadata(file) for file in store.by_ids(file_ids)], "next_page": None}


def _cursor(file: StoredFile) -> str:
    return "page_" + base64.urlsafe_b64encode(b"%d" % file.seq).decode().rstrip("=")


def _row(cursor: str | None) -> int | None:
    return None if cursor is None else cursor_position(cursor)


async def retrieve(request: Request) -> Response:
    """GET /v1/files/{id}."""
    store, file_id = workspaces.of(request).store, request.path_params["file_id"]
    try:
        file = store.require(file_id, wait=False)  # a tenth of what it takes to wake a thread
    except sqlite3.OperationalError:
        file = await run_in_threadpool(store.require, file_id)
    return JSONResponse(metadata(file))


def content(request: Request) -> Response:
    """GET /v1/files/{id}/content."""
    store = workspaces.of(request).store
    file = store.require_readable(request.path_params["file_id"])
    if not file.downloadable:
        raise invalid(f"File `{file.id}` is not downloadable.", "file_not_downloadable")
    path = store.content(file.id)
    with deleted_meanwhile(f"File `{file.id}`", path):
        status = path.stat()  # later, it would be an error of Starlette's
    return _Content(path, media_type=file.mime_type, filename=file.filename, stat_result=status)


def delete(request: Request) -> Response:
    """DELETE /v1/files/{id}."""
    file_id = request.path_params["file_id"]
    if not workspaces.of(request).store.delete(file_id):
        raise missing(f"File `{file_id}` not found.")
    return JSONResponse({"id": file_id, "type": "file_deleted"})


def routes() -> list[Route]:
    """Return the resource's routes."""
    return [
        Route("/v1/files", upload, methods=["POST"]),
        Route("/v1/files", list_files, methods=["GET"]),
        Route("/v1/files/{file_id}", retrieve, methods=["GET"]),
        Route("/v1/files/{file_id}", delete, methods=["DELETE"]),
        Route("/v1/files/{file_id}/content", content, methods=["GET"]),
    ]
