"""Everything that the SDK and httpx2 raise, turned into our errors with the cause in words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nbfiles import errors
from nbfiles._client import error_mapping
from nbfiles.destinations import Destination

if TYPE_CHECKING:
    import anthropic

READ_TIMEOUT_S = 60.0  # between two reads; the API pings a stream more often, so silence means a dead line


@contextlib.contextmanager
def translated(endpoint: Destination) -> Iterator[None]:
    """Turn everything the SDK and httpx2 raise into one of ours, with the cause in words."""
    import anthropic
    import httpx2

    try:
        yield
    except errors.NbfilesError:
        raise
    except anthropic.APIStatusError as error:
        raise _from_status(error) from error
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise _from_connection(error, endpoint) from None  # the cause may hold the key in a header
    except anthropic.CredentialsError as error:
        raise errors.BadCredentials(f"{error} Type %nbfiles use local to work without Claude.") from None
    except UnicodeEncodeError:
        raise errors.NoConnection(
            "The request could not be sent: it holds half of a Unicode character.", sent=False
        ) from None
    except (
        *(anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL),
        *(
            httpx2.CookieConflict,
            ValueError,
            AttributeError,
            IndexError,
            AssertionError,
        ),  # over broken replies
    ) as error:
        raise errors.NotTheApi(error_mapping.not_the_api(f"a broken reply, {type(error).__name__}")) from error


def _from_status(error: anthropic.APIStatusError) -> errors.NbfilesError:
    return error_mapping.from_api(
        error.status_code,
        kind=error.type,
        code=error.error_code,
        message=error.api_message if isinstance(error.api_message, str) else "",
        request_id=error.request_id,
        headers=error.response.headers,
    )


def _from_connection(error: Exception, endpoint: Destination) -> errors.NbfilesError:
    import anthropic
    import httpx2

    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) and error.__cause__ else error
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
        return errors.NoConnection(error_mapping.no_server(endpoint.label), sent=False, retriable=True)
    if isinstance(cause, httpx2.LocalProtocolError):
        return errors.NoConnection(
            "The request could not be sent: the file changed while it was read, or a "
            "header has a forbidden character. Try again.",
            sent=False,
        )
    if isinstance(cause, httpx2.TimeoutException):
        return errors.NoConnection(f"No answer from {endpoint.label} within {READ_TIMEOUT_S:.0f} s. Try again.")
    return errors.CutOff(f"The connection to {endpoint.label} broke off. Try again.")
