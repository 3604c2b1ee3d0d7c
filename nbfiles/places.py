"""Where requests can go: the embedded server, Claude, or a URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from nbfiles.errors import BadInput
from nbfiles.records import Endpoint
from nbfiles.settings import Settings

LOCAL, CLAUDE = "local", "claude"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def endpoint(use: str, settings: Settings) -> Endpoint:
    """Return the endpoint for `claude` or a URL; raises BadInput for anything else.

    Plain http is refused beyond this machine, because the key and the documents could be read on the way.
    """
    if use == CLAUDE:
        return Endpoint("Claude (api.anthropic.com)", "list", api_key=settings.api_key)
    parts = urlsplit(use)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(
            f"“{use}” is no place to send requests to. Type: %nbfiles use local, claude, or https://…"
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadInput(
            f"“{parts.hostname}” would get the key unencrypted over http. Type: %nbfiles use https://…"
        )
    if parts.username or parts.password:
        raise BadInput("Put no user name or password into the URL; the key comes from ANTHROPIC_API_KEY.")
    return Endpoint(parts.netloc, "unknown", base_url=use, api_key=settings.api_key)
