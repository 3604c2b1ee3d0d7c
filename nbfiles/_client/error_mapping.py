"""What the errors of the API, the SDK and httpx2 mean to a person: each becomes one of ours."""

from __future__ import annotations

import contextlib
import math
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from nbfiles import errors
from nbfiles._client.retry import is_spending_limit
from nbfiles._client.timeouts import DEFAULTS
from nbfiles.credentials import NONE_SENT
from nbfiles.destinations import USE_LOCAL, Destination
from nbfiles.limits import FILE_LIMIT

if TYPE_CHECKING:
    import anthropic

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
Message = tuple[str | errors.Spelled, ...]
UPLOAD = errors.Spelled("nbfiles.upload('PATH')", "%upload PATH")
_SURROGATE = (
    "The request could not be sent: the question or a name has half of a Unicode character (a surrogate). Remove it."
)
CLEAN = errors.Spelled("nbfiles.workspace.clean(older_than='30d')", "%files clean --older-than 30d")


@contextlib.contextmanager
def translate_errors(destination: Destination, read_timeout_s: float = DEFAULTS.read_s) -> Iterator[None]:
    """Turn everything the SDK and httpx2 raise into one of ours, with the cause in words.

    Their errors are never chained to ours: a traceback of Python, or whoever reads the chain, would show what they
    hold of requests and replies.
    """
    import anthropic
    import httpx2

    try:
        yield
    except errors.NbfilesError:
        raise
    except anthropic.APIStatusError as error:
        errors.raise_alone(_with_cause(_from_status(error, destination), error))
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        errors.raise_alone(_with_cause(_from_connection(error, destination, read_timeout_s), error))
    except anthropic.CredentialsError as error:
        errors.raise_alone(errors.BadCredentials(f"{error} To work without Claude, type: ", USE_LOCAL))
    except UnicodeEncodeError:
        errors.raise_alone(errors.NoConnection(_SURROGATE, sent=False))
    except (
        *(anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, httpx2.CookieConflict),
        *(ValueError, AttributeError, IndexError, AssertionError),  # over broken replies
    ) as error:
        problem = errors.NotTheApi(*not_the_api(f"a broken reply, {type(error).__name__}"))
        errors.raise_alone(_with_cause(problem, error))


def from_api(
    status: int,
    *,
    kind: str | None = None,
    code: str | None = None,
    message: str = "",
    request_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    about_a_file: bool = False,
    key_name: str = "the key",
) -> errors.NbfilesError:
    """Return the error for a reply of the API: `kind` is its error type, `code` its error_code.

    `key_name` says where the key is set that was sent.

    Other servers say “File Not Found” of an address. A file is meant where the request was `about_a_file`, or
    where the message has an id.
    """
    if status < 400:
        status = _STATUS_OF_TYPE.get(kind or "", status)
    if 300 <= status < 400:
        return errors.NotTheApi(*not_the_api("a redirect, which nbfiles does not follow"), sent=False)
    if status in (401, 403):
        return errors.BadCredentials(*_credentials(status, message, key_name))
    wait = _retry_after(headers or {})
    is_gone = status == 404 and (("file" in message.lower() and about_a_file) or "file_" in message)
    cls, text = _gone(code, message) if is_gone or code == "file_expired" else _refusal(status, code, message, wait)
    return cls(*text, status=status, request_id=request_id, retry_after=wait, code=code)


def not_the_api(what: str) -> Message:
    """Say that something else than the API answered."""
    return (
        f"Something answered that is not the API ({what}): a proxy or a login page, perhaps. "
        "Check the network, or type: ",
        USE_LOCAL,
    )


def no_files_api(label: str) -> Message:
    """Say that a server takes questions, perhaps, but no files."""
    return (
        f"{label} takes no files: it answered the upload with 404 (not found), as a server without a Files API does. "
        "To work without Claude, type: ",
        USE_LOCAL,
    )


def no_server(label: str) -> Message:
    """Say that nobody listens."""
    return f"No server answers at {label}. Check the address and the network, or type: ", USE_LOCAL


def _credentials(status: int, message: str, key_name: str) -> Message:
    if status == 401:
        return f"The server does not accept the API key. Check {key_name}, or type: ", USE_LOCAL
    return (f"This key may not do that: {_sentence(message)} Ask the owner of the workspace.",)


