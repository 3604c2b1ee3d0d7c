"""Refusals as the API words them: an exception inside, the error envelope outside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbfiles.server.json_types import JsonObject

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "invalid_request_error",  # `request_too_large` is in the docs, but not in the SDK's ErrorType
    421: "permission_error",
    429: "rate_limit_error",
    431: "invalid_request_error",
    500: "api_error",
    502: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiProblem(Exception):
    """A request that is answered with an error envelope; `details` are beside the `code`, as the SDK declares them."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, details: JsonObject | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = None if code is None else {"error_code": code, **(details or {})}


def invalid(message: str, code: str | None = None, details: JsonObject | None = None) -> ApiProblem:
    """Return a 400: the request itself is wrong."""
    return ApiProblem(400, message, code=code, details=details)


def missing(message: str, code: str | None = None) -> ApiProblem:
    """Return a 404."""
    return ApiProblem(404, message, code=code)


@contextmanager
def deleted_meanwhile(what: str, path: Path) -> Iterator[None]:
    """Answer with a 404 where what lies at `path` is gone, and was there when the request began."""
    try:
        yield
    except (FileNotFoundError, shutil.Error):
        if path.exists():
            raise
        raise missing(f"{what} has been deleted in the meantime.") from None


def envelope(problem: ApiProblem, request_id: str) -> JsonObject:
    """Return the body of an error response."""
    error: JsonObject = {"type": TYPES.get(problem.status, "api_error"), "message": problem.message}
    if problem.details is not None:
        error["details"] = problem.details
    return {"type": "error", "error": error, "request_id": request_id}
