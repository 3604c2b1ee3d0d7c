"""The Models API (docs/wire-facts.md)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nbfiles.server.errors import invalid
from nbfiles.server.json_types import JsonObject
from nbfiles.server.models import LINE_UP, ServedModel, find
from nbfiles.server.routes.common import whole_number

DEFAULT_PAGE, MAX_PAGE = 20, 1000
STAGES = ("active", "deprecated", "retired")


def info(model: ServedModel) -> JsonObject:
    """Return a model in the API's shape."""
    return {
        "id": model.id,
        "type": "model",
        "display_name": model.display_name,
        "created_at": f"{model.released}T00:00:00Z",
        "line": model.line,
        "lifecycle": _stage(model),
        "deprecated_at": None,  # the day is not known here
        "retires_at": f"{model.retires}T00:00:00Z" if model.retires else None,
        "max_input_tokens": model.context,
        "max_tokens": model.max_tokens,
        "capabilities": _capabilities(model),
    }


def _stage(model: ServedModel) -> str:
    return "deprecated" if model.retires else "active"


def _capabilities(model: ServedModel) -> JsonObject:
    newest = model.effort  # the older model differs in these, too
    return {
        "batch": _flag(True),
        "citations": _flag(True),
        "code_execution": _flag(newest),
        "context_management": {"supported": False},
        "effort": _flag(model.effort) | _flags(("low", "medium", "high", "xhigh", "max"), newest),
        "image_input": _flag(True),
        "pdf_input": _flag(True),
        "server_tools": _flag(True) | {"code_execution": _flag(True), "web_search": _flag(False)},
        "structured_outputs": _flag(True),
        "thinking": _flag(True) | {"types": _thinking(model)},
    }


def _thinking(model: ServedModel) -> JsonObject:
    return {kind: _flag(kind in model.thinking) for kind in ("adaptive", "between_tools", "disabled", "enabled")}


def _flag(supported: bool) -> JsonObject:
    return {"supported": supported}


def _flags(names: Iterable[str], supported: bool) -> JsonObject:
    return {name: _flag(supported) for name in names}


async def list_models(request: Request) -> Response:
    """GET /v1/models, paged by id."""
    if upstream := request.app.state.workspaces.upstream:
        forwarded: Response = await upstream.get(request)
        return forwarded
    query = request.query_params
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    stages = query.getlist("lifecycle[]") + query.getlist("lifecycle") or ["active", "deprecated"]
    if unknown := sorted(set(stages) - set(STAGES)):
        raise invalid(f"lifecycle: '{unknown[0]}' is none of {', '.join(STAGES)}")
    page = _page(limit, frozenset(stages), query.get("after_id"), query.get("before_id"))
    return Response(page, media_type="application/json")


@lru_cache(maxsize=64)
def _page(limit: int, stages: frozenset[str], after: str | None, before: str | None) -> bytes:
    """Return a page as JSON; the line-up never changes while the server runs."""
    models = [model for model in LINE_UP if _stage(model) in stages]
    if after is not None:
        models = models[_position(models, after) + 1 :]
    elif before is not None:
        models = models[: _position(models, before)][-limit:]
    page = [info(model) for model in models[:limit]]
    first, last = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    shape = {"data": page, "has_more": len(models) > limit, "first_id": first, "last_id": last}
    return bytes(JSONResponse(shape).body)


def _position(models: list[ServedModel], model_id: str) -> int:
    for position, model in enumerate(models):
        if model.id == model_id:
            return position
    raise invalid(f"after_id: {model_id} is not a model of this list")


async def retrieve(request: Request) -> Response:
    """GET /v1/models/{id or alias}."""
    if upstream := request.app.state.workspaces.upstream:
        forwarded: Response = await upstream.get(request)
        return forwarded
    return JSONResponse(info(find(request.path_params["model_id"])))


def routes() -> list[Route]:
    """Return the resource's routes."""
    return [Route("/v1/models", list_models), Route("/v1/models/{model_id}", retrieve)]
