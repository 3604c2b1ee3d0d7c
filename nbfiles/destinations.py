"""Where requests can go: the embedded server, Claude, or a URL."""

from __future__ import annotations

import hashlib
from urllib.parse import SplitResult, urlsplit

from nbfiles.config import Settings
from nbfiles.errors import BadInput
from nbfiles.records import Endpoint

LOCAL, CLAUDE = "local", "claude"
LOCAL_NAME = "the local server"
LOCAL_NOTE = "local server on this machine: quotes passages, does not reason"
CLAUDE_HOST = "Claude (api.anthropic.com)"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def endpoint(place: str, settings: Settings) -> Endpoint:
    """Return the endpoint for `claude` or a URL; raises BadInput for anything else.

    Plain http is refused beyond this machine, because the key and the documents could be read on the way.
    """
    if place == CLAUDE:
        return Endpoint(CLAUDE_HOST, "list", api_key=settings.api_key)
    parts = _parts(place)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        shown = " ".join(place.split())
        raise BadInput(f"“{shown}” is no place to send requests to. Type: %nbfiles use local, claude, or https://…")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadInput(f"“{parts.hostname}” would get the key unencrypted over http. Type: %nbfiles use https://…")
    if parts.username or parts.password:
        raise BadInput("Put no user name or password into the URL; the key comes from ANTHROPIC_API_KEY.")
    return Endpoint(parts.netloc, "unknown", base_url=place, api_key=settings.api_key)


def _parts(place: str) -> SplitResult | None:
    """Split a URL; None where it has no valid port, or characters that urlsplit would drop in silence."""
    try:
        parts = urlsplit(place)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return None
    return None if any(sign.isspace() or not sign.isprintable() for sign in place) else parts


def scope(place: str, settings: Settings) -> str:
    """Name the workspace behind a place without asking: a hash of the key stands for it."""
    if place == LOCAL or not settings.api_key:
        return place
    return f"{place} {hashlib.sha256(settings.api_key.encode()).hexdigest()[:16]}"


def describe(place: str) -> str:
    """Say where a place is."""
    return {LOCAL: LOCAL_NOTE, CLAUDE: CLAUDE_HOST}.get(place, place)
