"""Make the SDK's client for one destination: its key, its timeouts, and no detours.

The SDK is imported on the first request, never before (1.2 s of CPU). Its retries are off: the table in
`retry` decides.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from nbfiles._client.connections import make_stoppable
from nbfiles._client.logs import redact_logs
from nbfiles._client.timeouts import Timeouts, limit_body_time
from nbfiles.config import credentials
from nbfiles.credentials import ANTHROPIC, is_anthropic, is_loopback, origin
from nbfiles.destinations import USE_LOCAL, Destination
from nbfiles.errors import BadCredentials
from nbfiles.records import JSON
from nbfiles.values_in_use import hide

if TYPE_CHECKING:
    import anthropic
    import httpx2

NO_KEY = "none"  # keeps the SDK from looking for one; the header is left out


def make_sdk(destination: Destination, timeouts: Timeouts) -> anthropic.Anthropic:
    """Return the SDK's client; raises BadCredentials without a usable key."""
    import anthropic

    redact_logs()
    # Of a call through wrappers of the SDK; an answer says itself when its model ends (Models.ending).
    warnings.filterwarnings("ignore", r"The model '.*' is deprecated", DeprecationWarning, r"anthropic(\.|$)")
    options = _http_options(destination, timeouts)
    key = _clean_key(destination.api_key, destination.key_name)
    sends_none = key is None and not destination.finds_token
    if sends_none and is_anthropic(_address(destination)) and not destination.headers:
        raise BadCredentials("No API key found. Set ANTHROPIC_API_KEY before starting Jupyter, or type: ", USE_LOCAL)
    make_stoppable(http_client := anthropic.DefaultHttpxClient(**options))
    sdk = anthropic.Anthropic(
        api_key=NO_KEY if sends_none else key,
        base_url=_address(destination),
        max_retries=0,
        timeout=options["timeout"],  # else the SDK takes its own where these are the defaults of httpx2
        default_headers=_headers(destination, leave_key_out=sends_none),
        http_client=http_client,
    )
    hide(*(_clean_key(value, destination.key_name) for value in (sdk.api_key, sdk.auth_token)))
    return sdk


def _address(destination: Destination) -> str:
    return destination.base_url or ANTHROPIC


def _headers(destination: Destination, *, leave_key_out: bool) -> dict[str, str]:
    """Return the headers that say who asks, and leave out those that the SDK would take from the environment."""
    import anthropic

    own = dict(destination.headers)
    says_who = any(name.lower() == "authorization" for name in own)
    omitted = [name for name, _ in credentials().headers] + (
        ["Authorization"] if leave_key_out and not says_who else []
    )
    return cast(dict[str, str], dict.fromkeys(omitted, anthropic.Omit())) | own


def _stays_at(url: str) -> Callable[[httpx2.Request], None]:
    """Return a check that a request goes where its credentials are meant to go, and nowhere else.

    The SDK follows absolute addresses in replies, such as those of the results of a batch.
    """
    allowed = origin(url)

    def check(request: httpx2.Request) -> None:
        if origin(str(request.url)) != allowed:
            raise BadCredentials(
                f"A reply leads on to {request.url.host}, which is not the server in use. Nothing was sent there."
            )

    return check


def _http_options(destination: Destination, timeouts: Timeouts) -> JSON:
    import httpx2

    options: JSON = {
        "timeout": httpx2.Timeout(timeouts.read_s, connect=timeouts.connect_s),
        "event_hooks": {
            "request": [_stays_at(_address(destination))],
            "response": [lambda response: limit_body_time(response, timeouts.read_s)],
        },
        "follow_redirects": False,  # a redirect would send the documents to another host
    }
    address = urlsplit(_address(destination))
    if is_loopback(address.hostname):
        # A transport of our own keeps HTTP_PROXY from sending this machine's own traffic elsewhere.
        uds = str(destination.socket) if destination.socket else None
        verify = _no_certificates() if address.scheme == "http" else True
        options |= {"transport": httpx2.HTTPTransport(uds=uds, verify=verify), "trust_env": False}
    return options


def _no_certificates() -> ssl.SSLContext:
    """Return a context that trusts nobody: without TLS none is needed, and reading the certificates takes 25 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _clean_key(key: str | None, key_name: str) -> str | None:
    """Strip a pasted key; refuse what no header can carry before it reaches a traceback."""
    if key is None:
        return None
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise BadCredentials(
            f"The API key has spaces, or characters that no key has: copy it again into {key_name}, "
            "without line breaks or quotes, and restart the kernel."
        )
    return key
