"""Where requests can go, as one table: a kind of destination is one row of DESTINATIONS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, TypedDict

from nbfiles import config
from nbfiles.config import Settings
from nbfiles.credentials import ANTHROPIC, NONE_SENT, Credentials, check_address, is_anthropic
from nbfiles.errors import BadInput, Spelled
from nbfiles.options import Option
from nbfiles.private_values import redacted_repr
from nbfiles.values_in_use import hide, hide_headers

USE_LOCAL = Spelled("nbfiles.use('local')", "%nbfiles use local")


class UseKeywords(TypedDict, total=False):
    """The options of a destination."""

    key_from: Annotated[
        str | None,
        Option(
            "the environment variable whose key is sent there; default: what the environment holds for Claude goes to "
            "Anthropic's hosts and to `ANTHROPIC_BASE_URL`, and nowhere else",
            metavar="ENVVAR",
            takes="the name of an environment variable",
            example="GATEWAY_KEY",
        ),
    ]


@redacted_repr
@dataclass(frozen=True, slots=True)
class Destination:
    """Where requests go: the Claude API, the embedded server (no `base_url` before it is started), or a URL.

    `label` is what people see below an answer, `author` who answers where that is known before a reply tells.
    `name` is what one types to use it, `about` where it is, in a few words more than `label`, `greeting` what
    `%load_ext` says of it. `api_key` and `headers` stay out of the repr; `finds_token` lets the SDK fetch a token,
    `key_source` names where they come from, `credentials` says so in words. `socket` is a Unix socket to go through.
    `runs_own_code` says that it runs the code of the question itself, and so has to know which of it was typed.
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
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    finds_token: bool = False
    credentials: str = ""
    key_source: str = ""
    runs_own_code: bool = False

    def __post_init__(self) -> None:
        hide(self.api_key)
        hide_headers(self.headers)

    @property
    def lists_models(self) -> bool:
        """Whether it has the models of the Claude API; a gateway has its own, and may not list them."""
        return self.billing != "unknown"

    @property
    def key_name(self) -> str:
        """Where the key is set that is sent there, mostly an environment variable."""
        return self.key_source or "ANTHROPIC_API_KEY"

    @property
    def scope(self) -> str:
        """The name of the workspace behind it, without asking: a hash of the key stands for the key's workspace."""
        elsewhere = self.base_url if self.base_url not in (None, ANTHROPIC, self.name) else None
        place = f"{self.name} {elsewhere}" if elsewhere else self.name
        secrets = [*filter(None, [self.api_key]), *(f"{name}: {value}" for name, value in self.headers)]
        if not self.needs_key or not secrets:
            return place
        import hashlib  # not needed by `%load_ext`, which says where requests go

        digest = hashlib.sha256("\n".join(secrets).encode()).hexdigest()
        return f"{place} {digest[:16]}"

    def with_credentials(self, sent: Credentials) -> Destination:
        """Return it with what is sent there to tell who asks."""
        return replace(
            self,
            api_key=sent.key,
            headers=sent.headers,
            finds_token=bool(sent.source) and sent.key is None,
            credentials=f"from {sent.source}" if sent.source else NONE_SENT,
            key_source=sent.source,
        )


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
    """Return where the SDK would go: to Anthropic, or to the base URL that is set for it; raises BadInput."""
    return _remote(name, settings.credentials.base_url, settings)


def _url(url: str, settings: Settings) -> Destination:
    """Return a server by its URL; raises BadInput."""
    return _remote(url, url, settings)


def _remote(name: str, url: str, settings: Settings) -> Destination:
    parts = check_address(url)
    ours = is_anthropic(url)
    label = f"Claude ({parts.netloc})" if ours else parts.netloc
    about = label if ours else url if name == url else f"{url} (ANTHROPIC_BASE_URL)"
    there = Destination(label, "list" if ours else "unknown", base_url=url, name=name, about=about)
    return there.with_credentials(settings.credentials.sent_to(url))


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


def find(name: str, settings: Settings, key_from: str | None = None) -> Destination:
    """Return the destination of a name or a URL, as far as it is known before it is asked; raises BadInput.

    `key_from` names the environment variable whose key is sent there.
    """
    destination = kind_of(name).make(name, settings)
    if key_from is None:
        return destination
    if destination.base_url is None:
        option = Spelled("key_from", "--key-from")
        raise BadInput(f"“{name}” needs no key: leave out ", option, ".")
    return destination.with_credentials(config.key_from(key_from, destination.base_url, settings))


def _unknown(name: str) -> BadInput:
    *most, last = (kind.typed for kind in DESTINATIONS)
    choices = f"{', '.join(most)}, or {last}"
    return BadInput(f"Unknown destination “{' '.join(name.split())}”. Type: ", _use(choices))


def _use(name: str) -> Spelled:
    choices = name.split(", ")
    python = ", ".join(f"{'or ' * c.startswith('or ')}nbfiles.use({c.removeprefix('or ')!r})" for c in choices)
    return Spelled(python, f"%nbfiles use {name}")
