"""Which credentials go where: the one rule, for everything that sends requests. No I/O.

| to | what the environment holds | a key by `--key-from` |
|---|---|---|
| Anthropic's hosts, over https | sent | sent |
| the base URL that is set beside it | sent | sent |
| any other address, over https | not sent | sent |
| another address of this machine, over http | not sent | sent, unless it begins with `sk-ant-` |
| any other address, over http | refused, with or without a key | refused |
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from nbfiles.errors import BadInput, Spelled
from nbfiles.private_values import redacted_repr

ANTHROPIC = "https://api.anthropic.com"
ANTHROPIC_KEY = "sk-ant-"  # how Anthropic's keys and tokens begin
NONE_SENT = "none sent"
_OWN = re.compile(r"(?:[a-z0-9-]+\.)*anthropic\.com")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Credentials:
    """What tells a server who asks: a key or token, and headers; `source` is where they come from, in words.

    Without a `key`, a `source` is a profile or a federation, whose token the SDK fetches. `base_url` is where
    Claude is to be reached, and `beside` the only address besides Anthropic's own that may get all this.
    """

    source: str = ""
    key: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    base_url: str = ANTHROPIC
    beside: str = ""

    def sent_to(self, url: str) -> Credentials:
        """Return what of this goes to an address: all, or nothing."""
        return self if is_anthropic(url) or _same(url, self.beside) else Credentials()


def named(variable: str, key: str | None, url: str, environment: Credentials) -> Credentials:
    """Return the key in a variable that was named for an address; raises BadInput where it may not go there.

    What is typed in the place of a variable is never shown: it may be a key.
    """
    if not key:
        raise BadInput(
            _key_from(),
            " takes the name of an environment variable that holds a key, and there is none of that name. "
            "Set it before you start Jupyter. A key itself does not belong in a cell, which is saved.",
        )
    beside = key == environment.key and _same(url, environment.beside)
    if key.strip().startswith(ANTHROPIC_KEY) and urlsplit(url).scheme == "http" and not beside:
        raise BadInput(
            f"The key in {variable} begins with {ANTHROPIC_KEY}, and such a key does not go over http. "
            "Use an https address, or set ANTHROPIC_BASE_URL to this one beside ANTHROPIC_API_KEY."
        )
    headers = environment.sent_to(url).headers
    return Credentials(variable, key, headers, url, url)


def check_address(url: str) -> SplitResult:
    """Return the parts of an address that may get requests; raises BadInput.

    Plain http is refused beyond this machine, because the key and the documents could be read on the way.
    """
    parts = split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"“{' '.join(url.split())}” is not an address. Type, for example: ", _use("https://…"))
    if parts.username or parts.password:
        raise BadInput("Put no user name or password into the URL. For a key, type: ", _use("https://…", True))
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadInput(f"“{parts.hostname}” would get the key unencrypted over http. Type: ", _use("https://…"))
    return parts


def split(url: str) -> SplitResult | None:
    """Split a URL; None where it has no valid port, or what the HTTP client may read in another way than urlsplit."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is not a port
    except ValueError:
        return None
    odd = any(sign.isspace() or not sign.isprintable() for sign in url) or "\\" in url or "%" in parts.netloc
    return None if odd else parts


def is_anthropic(url: str) -> bool:
    """Return whether an address is one of Anthropic's own hosts, over https."""
    parts = split(url)
    return parts is not None and parts.scheme == "https" and bool(_OWN.fullmatch(parts.hostname or ""))


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _same(url: str, other: str) -> bool:
    """Return whether two addresses are one: a host may serve somebody else under another path."""
    if not other or split(url) is None or split(other) is None:
        return False
    return origin(url) == origin(other) and urlsplit(url).path.rstrip("/") == urlsplit(other).path.rstrip("/")


def _key_from() -> Spelled:
    return Spelled("key_from", "--key-from")


def _use(url: str, with_key: bool = False) -> Spelled:
    if with_key:
        return Spelled(f"nbfiles.use({url!r}, key_from='ENVVAR')", f"%nbfiles use {url} --key-from ENVVAR")
    return Spelled(f"nbfiles.use({url!r})", f"%nbfiles use {url}")
