"""The Message Batches API (SDK-FACTS section 4)."""

from __future__ import annotations

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nbfiles.server.errors import invalid, missing
from nbfiles.server.messages.batches import LIFE, RESULTS_LIFE, Batches, MessageBatch
from nbfiles.server.routes.common import json_body, timestamp, whole_number
from nbfiles.server.rules import versions
from nbfiles.server.storage import workspaces

MOST_REQUESTS = 100_000
DEFAULT_PAGE, MAX_PAGE = 20, 1000

_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


async def create(request: Request) -> Response:
    """POST /v1/messages/batches."""
    body = await json_body(request)
    check(body)
    batches = workspaces.of(request).batches
    requests = [item | {"params": versions.modern(item["params"], request.headers)} for item in body["requests"]]
    batch = await run_in_threadpool(batches.create, requests)
    return JSONResponse(_shape(request, batch))


def check(body: Any) -> None:
    """[docs] 1 to 100,000 requests, each with its own custom_id; the rest is found out while it works."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list):
        raise invalid("requests: Field required")
    if not 1 <= len(requests) <= MOST_REQUESTS:
        raise invalid(f"requests: a batch has 1 to {MOST_REQUESTS:,} requests")
    ids: set[str] = set()
    for n, item in enumerate(requests):
        if not isinstance(item, dict) or not isinstance(item.get("params"), dict):
            raise invalid(f"requests.{n}.params: Field required")
        _check_id(f"requests.{n}.custom_id", item.get("custom_id"), ids)
        if item["params"].get("stream"):
            raise invalid(f"requests.{n}.params.stream: batches do not stream")
        if item["params"].get("speed"):
            raise invalid(f"requests.{n}.params.speed: not supported in a batch")
        if item["params"].get("max_tokens") == 0:
            raise invalid(f"requests.{n}.params.max_tokens: must be at least 1 in a batch")


def _check_id(where: str, custom_id: Any, ids: set[str]) -> None:
    if not isinstance(custom_id, str) or not _CUSTOM_ID.fullmatch(custom_id):
        raise invalid(f"{where}: must be 1 to 64 letters, digits, hyphens or underscores")
    if custom_id in ids:
        raise invalid(f"{where}: '{custom_id}' is there twice")
    ids.add(custom_id)


def list_batches(request: Request) -> Response:
    """GET /v1/messages/batches, paged by id."""
    query, batches = request.query_params, workspaces.of(request).batches
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    if "before_id" in query:
        rows = batches.page(limit + 1, before=_find(batches, query["before_id"]).seq)
        page = rows[-limit:]
    else:
        after = _find(batches, query["after_id"]).seq if "after_id" in query else None
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
        raise missing(f"Message Batch {batch_id} not found.")
    return batch


def _shape(request: Request, batch: MessageBatch) -> dict[str, Any]:
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
