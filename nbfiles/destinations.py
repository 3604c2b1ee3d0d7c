"""Where requests can go, as one table: a kind of destination is one row of DESTINATIONS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from nbfiles.config import Settings
from nbfiles.errors import BadInput, Spelled
from nbfiles.private_values import redacted_repr

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Destination:
    """Where requests go: the Claude API (no `base_url`), the embedded server, or a URL.

    `label` is what people see below an answer, `author` who answers where that is not the model. `name` is what one
    types to use it, `about` where it is, in a few words more than `label`, `greeting` what `%load_ext` says of it.
    `socket` is a Unix socket to go through; the key stays out of the repr. `runs_own_code` says that it runs the code
    of the question itself, and so has to know which of it was typed.
    """

    label: str
    billing: str  # "list" prices, "free", or "unknown" (a gateway may charge anything)
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    socket: Path | None = field(default=None, repr=False)
    name: str = ""
    about: str = ""
    greeting: str = ""
    author: str = ""
    needs_key: bool = True
    runs_own_code: bool = False

    @property
    def lists_models(self) -> bool:
        """Whether it has the models of the Claude API; a gateway has its own, and may not list them."""
        return self.billing != "unknown"

    @property
    def scope(self) -> str:
        """The name of the workspace behind it, without asking: a hash of the key stands for the key's workspace."""
        if not self.needs_key or not self.api_key:
            return self.name
        import hashlib  # not needed by `%load_ext`, which says where requests go

        return f"{self.name} {hashlib.sha256(self.api_key.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class DestinationKind:
    """A row of the table: what is typed, how it is told from other names, and what it stands for.

    `client` and `server` are named by dotted strings, as values know neither: the client that speaks with it, and what
    is started for it in this kernel (a function of a folder, which returns its base_url, key and socket_path).
    """

    typed: str
    matches: Callable[[str], bool]
    make: Callable[[str, Settings], Destination]
    client: str = "nbfiles._client:Client"
    server: str = ""


def _local(name: str, _settings: Settings) -> Destination:
    return Destination(
        "local server on this machine",
        "free",
        name=name,
        about="local server on this machine: quotes passages, cannot answer in its own words",
        greeting="a local server answers, without an API key: it quotes passages and runs code, "
        "but cannot answer in its own words.",
        author="Local server",
        needs_key=False,
        runs_own_code=True,
    )


def _claude(name: str, settings: Settings) -> Destination:
    where = "Claude (api.anthropic.com)"
    return Destination(where, "list", api_key=settings.api_key, name=name, about=where)


def _url(url: str, settings: Settings) -> Destination:
    """Return a server by its URL; raises BadInput.

    Plain http is refused beyond this machine, because the key and the documents could be read on the way.
    """
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise _unknown(url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadInput(f"“{parts.hostname}” would get the key unencrypted over http. Type: ", _use("https://…"))
    if parts.username or parts.password:
        raise BadInput("Put no user name or password into the URL; the key comes from ANTHROPIC_API_KEY.")
    return Destination(parts.netloc, "unknown", base_url=url, api_key=settings.api_key, name=url, about=url)


def _parts(url: str) -> SplitResult | None:
    """Split a URL; None where it has no valid port, or characters that urlsplit would drop in silence."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return None
    return None if any(sign.isspace() or not sign.isprintable() for sign in url) else parts


DESTINATIONS = [
    DestinationKind("local", "local".__eq__, _local, server="nbfiles.server.embedded:start"),
    DestinationKind("claude", "claude".__eq__, _claude),
    DestinationKind("https://…", lambda name: ":" in name, _url),
]


def kind_of(name: str) -> DestinationKind:
    """Return the row for a name or a URL; raises BadInput where there is none."""
    for kind in DESTINATIONS:
        if kind.matches(name):
            return kind
    raise _unknown(name)


def find(name: str, settings: Settings) -> Destination:
    """Return the destination of a name or a URL, as far as it is known before it is asked; raises BadInput."""
    return kind_of(name).make(name, settings)


def _unknown(name: str) -> BadInput:
    *most, last = (kind.typed for kind in DESTINATIONS)
    choices = f"{', '.join(most)}, or {last}"
    return BadInput(f"Unknown destination “{' '.join(name.split())}”. Type: ", _use(choices))


def _use(name: str) -> Spelled:
    choices = name.split(", ")
    python = ", ".join(f"{'or ' * c.startswith('or ')}nbfiles.use({c.removeprefix('or ')!r})" for c in choices)
    return Spelled(python, f"%nbfiles use {name}")
