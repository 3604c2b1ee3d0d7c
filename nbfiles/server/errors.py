"""Refusals as the API words them: an exception inside, the error envelope outside."""

from __future__ import annotations

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
    """A request that is answered with an error envelope."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def invalid(message: str, code: str | None = None) -> ApiProblem:
    """Return a 400: the request itself is wrong."""
    return ApiProblem(400, message, code=code)


def missing(message: str, code: str | None = None) -> ApiProblem:
    """Return a 404."""
    return ApiProblem(404, message, code=code)


def envelope(status: int, message: str, request_id: str, code: str | None = None) -> JsonObject:
    """Return the body of an error response."""
    error: JsonObject = {"type": TYPES.get(status, "api_error"), "message": message}
    if code is not None:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": request_id}
