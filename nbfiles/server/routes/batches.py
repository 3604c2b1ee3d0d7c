"""The Message Batches API (docs/wire-facts.md)."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nbfiles.server import workspaces
from nbfiles.server.errors import ApiProblem, invalid, missing
from nbfiles.server.ids import timestamp
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.batches import LIFE, RESULTS_LIFE, Batches, MessageBatch, errored
from nbfiles.server.routes.common import json_body, whole_number
from nbfiles.server.rules import versions

DEFAULT_PAGE, MAX_PAGE = 20, 1000


async def create(request: Request) -> Response:
    """POST /v1/messages/batches."""
    workspace = workspaces.of(request)
    body = await run_in_threadpool(workspace.check, await json_body(request), "batch")
    requests = [_modern(item, request.headers) for item in body["requests"]]
    batch = await run_in_threadpool(workspace.batches.create, requests)
    return JSONResponse(_shape(request, batch))


def _modern(item: JsonObject, headers: Headers) -> JsonObject:
    """Return a request as today's clients write it; what is wrong with it is its result."""
    try:
        return item | {"params": versions.modern(item["params"], headers)}
    except ApiProblem as problem:
        return item | {"result": errored(problem)}


def list_batches(request: Request) -> Response:
    """GET /v1/messages/batches, paged by id."""
    query, batches = request.query_params, workspaces.of(request).batches
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    if "before_id" in query:
        rows = batches.page(limit + 1, before=_position(batches, query["before_id"]))
        page = rows[-limit:]
    else:
        after = _position(batches, query["after_id"]) if "after_id" in query else None
        rows = batches.page(limit + 1, after=after)
        page = rows[:limit]
    ends = {"first_id": page[0].id, "last_id": page[-1].id} if page else {"first_id": None, "last_id": None}
    data = [_shape(request, batch) for batch in page]
    return JSONResponse({"data": data, "has_more": len(rows) > limit, **ends})


def retrieve(request: Request) -> Response:
    """GET /v1/messages/batches/{id}."""
    return JSONResponse(_shape(request, _named(request)))


def cancel(request: Request) -> Response:
    """POST /v1/messages/batches/{id}/cancel."""
    batches, batch = workspaces.of(request).batches, _named(request)
    if batch.ended_at is not None:
        raise invalid(f"Message Batch {batch.id} has ended and cannot be canceled.")
    batches.cancel(batch)
    return JSONResponse(_shape(request, _named(request)))


def delete(request: Request) -> Response:
    """DELETE /v1/messages/batches/{id}."""
    batch = _named(request)
    if batch.ended_at is None:
        raise invalid(f"Message Batch {batch.id} is still processing; cancel it before deleting it.")
    workspaces.of(request).batches.delete(batch)
    return JSONResponse({"id": batch.id, "type": "message_batch_deleted"})


def results(request: Request) -> Response:
    """GET /v1/messages/batches/{id}/results."""
    batch = _named(request)
    if batch.ended_at is None or batch.archived:
        raise missing(f"Message Batch {batch.id} has no available results.")
    lines = workspaces.of(request).batches.results(batch)
    return StreamingResponse(lines, media_type="application/x-jsonl")


def _named(request: Request) -> MessageBatch:
    return _find(workspaces.of(request).batches, request.path_params["batch_id"])


def _find(batches: Batches, batch_id: str) -> MessageBatch:
    batch = batches.get(batch_id)
    if batch is None:
        raise _unknown(batch_id)
    return batch


def _position(batches: Batches, batch_id: str) -> int:
    position = batches.position(batch_id)
    if position is None:
        raise _unknown(batch_id)
    return position


def _unknown(batch_id: str) -> ApiProblem:
    return missing(f"Message Batch {batch_id} not found.")


def _shape(request: Request, batch: MessageBatch) -> JsonObject:
    """Return a batch in the API's shape; the url of its results is on this very server."""
    ended, canceling = batch.ended_at is not None, batch.cancel_initiated_at is not None
    path = f"/v1/messages/batches/{batch.id}/results"
    url = f"{request.url.scheme}://{request.headers['host']}{path}"
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended" if ended else "canceling" if canceling else "in_progress",
        "request_counts": workspaces.of(request).batches.counts(batch),
        "created_at": timestamp(batch.created_at),
        "expires_at": timestamp(batch.created_at + LIFE),
        "ended_at": _moment(batch.ended_at),
        "cancel_initiated_at": _moment(batch.cancel_initiated_at),
        "archived_at": timestamp(batch.created_at + RESULTS_LIFE) if batch.archived else None,
        "results_url": url if ended and not batch.archived else None,
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)


def routes() -> list[Route]:
    """Return the resource's routes."""
    top = "/v1/messages/batches"
    return [
        Route(top, create, methods=["POST"]),
        Route(top, list_batches, methods=["GET"]),
        Route(f"{top}/{{batch_id}}", retrieve, methods=["GET"]),
        Route(f"{top}/{{batch_id}}", delete, methods=["DELETE"]),
        Route(f"{top}/{{batch_id}}/cancel", cancel, methods=["POST"]),
        Route(f"{top}/{{batch_id}}/results", results, methods=["GET"]),
    ]
