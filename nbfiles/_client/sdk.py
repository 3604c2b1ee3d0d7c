"""Make the SDK's client for one destination: its key, its timeouts, and no detours.

The SDK is imported on the first request, never before (1.2 s of CPU). Its retries are off: the table in
`retry` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nbfiles._client.error_mapping import USE_LOCAL
from nbfiles._client.logs import redact_logs
from nbfiles._client.timeouts import Timeouts, limit_body_time
from nbfiles.destinations import Destination
from nbfiles.errors import BadCredentials
from nbfiles.records import JSON

if TYPE_CHECKING:
    import anthropic

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def make_sdk(destination: Destination, timeouts: Timeouts) -> anthropic.Anthropic:
    """Return the SDK's client; raises BadCredentials without a usable key."""
    import anthropic

    redact_logs()
    options = _http_options(destination, timeouts)
    sdk = anthropic.Anthropic(
        api_key=_clean_key(destination.api_key),
        base_url=destination.base_url,
        max_retries=0,
        timeout=options["timeout"],  # else the SDK takes its own where these are the defaults of httpx2
        http_client=anthropic.DefaultHttpxClient(**options),
    )
    if sdk.api_key is None and sdk.auth_token is None and sdk.credentials is None:
        raise BadCredentials(
            "No API key found. Set ANTHROPIC_API_KEY before starting Jupyter, or type: ",
            USE_LOCAL,
        )
    _clean_key(sdk.api_key), _clean_key(sdk.auth_token)
    return sdk


def _http_options(destination: Destination, timeouts: Timeouts) -> JSON:
    import httpx2

    options: JSON = {
        "timeout": httpx2.Timeout(timeouts.read_s, connect=timeouts.connect_s),
        "event_hooks": {"response": [lambda response: limit_body_time(response, timeouts.read_s)]},
        "follow_redirects": False,  # a redirect would send the documents to another host
    }
    if urlsplit(destination.base_url or "").hostname in _LOOPBACK:
        # A transport of our own keeps HTTP_PROXY from sending this machine's own traffic elsewhere.
        uds = str(destination.socket) if destination.socket else None
        options |= {"transport": httpx2.HTTPTransport(uds=uds), "trust_env": False}
    return options


def _clean_key(key: str | None) -> str | None:
    """Strip a pasted key; refuse what no header can carry before it reaches a traceback."""
    if key is None:
        return None
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise BadCredentials(
            "The API key has blanks or characters that no key has: copy it again into ANTHROPIC_API_KEY, "
            "without line breaks or quotes, and restart the kernel."
        )
    return key
