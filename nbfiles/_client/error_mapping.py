"""What the API's errors mean to a person: status, type and error_code in, one of our errors out. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from nbfiles import errors
from nbfiles.limits import FILE_LIMIT

# An `error` event in a stream carries no status of its own (anthropic 2.11 reports 200), only a type.
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def from_api(
    status: int,
    *,
    kind: str | None = None,
    code: str | None = None,
    message: str = "",
    request_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> errors.NbfilesError:
    """Return the error for a reply of the API: `kind` is its error type, `code` its error_code."""
    if status < 400:
        status = _STATUS_OF_TYPE.get(kind or "", status)
    if 300 <= status < 400:
        return errors.NotTheApi(not_the_api("a redirect, which nbfiles does not follow"), sent=False)
    if status in (401, 403):
        return errors.BadCredentials(_credentials(status, message))
    wait = _retry_after(headers or {})
    cls, text = _meaning(status, code, message, wait)
    return cls(text, status=status, request_id=request_id, retry_after=wait, code=code)


def not_the_api(what: str) -> str:
    """Say that something else than the API answered."""
    return (
        f"Something answered that is not the API ({what}): a proxy or a login page, perhaps. "
        "Check the network, or type: %nbfiles use local"
    )


def no_server(label: str) -> str:
    """Say that nobody listens."""
    return f"No server answers at {label}. Check the address and the network, or type: %nbfiles use local"


def _credentials(status: int, message: str) -> str:
    if status == 401:
        return "The server does not accept the API key. Check ANTHROPIC_API_KEY, or type: %nbfiles use local"
    return f"This key may not do that: {_sentence(message)} Ask the owner of the workspace."


def _meaning(status: int, code: str | None, message: str, wait: float | None) -> tuple[type[errors.ApiError], str]:
    said = _sentence(message)
    if code == "file_expired":
        return errors.FileGone, f"A file has expired in the workspace: {said} Upload it again with %upload."
    if status == 404 and "file" in message.lower():
        return errors.FileGone, f"A file is gone from the workspace: {said} Upload it again with %upload."
    if code == "storage_quota_exceeded":
        return errors.ApiError, f"The workspace is full: {said} Delete files that are no longer needed."
    if status == 413:
        return errors.ApiError, f"Too large for the API: {said} A file may have {FILE_LIMIT}, a request 32 MB."
    if status == 402 or (status == 429 and code):
        kind = errors.RateLimited if status == 429 else errors.ApiError
        return (
            kind,
            f"The spending limit is reached: {said} Waiting does not help: ask the workspace's owner.",
        )
    if status == 429:
        return errors.RateLimited, f"The API wants fewer requests: {said}{_again(wait)}"
    if status >= 500:
        return errors.ServerTrouble, f"The API has trouble ({status}): {said}{_again(wait)}"
    return errors.ApiError, f"The API refused the request ({status}): {said}"


def _sentence(message: str) -> str:
    text = " ".join(message.split())[:500] or "no reason given"
    return text if text[-1] in ".!?" else text + "."


def _again(wait: float | None) -> str:
    if not wait:
        return " Try again in a moment."
    moment = datetime.now() + timedelta(seconds=min(wait, 10**7))
    return f" Try again at {moment:%H:%M:%S}, in {wait:.0f} s."


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `retry-after-ms` or `retry-after` (seconds or a date); None for garbage."""
    try:
        if "retry-after-ms" in headers:
            return max(float(headers["retry-after-ms"]) / 1000, 0.0)
        return max(float(headers["retry-after"]), 0.0)
    except KeyError:
        return None
    except ValueError:
        return _until(headers["retry-after"]) if "retry-after" in headers else None


def _until(date: str) -> float | None:
    try:
        return max((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
