"""How to ask: the options that `%%ask_file` and `nbfiles.ask` share, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from math import isfinite
from typing import Any

from nbfiles.config import DEFAULT_MAX_TOKENS
from nbfiles.errors import BadInput

EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What may be said beside question and files; None leaves it to files, model and settings.

    `budget` is in US dollars. `thread` names a conversation, which `fresh` begins anew. `schema` is a
    Pydantic class or a short form. `skill` names skills, with commas between them.
    """

    model: str | None = None
    code: bool | None = None
    cite: bool | None = None
    max_tokens: int | None = None
    effort: str | None = None
    thread: str | None = None
    fresh: bool = False
    budget: float | None = None
    schema: Any = None
    skill: str | None = None

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise BadInput(f"--max-tokens takes a whole number from 1, not {self.max_tokens}.")
        if self.effort is not None and self.effort not in EFFORTS:
            raise BadInput(f"--effort is one of {', '.join(EFFORTS)}, not {self.effort}.")
        if self.budget is not None and not (isfinite(self.budget) and self.budget >= 0):
            raise BadInput(f"--budget takes US dollars, for example 0.50, not {self.budget}.")
        if self.thread is not None and not self.thread.strip():
            raise BadInput("--thread needs a name. Type, for example: -t earnings")
        if self.skill is not None and self.code is False:
            raise BadInput("--skill needs code: leave out --no-code.")


@dataclass(frozen=True, slots=True)
class AskDefaults:
    """What a question gets that does not say otherwise; `budget` is in US dollars for the whole kernel.

    No `model` means that of the place (`Models.default`).
    """

    model: str | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    effort: str | None = None
    budget: float | None = None

    def changed(self, settings: Mapping[str, Any]) -> AskDefaults:
        """Return these with other values, read from text where they are text; raises BadInput."""
        names = [field.name for field in fields(self)]
        values: dict[str, Any] = {}
        for name, value in settings.items():
            if name not in names:
                close = get_close_matches(name, names, n=1)
                hint = f"Did you mean {close[0]}?" if close else f"It is one of {', '.join(names)}."
                raise BadInput(f"There is no setting “{name}”. {hint}")
            values[name] = _value(name, value)
        return replace(self, **values)


def _value(name: str, value: Any) -> Any:
    if value is None or value in ("", "none"):
        return getattr(AskDefaults(), name)
    kind = {"max_tokens": int, "budget": float}.get(name, str)
    if kind is str and not isinstance(value, str):
        raise BadInput(f"{name} takes text, not {type(value).__name__}. To see them: %nbfiles models")
    try:
        read = kind(value)
    except (TypeError, ValueError, OverflowError):
        number, example = ("a whole number", "4000") if kind is int else ("a number", "2.00")
        raise BadInput(
            f"{name} takes {number}, not “{value}”. Type, for example: %nbfiles set {name}={example}"
        ) from None
    if name != "model":
        AskOptions(**{name: read})  # the same checks
    return read
