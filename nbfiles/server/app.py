"""The application: routes, error envelopes, and the guard in front of both."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from nbfiles.server.errors import ApiProblem, envelope, invalid
from nbfiles.server.middleware.access_log import Logged
from nbfiles.server.middleware.guard import Guard
from nbfiles.server.middleware.rate_limit import RateLimitExceeded, RateLimits
from nbfiles.server.routes import batches, files, messages, models, skills
from nbfiles.server.storage.store import DiskFull, is_disk_full
from nbfiles.server.unexpected import as_problem
from nbfiles.server.workspaces import Workspaces

for _name in ("nbfiles.server", "python_multipart"):  # the second warns of every odd body
    logging.getLogger(_name).addHandler(logging.NullHandler())  # silent unless the user configures logging


def build(
    workspaces: Workspaces, *, key: str, hosts: Iterable[str], rate: int | None = None, log: bool = False
) -> ASGIApp:
    """Return the ASGI application over the workspaces of one data directory.

    With a `rate`, no more calls a minute than that are answered.
    """
    app = Starlette(
        routes=[
            *files.routes(),
            *models.routes(),
            *batches.routes(),
            *messages.routes(),
            *skills.routes(),
        ],
        exception_handlers={
            ApiProblem: _problem,
            HTTPException: _no_route,
            ClientDisconnect: _left,
            **dict.fromkeys((OSError, sqlite3.Error, DiskFull), _no_room),
            Exception: _bug,
        },
    )
    app.router.redirect_slashes = False  # `/v1/files/` is nothing there, and must be nothing here
    app.state.workspaces = workspaces
    app.state.limits = RateLimits(workspaces.settings.clock)
    counted = RateLimitExceeded(app, rate, workspaces.settings.clock) if rate is not None else app
    # The guard is outermost: the reply to a bug has its request-id, too.
    guarded = Guard(counted, key=key, hosts=hosts, idle=workspaces.settings.idle)
    return Logged(guarded) if log else guarded


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ApiProblem)
    return _answer(request, problem)


async def _no_route(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    return _answer(request, ApiProblem(problem.status_code, problem.detail))


async def _left(request: Request, _: Exception) -> Response:
    return _answer(request, invalid("The client disconnected before the request was complete."))


async def _no_room(request: Request, problem: Exception) -> Response:
    if not is_disk_full(problem):
        raise problem
    return _answer(request, as_problem("a full disk", problem))


async def _bug(request: Request, problem: Exception) -> Response:
    reply = _answer(request, as_problem(f"unexpected error on {request.method} {request.url.path!r}", problem))
    reply.headers["connection"] = "close"  # uvicorn closes it after a bug; the next request would be reset
    return reply


def _answer(request: Request, problem: ApiProblem) -> Response:
    return JSONResponse(envelope(problem, request.state.request_id), status_code=problem.status)
