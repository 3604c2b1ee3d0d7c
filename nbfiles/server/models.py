"""The models that the local server answers for: the line-up of November 2026 (docs/wire-facts.md)."""

from __future__ import annotations

from dataclasses import dataclass

from nbfiles.server.errors import missing


@dataclass(frozen=True)
class ServedModel:
    """One model, as far as the local server can tell."""

    id: str
    display_name: str
    line: str
    released: str
    thinking: tuple[str, ...]
    context: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum: int = 512  # tokens; shorter prefixes are not cached
    effort: bool = True
    aliases: tuple[str, ...] = ()
    retires: str | None = None  # announced, so the model is deprecated

    @property
    def takes_prefill(self) -> bool:
        """Return whether it goes on from a text of the assistant, as models up to 4.5 do."""
        return "adaptive" not in self.thinking


UNKNOWN = "1970-01-01"  # the API's own way to say that a release date is not known
ADAPTIVE, EITHER = ("adaptive",), ("adaptive", "disabled")
BUDGETED = ("enabled", "disabled")

LINE_UP = (
    ServedModel("claude-fable-5-2", "Claude Fable 5.2", "fable", "2026-11-09", ADAPTIVE),
    ServedModel("claude-haiku-5-5", "Claude Haiku 5.5", "haiku", "2026-10-07", EITHER),
    ServedModel("claude-sonnet-5-5", "Claude Sonnet 5.5", "sonnet", "2026-09-28", ("adaptive", "between_tools")),
    ServedModel("claude-opus-5-5", "Claude Opus 5.5", "opus", "2026-09-22", ADAPTIVE),
    ServedModel(
        "claude-opus-4-5-20251101",
        "Claude Opus 4.5",
        "opus",
        "2025-11-01",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=4096,
        aliases=("claude-opus-4-5",),
        retires="2027-01-22",
    ),
    ServedModel(
        "claude-haiku-4-5-20251001",
        "Claude Haiku 4.5",
        "haiku",
        "2025-10-01",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=4096,
        effort=False,
        aliases=("claude-haiku-4-5",),
    ),
    ServedModel(
        "claude-sonnet-4-5-20250929",
        "Claude Sonnet 4.5",
        "sonnet",
        "2025-09-29",
        BUDGETED,
        context=200_000,
        max_tokens=64_000,
        cache_minimum=1024,
        effort=False,
        aliases=("claude-sonnet-4-5",),
        retires="2026-11-30",
    ),
    ServedModel("claude-mythos-5-2", "Claude Mythos 5.2", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-fable-5-1", "Claude Fable 5.1", "fable", UNKNOWN, ADAPTIVE),
    ServedModel("claude-mythos-5-1", "Claude Mythos 5.1", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-sonnet-5", "Claude Sonnet 5", "sonnet", UNKNOWN, EITHER, cache_minimum=1024),
    ServedModel("claude-fable-5", "Claude Fable 5", "fable", UNKNOWN, ADAPTIVE),
    ServedModel("claude-mythos-5", "Claude Mythos 5", "mythos", UNKNOWN, ADAPTIVE),
    ServedModel("claude-opus-5", "Claude Opus 5", "opus", UNKNOWN, EITHER),
    ServedModel("claude-opus-4-8", "Claude Opus 4.8", "opus", UNKNOWN, EITHER, cache_minimum=1024),
    ServedModel("claude-opus-4-7", "Claude Opus 4.7", "opus", UNKNOWN, EITHER, cache_minimum=2048),
    ServedModel("claude-opus-4-6", "Claude Opus 4.6", "opus", UNKNOWN, ("enabled", *EITHER), cache_minimum=4096),
    ServedModel("claude-sonnet-4-6", "Claude Sonnet 4.6", "sonnet", UNKNOWN, ("enabled", *EITHER), cache_minimum=1024),
)
NEVER_FORCED = frozenset(  # [docs] models that refuse a tool_choice of any or tool
    {
        "claude-fable-5-1",
        "claude-fable-5-2",
        "claude-mythos-5-1",
        "claude-mythos-5-2",
        "claude-opus-5-5",
        "claude-sonnet-5-5",
    }
)
BY_NAME = {name: model for model in LINE_UP for name in (model.id, *model.aliases)}


def find(name: str) -> ServedModel:
    """Return a model by id or alias, or raise the API's 404."""
    if name not in BY_NAME:
        raise missing(f"model: {name}")
    return BY_NAME[name]