def _gone(code: str | None, message: str) -> tuple[type[errors.ApiError], Message]:
    what = "A file has expired in" if code == "file_expired" else "A file is gone from"
    return errors.FileGone, (f"{what} the workspace: {_sentence(message)} Upload it again: ", UPLOAD)


def _refusal(status: int, code: str | None, message: str, wait: float | None) -> tuple[type[errors.ApiError], Message]:
    reason = _sentence(message)
    if code == "storage_quota_exceeded":
        return errors.ApiError, (f"The workspace is full: {reason} To delete old files, type: ", CLEAN)
    if code == "image_dimensions_too_large":
        return errors.ApiError, (f"An image has too many pixels: {reason} Make it smaller, and type: ", UPLOAD)
    if status == 413:
        return errors.ApiError, (f"Too large for the API: {reason} A file may have {FILE_LIMIT}, a request 32 MB.",)
    if status == 402 or is_spending_limit(status, code):
        return errors.RateLimited if status == 429 else errors.ApiError, _spent(code, reason)
    if status == 429:
        return errors.RateLimited, (f"The API wants fewer requests: {reason}{_again(wait)}",)
    if status >= 500:
        return errors.ServerError, (f"The API has trouble ({status}): {reason}{_again(wait)}",)
    hint = " Ask about fewer files, or about a part of them." if "prompt is too long" in message else ""
    return errors.ApiError, (f"The API refused the request ({status}): {reason}{hint}",)


def _spent(code: str | None, reason: str) -> Message:
    """Say which limit is reached, and who can raise it: the contract's is not the owner's of a workspace."""
    contract = code == "contract_spend_limit_reached"
    limit = "The spending limit of your organization's contract" if contract else "The spending limit"
    who = "whoever manages the contract" if contract else "the workspace's owner"
    return f"{limit} is reached: {reason} Waiting does not help: ask {who}. To work without Claude, type: ", USE_LOCAL


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
    if (ms := _seconds(headers.get("retry-after-ms", ""))) is not None:
        return ms / 1000
    text = headers.get("retry-after", "")
    seconds = _seconds(text)
    return _until(text) if seconds is None else seconds


def _seconds(text: str) -> float | None:
    """Read a number of a header; "nan" and "inf" are none, though Python reads them."""
    try:
        number = float(text)
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _until(date: str) -> float | None:
    try:
        return max((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _with_cause(problem: errors.NbfilesError, cause: Exception) -> errors.NbfilesError:
    """Note on an error what raised it and where, for developers: nothing of what was sent or answered."""
    *_, (frame, line) = traceback.walk_tb(cause.__traceback__)
    kind = f"{type(cause).__module__}.{type(cause).__qualname__}"
    problem.add_note(f"Caused by {kind} in {frame.f_globals.get('__name__')}, line {line}.")
    return problem


def _from_status(error: anthropic.APIStatusError, destination: Destination) -> errors.NbfilesError:
    if error.status_code == 401 and destination.credentials == NONE_SENT:
        return errors.BadCredentials(*_no_key_sent(destination))
    return from_api(
        error.status_code,
        kind=error.type,
        code=error.error_code,
        message=error.api_message if isinstance(error.api_message, str) else "",
        request_id=error.request_id,
        headers=error.response.headers,
        about_a_file="/files/" in error.request.url.path,
        key_name=destination.key_name,
    )


def _no_key_sent(destination: Destination) -> Message:
    url = destination.base_url
    use = errors.Spelled(f"nbfiles.use({url!r}, key_from='ENVVAR')", f"%nbfiles use {url} --key-from ENVVAR")
    return (
        f"{destination.label} wants a key. None was sent: the key in the environment is for another address. Type: ",
        use,
    )


def _from_connection(error: Exception, destination: Destination, read_timeout_s: float) -> errors.NbfilesError:
    import anthropic
    import httpx2

    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) and error.__cause__ else error
    if isinstance(cause, errors.NbfilesError):  # a check of ours, made while the request was on its way
        return cause
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return errors.NoConnection(*no_server(destination.label), sent=False, retriable=True)
    if isinstance(cause, httpx2.LocalProtocolError):
        return errors.NoConnection(
            "The request could not be sent: the file changed while it was read, or a "
            "header has a forbidden character. Try again.",
            sent=False,
        )
    if isinstance(cause, httpx2.TimeoutException):
        return errors.NoConnection(f"No answer from {destination.label} within {read_timeout_s:.0f} s. Try again.")
    return errors.CutOff(f"The connection to {destination.label} broke off. Try again.")
