"""Where nbfiles keeps things and where it sends requests: the only reader of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from nbfiles.private_values import redacted_repr

DEFAULT_MODEL = "claude-sonnet-5-5"  # cheapest model that cites, reads images and runs code (docs/wire-facts.md)
DEFAULT_MAX_TOKENS = 16_000  # long enough for a report, short enough to bound the bill of one cell


@redacted_repr
@dataclass(frozen=True)
class Settings:
    """One kernel's settings, read once."""

    data_dir: Path
    use: str  # "local", "claude" or a URL
    api_key: str | None = None


def read(environ: dict[str, str] | None = None) -> Settings:
    """Read `NBFILES_DATA_DIR`, `NBFILES_USE` and whether credentials exist.

    Without `NBFILES_USE`, requests go to Claude when the SDK would find credentials, else to the
    embedded server.
    """
    env = dict(os.environ) if environ is None else environ
    data_dir = Path(env.get("NBFILES_DATA_DIR") or platformdirs.user_data_path("nbfiles"))
    use = env.get("NBFILES_USE") or ("claude" if credentials(env) else "local")
    return Settings(data_dir=data_dir, use=use, api_key=env.get("ANTHROPIC_API_KEY") or None)


def upstream_headers(environ: dict[str, str] | None = None) -> dict[str, str]:
    """Return what tells an upstream Messages API who asks, found where the SDK's client finds it.

    `ANTHROPIC_API_KEY`, else `ANTHROPIC_AUTH_TOKEN`; and `ANTHROPIC_CUSTOM_HEADERS`, such as a workspace's.
    """
    env = dict(os.environ) if environ is None else environ
    lines = [line.partition(":") for line in env.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n") if ":" in line]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    key, token = (env.get(f"ANTHROPIC_{name}", "").strip() for name in ("API_KEY", "AUTH_TOKEN"))
    if key:
        return {"authorization": f"Bearer {key}", "x-api-key": key, **headers}
    return {"authorization": f"Bearer {token}", **headers} if token else headers


def child_environ(**extra: str) -> dict[str, str]:
    """Return this process's environment with `extra` on top, for a process that it starts."""
    return {**os.environ, **extra}


def credentials(environ: dict[str, str] | None = None) -> str | None:
    """Name what the SDK's own search would find, without importing it; None where that is nothing."""
    env = dict(os.environ) if environ is None else environ
    # The order of anthropic 2.11, lib/credentials/_chain.py.
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID")
    profile = "a profile of the Anthropic SDK" if _profile(env).is_file() else None
    return next((name for name in names if env.get(name)), profile)


def _profile(env: dict[str, str]) -> Path:
    """Return where the SDK looks for the active profile."""
    folder = Path(env.get("ANTHROPIC_CONFIG_DIR") or _config_home(env))
    active = folder / "active_config"
    name = active.read_text().strip() if active.is_file() else "default"
    return folder / "configs" / f"{name}.json"


def _config_home(env: dict[str, str]) -> Path:
    if os.name == "nt":
        return Path(env.get("APPDATA", "~")).expanduser() / "Anthropic"
    return Path("~/.config/anthropic").expanduser()
