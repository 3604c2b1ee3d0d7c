"""The Models API: the line-up of November 2026 (SDK-FACTS section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nbfiles.server.errors import invalid, not_found
from nbfiles.server.files import whole_number


@dataclass(frozen=True)
class Model:
    """One model, as far as the local server can tell."""

    id: str
    display_name: str
    line: str
    released: str
    context: int
    max_tokens: int
    thinking: tuple[str, ...]
    effort: bool = True
    aliases: tuple[str, ...] = ()


LINE_UP = (
    Model("claude-fable-5-2", "Claude Fable 5.2", "fable", "2026-11-09", 1_000_000, 128_000, ("adaptive",)),
    Model(
        "claude-haiku-5-5",
        "Claude Haiku 5.5",
        "haiku",
        "2026-10-07",
        1_000_000,
        128_000,
        ("adaptive", "disabled"),
    ),
    Model(
        "claude-sonnet-5-5",
        "Claude Sonnet 5.5",
        "sonnet",
        "2026-09-28",
        1_000_000,
        128_000,
        ("adaptive", "between_tools"),
    ),
    Model("claude-opus-5-5", "Claude Opus 5.5", "opus", "2026-09-22", 1_000_000, 128_000, ("adaptive",)),
    Model(
        "claude-haiku-4-5-20251001",
        "Claude Haiku 4.5",
        "haiku",
        "2025-10-01",
        200_000,
        64_000,
        ("enabled", "disabled"),
        effort=False,
        aliases=("claude-haiku-4-5",),
    ),
)
BY_NAME = {name: model for model in LINE_UP for name in (model.id, *model.aliases)}

DEFAULT_PAGE, MAX_PAGE = 20, 1000


def find(name: str) -> Model:
    """Return a model by id or alias, or raise the API's 404."""
    if name not in BY_NAME:
        raise not_found(f"model: {name}")
    return BY_NAME[name]


def info(model: Model) -> dict[str, Any]:
    """Return a model in the API's shape."""
    return {
        "id": model.id,
        "type": "model",
        "display_name": model.display_name,
        "created_at": f"{model.released}T00:00:00Z",
        "line": model.line,
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": model.context,
        "max_tokens": model.max_tokens,
        "capabilities": _capabilities(model),
    }


def _capabilities(model: Model) -> dict[str, Any]:
    newest = model.effort  # the older model differs in these, too
    return {
        "batch": _flag(False),  # not served here yet
        "citations": _flag(True),
        "code_execution": _flag(newest),
        "context_management": {"supported": False},
        "effort": _flag(model.effort) | _flags(("low", "medium", "high", "xhigh", "max"), newest),
        "image_input": _flag(True),
        "pdf_input": _flag(True),
        "server_tools": _flag(True) | {"code_execution": _flag(True), "web_search": _flag(False)},
        "structured_outputs": _flag(False),
        "thinking": _flag(True) | {"types": _thinking(model)},
    }


def _thinking(model: Model) -> dict[str, Any]:
    return {
        kind: _flag(kind in model.thinking) for kind in ("adaptive", "between_tools", "disabled", "enabled")
    }


def _flag(supported: bool) -> dict[str, Any]:
    return {"supported": supported}


def _flags(names: Iterable[str], supported: bool) -> dict[str, Any]:
    return {name: _flag(supported) for name in names}


def list_models(request: Request) -> Response:
    """GET /v1/models, paged by id."""
    query = request.query_params
    limit = whole_number("limit", query.get("limit", str(DEFAULT_PAGE)), 1, MAX_PAGE)
    stages = query.getlist("lifecycle[]") + query.getlist("lifecycle") or ["active", "deprecated"]
    models = list(LINE_UP) if "active" in stages else []
    if "after_id" in query:
        models = models[_position(models, query["after_id"]) + 1 :]
    elif "before_id" in query:
        models = models[: _position(models, query["before_id"])][-limit:]
    page = [info(model) for model in models[:limit]]
    ends = (
        {"first_id": page[0]["id"], "last_id": page[-1]["id"]}
        if page
        else {"first_id": None, "last_id": None}
    )
    return JSONResponse({"data": page, "has_more": len(models) > limit, **ends})


def _position(models: list[Model], model_id: str) -> int:
    for position, model in enumerate(models):
        if model.id == model_id:
            return position
    raise invalid(f"after_id: {model_id} is not a model of this list")


def retrieve(request: Request) -> Response:
    """GET /v1/models/{id or alias}."""
    return JSONResponse(info(find(request.path_params["model_id"])))


def routes() -> list[Route]:
    """Return the resource's routes."""
    return [Route("/v1/models", list_models), Route("/v1/models/{model_id}", retrieve)]
