"""What each model can do: from the API where it answers, from a dated table otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nbfiles.asking.answer import JSON
from nbfiles.asking.options import EFFORTS
from nbfiles.errors import BadInput, NbfilesError

AS_OF = "2026-11-20"  # the day of TABLE
NEEDS = {
    "pdf_input": "read PDFs",
    "image_input": "read images",
    "citations": "cite",
    "structured_outputs": "fill a schema",
    "code_execution": "run code",
}


@dataclass(frozen=True, slots=True)
class Model:
    """One model: limits in tokens, and what it `can` do, in the words of NEEDS and `effort:high`."""

    id: str
    name: str
    max_input_tokens: int
    max_tokens: int
    can: frozenset[str]
    lifecycle: str = "active"
    retires_at: str | None = None


_ALL = frozenset(NEEDS)
_WITH_EFFORT = _ALL | {f"effort:{level}" for level in EFFORTS}
TABLE = (
    Model("claude-fable-5-2", "Claude Fable 5.2", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-haiku-5-5", "Claude Haiku 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-sonnet-5-5", "Claude Sonnet 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-opus-5-5", "Claude Opus 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000, _ALL),
    Model("claude-haiku-4-5-20251001", "Claude Haiku 4.5", 200_000, 64_000, _ALL),
)


class Models:
    """The models of one place; the API is asked where the table does not vouch for a request, once."""

    def __init__(self, fetch: Callable[[], Sequence[JSON]]) -> None:
        self._fetch = fetch
        self._known: tuple[Model, ...] | None = None

    def all(self) -> tuple[Model, ...]:
        """Return the models of the API, or the table where it does not tell."""
        if self._known is None:
            try:
                self._known = tuple(map(from_json, self._fetch()))
            except NbfilesError:
                return TABLE
        return self._known or TABLE

    def check(self, model: str, needs: Iterable[str], max_tokens: int) -> None:
        """Raise BadInput, naming a model that can, where this one cannot do what is asked.

        A model that nobody lists is left to the API to refuse: a gateway may know more.
        """
        wanted = list(needs)
        if any(_lack(known, wanted, max_tokens) is None for known in TABLE if known.id == model):
            return
        models = self.all()
        found = next((known for known in models if known.id == model), None)
        lack = _lack(found, wanted, max_tokens) if found else self._unknown(model, models)
        if lack:
            able = [m.id for m in models if m.id != model and _lack(m, wanted, max_tokens) is None]
            hint = f"{able[0]} can: --model {able[0]}" if found and able else "Type: %nbfiles models"
            raise BadInput(f"{lack} {hint}")

    def _unknown(self, model: str, models: Sequence[Model]) -> str | None:
        close = get_close_matches(model, [known.id for known in models], n=1)
        return f"There is no model “{model}”. Did you mean {close[0]}?" if close else None


def _lack(model: Model, needs: Iterable[str], max_tokens: int) -> str | None:
    """Say what a model cannot do, or None where it can do everything."""
    for need in needs:
        if need not in model.can:
            words = NEEDS.get(need) or f"take --effort {need.removeprefix('effort:')}"
            return f"{model.id} cannot {words}."
    if max_tokens > model.max_tokens:
        return f"{model.id} writes at most {model.max_tokens:,} tokens, not {max_tokens:,}."
    return None


def needs(request: JSON, kinds: Iterable[str]) -> list[str]:
    """Return what a request needs of a model; `kinds` are those of its files that are read."""
    output = request.get("output_config") or {}
    blocks = [block for message in request["messages"] for block in message["content"]]
    found = {
        "pdf_input": "PDF" in kinds,
        "image_input": any(block["type"] == "image" for block in blocks),
        "citations": any("citations" in block for block in blocks if block["type"] == "document"),
        "structured_outputs": "format" in output,
        "code_execution": "tools" in request,
    }
    effort = [f"effort:{output['effort']}"] if "effort" in output else []
    return [need for need, wanted in found.items() if wanted] + effort


def from_json(info: JSON) -> Model:
    """Read a ModelInfo; what it does not say, the model can do."""
    told = info.get("capabilities") or {}
    tools, effort = told.get("server_tools") or {}, told.get("effort") or {}
    flags = {need: told.get(need) for need in NEEDS} | {"code_execution": tools.get("code_execution")}
    flags |= {f"effort:{level}": effort.get(level) for level in EFFORTS}
    can = (need for need, flag in flags.items() if not isinstance(flag, dict) or flag.get("supported", True))
    return Model(
        id=str(info.get("id")),
        name=str(info.get("display_name") or info.get("id")),
        max_input_tokens=int(info.get("max_input_tokens") or 0),
        max_tokens=int(info.get("max_tokens") or 0) or 10**9,
        can=frozenset(can),
        lifecycle=str(info.get("lifecycle") or "active"),
        retires_at=info.get("retires_at"),
    )
