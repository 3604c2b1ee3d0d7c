"""The Models API: the line-up of November 2026 (SDK-FACTS section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nbfiles.server.errors import invalid, missing
from nbfiles.server.routes.common import whole_number


@dataclass(frozen=True)
class ServedModel:
    """One model, as far as the local server can tell."""

    id: str
    display_name: str
    line: str
    released: str
    thinking: tuple[str, ...]
    context: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum: int = 512  # tokens; shorter prefixes are not cached
    effort: bool = True
    aliases: tuple[str, ...] = ()
    retires: str | None = None  # announced, so the model is deprecated

    @property
    def takes_prefill(self) -> bool:
        """Tell whether it goes on from a text of the assistant, as models up to 4.5 do."""
        return "adaptive" not in self.thinking


UNKNOWN = "1970-01-01"  # the API's own way to say that a release date is not known
ADAPTIVE, EITHER = ("adaptive",), ("adaptive", "disabled")
BUDGETED = ("enabled", "disabled")

LINE_UP = (
    ServedModel("claude-fable-5-2", "Claude Fable 5.2", "fable", "2026-11-09", ADAPTIVE),
    ServedModel("claude-haiku-5-5", "Claude Haiku 5.5", "haiku", "2026-10-07", EITHER),
    ServedModel("claude-sonnet-5-5", "Claude Sonnet 5.5", "sonnet", "2026-09-28", ("adaptive", "between_tools")),
    ServedModel("claude-opus-5-5", "Claude Opus 5.5", "opus", "2026-09-22", ADAPTIVE),
    ServedModel(
        "claude-opus-4-5-20251101",
        "Claude Opus 4.5",
        "opus",
        "2025-11-01",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=4096,
        aliases=("claude-opus-4-5",),
    ),
    ServedModel(
        "claude-haiku-4-5-20251001",
        "Claude Haiku 4.5",
        "haiku",
        "2025-10-01",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=4096,
        effort=False,
        aliases=("claude-haiku-4-5",),
    ),
    ServedModel(
        "claude-sonnet-4-5-20250929",
        "Claude Sonnet 4.5",
        "sonnet",
        "2025-09-29",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=1024,
        effort=False,
        aliases=("claude-sonnet-4-5",),
        retires="2026-11-30",
    ),
    ServedModel("claude-mythos-5-2", "Claude Mythos 5.2", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-fable-5-1", "Claude Fable 5.1", "fable", UNKNOWN, ADAPTIVE),
    ServedModel("claude-mythos-5-1", "Claude Mythos 5.1", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-sonnet-5", "Claude Sonnet 5", "sonnet", UNKNOWN, EITHER, cache_minimum=1024),
    ServedModel("claude-fable-5", "Claude Fable 5", "fable", UNKNOWN, ADAPTIVE),
    ServedModel("claude-mythos-5", "Claude Mythos 5", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-opus-5", "Claude Opus 5", "opus", UNKNOWN, EITHER),
    ServedModel("claude-opus-4-8", "Claude Opus 4.8", "opus", UNKNOWN, EITHER, cache_minimum=1024),
    ServedModel("claude-opus-4-7", "Claude Opus 4.7", "opus", UNKNOWN, EITHER, cache_minimum=2048),
    ServedModel("claude-opus-4-6", "Claude Opus 4.6", "opus", UNKNOWN, ("enabled", *EITHER), cache_minimum=4096),
    ServedModel("claude-sonnet-4-6", "Claude Sonnet 4.6", "sonnet", UNKNOWN, ("enabled", *EITHER), cache_minimum=1024),
)
NEVER_FORCED = frozenset(  # [docs] models that refuse a tool_choice of any or tool
    {
        "claude-fable-5-1",
        "claude-fable-5-2",
        "claude-mythos-5-1",
        "claude-mythos-5-2",
        "claude-opus-5-5",
        "claude-sonnet-5-5",
    }
)
BY_NAME = {name: model for model in LINE_UP for name in (model.id, *model.aliases)}

DEFAULT_PAGE, MAX_PAGE = 20, 1000
STAGES = ("active", "deprecated", "retired")


def find(name: str) -> ServedModel:
    """Return a model by id or alias, or raise the API's 404."""
    if name not in BY_NAME:
        raise missing(f"model: {name}")
    return BY_NAME[name]


def info(model: ServedModel) -> dict[str, Any]:
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


def _capabilities(model: ServedModel) -> dict[str, Any]:
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


def _thinking(model: ServedModel) -> dict[str, Any]:
    return {kind: _flag(kind in model.thinking) for kind in ("adaptive", "between_tools", "disabled", "enabled")}


def _flag(supported: bool) -> dict[str, Any]:
    return {"supported": supported}


def _flags(names: Iterable[str], supported: bool) -> dict[str, Any]:
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
