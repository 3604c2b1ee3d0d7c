"""Where nbfiles keeps things and where it sends requests: the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbfiles.credentials import ANTHROPIC, Credentials, check_address, is_anthropic, named
from nbfiles.private_values import redacted_repr
from nbfiles.values_in_use import hide, hide_headers

DEFAULT_MODEL = "claude-sonnet-5-5"  # cheapest model that cites, reads images and runs code (docs/wire-facts.md)
DEFAULT_MAX_TOKENS = 16_000  # long enough for a report, short enough to bound the bill of one cell


@redacted_repr
@dataclass(frozen=True)
class Settings:
    """One kernel's settings, read once."""

    use: str  # "local", "claude" or a URL
    credentials: Credentials = field(default=Credentials(), repr=False)
    folder: Path | None = None  # for what is kept; None is the system's own for such data

    @property
    def data_dir(self) -> Path:
        """The folder in which nbfiles keeps what later kernels use."""
        import platformdirs  # `%load_ext` says where requests go, which needs no folder

        return self.folder or platformdirs.user_data_path("nbfiles")


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Read `NBFILES_DATA_DIR`, `NBFILES_USE` and the credentials that exist.

    Without `NBFILES_USE`, requests go to Claude when the SDK would find credentials, else to the
    embedded server.
    """
    env = os.environ if environ is None else environ
    use = env.get("NBFILES_USE") or ("claude" if _source(env) else "local")
    folder = env.get("NBFILES_DATA_DIR")
    return Settings(use, credentials(env), Path(folder) if folder else None)


def credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """Return what the SDK's own search would find, without importing it, and for which address it is.

    `ANTHROPIC_BASE_URL` is set beside what comes from the environment. A profile that nobody named there has an
    address of its own, and is not part of the environment: another base URL does not get its token.
    """
    env = os.environ if environ is None else environ
    source = _source(env)
    base_url = env.get("ANTHROPIC_BASE_URL") or ""
    from_profile = _profile_url(env) if source in ("ANTHROPIC_PROFILE", PROFILE) else ""
    if source == PROFILE and base_url and not is_anthropic(base_url) and base_url != from_profile:
        source = ""
    key = env.get(source) if source in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN") else None
    address = base_url or from_profile or ANTHROPIC
    return Credentials(source, key, _headers(env), address, address)


def key_from(variable: str, url: str, settings: Settings, environ: Mapping[str, str] | None = None) -> Credentials:
    """Return the key in an environment variable, to be sent to a URL; raises BadInput."""
    env = os.environ if environ is None else environ
    return named(variable, env.get(variable), url, settings.credentials)


def upstream_headers(url: str, variable: str | None = None, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what tells an upstream Messages API who asks; raises BadInput for an address that may get nothing.

    What the environment holds goes where the SDK's client would send it, and a key in a `variable` that was named
    for this URL anywhere, by the one rule in nbfiles/credentials.py.
    """
    check_address(url)
    settings = read(environ)
    sent = key_from(variable, url, settings, environ) if variable else settings.credentials.sent_to(url)
    hide(sent.key)
    hide_headers(sent.headers)
    headers = {name.lower(): value for name, value in sent.headers}
    if sent.key is None:
        return headers
    key, is_token = sent.key.strip(), sent.source == "ANTHROPIC_AUTH_TOKEN"
    return {"authorization": f"Bearer {key}"} | ({} if is_token else {"x-api-key": key}) | headers


def child_environ(**extra: str) -> dict[str, str]:
    """Return this process's environment with `extra` on top, for a process that it starts."""
    return {**os.environ, **extra}


PROFILE = "a profile of the Anthropic SDK"


def _source(env: Mapping[str, str]) -> str:
    """Name what the SDK's search would find; empty where that is nothing."""
    # The order of anthropic 2.14, lib/credentials/_chain.py.
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID")
    return next((name for name in names if env.get(name)), PROFILE if _profile(env).is_file() else "")


def _headers(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers that the SDK reads from the environment, such as a workspace's."""
    lines = [line.partition(":") for line in env.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n") if ":" in line]
    return tuple((name.strip(), value.strip()) for name, _, value in lines)


def _profile(env: Mapping[str, str]) -> Path:
    """Return where the SDK looks for the active profile."""
    folder = Path(env.get("ANTHROPIC_CONFIG_DIR") or _config_home(env))
    active = folder / "active_config"
    chosen = active.read_text().strip() if active.is_file() else "default"
    return folder / "configs" / f"{env.get('ANTHROPIC_PROFILE') or chosen}.json"


def _profile_url(env: Mapping[str, str]) -> str:
    """Return the base URL that a profile names; what is wrong with a profile, the SDK says at the first request."""
    import json

    try:
        url = json.loads(_profile(env).read_text()).get("base_url")
    except (OSError, ValueError, AttributeError):
        return ""
    return url if isinstance(url, str) else ""


def _config_home(env: Mapping[str, str]) -> Path:
    if os.name == "nt":
        return Path(env.get("APPDATA", "~")).expanduser() / "Anthropic"
    return Path("~/.config/anthropic").expanduser()
