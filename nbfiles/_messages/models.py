"""What each model can do: from the API where it answers, from a dated table otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nbfiles._files import file_kinds
from nbfiles._messages.options import EFFORTS, AskKeywords
from nbfiles.close_matches import close_matches
from nbfiles.config import DEFAULT_MODEL
from nbfiles.errors import BadInput, NbfilesError, Spelled
from nbfiles.options import spelled
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON

AS_OF = "2026-11-20"  # the day of TABLE
NEEDS = {
    "citations": "cite",
    "structured_outputs": "fill a schema",
    "code_execution": "run code",
}
# The API tells no versions of the code execution tool (docs/wire-facts.md). A model whose code may call
# other tools takes the newest; an older one treats that as the version of 2025.
CALLS_TOOLS = "programmatic"
NEWEST_CODE, OLDER_CODE = "code_execution_20260521", "code_execution_20250825"


def abilities() -> dict[str, str]:
    """Return what files and questions may need of a model, in words."""
    return {need: text for row in file_kinds.FILE_KINDS for need, text in row.needs.items()} | NEEDS


@redacted_repr
@dataclass(frozen=True, slots=True)
class Model:
    """One model: limits in tokens, and what it `can` do, in the words of `abilities` and `effort:high`.

    `line` is `sonnet` and the like, `created` the day of its release, both empty where not known.
    """

    id: str
    name: str
    max_input_tokens: int
    max_tokens: int
    can: frozenset[str]
    lifecycle: str = "active"
    retires_at: str | None = None
    line: str = ""
    created: str = ""

    @property
    def does_all(self) -> bool:
        """Whether it is a model to begin with: it stays, and nothing that files need is missing."""
        return self.lifecycle == "active" and self.can >= abilities().keys()


_ALL = frozenset(abilities())
_THREE_EFFORTS = frozenset(f"effort:{level}" for level in ("low", "medium", "high"))
_WITH_EFFORT = _ALL | {CALLS_TOOLS} | {f"effort:{level}" for level in EFFORTS}
TABLE = (
    Model("claude-fable-5-2", "Claude Fable 5.2", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-haiku-5-5", "Claude Haiku 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-sonnet-5-5", "Claude Sonnet 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-opus-5-5", "Claude Opus 5.5", 1_000_000, 128_000, _WITH_EFFORT),
    Model("claude-haiku-4-5-20251001", "Claude Haiku 4.5", 200_000, 64_000, _ALL),
    Model("claude-opus-4-5-20251101", "Claude Opus 4.5", 200_000, 64_000, _ALL | _THREE_EFFORTS, "deprecated"),
    Model("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", 200_000, 64_000, _ALL, "deprecated"),
)
# The last days of models, as anthropic 2.14 has them (its list of deprecated models).
LAST_DAYS = {
    "claude-mythos-preview": "2026-06-30",
    "claude-opus-4-5": "2027-01-22",
    "claude-opus-4-5-20251101": "2027-01-22",
    "claude-sonnet-4-5": "2026-11-30",
    "claude-sonnet-4-5-20250929": "2026-11-30",
}
_DATED = re.compile(r"-20\d{6}")  # what the id of a release has behind its alias


class Models:
    """The models of one destination; the API is asked where the table does not vouch for a request, once."""

    def __init__(self, fetch: Callable[[], Sequence[JSON]]) -> None:
        self._fetch = fetch
        self._listed: tuple[Model, ...] | None = None
        self._default: str | None = None

    def all(self) -> tuple[Model, ...]:
        """Return the models of the API, or the table where it does not tell."""
        if self._listed is None:
            try:
                self._listed = tuple(from_json(info) for info in self._fetch() if isinstance(info, dict))
            except NbfilesError:
                return TABLE
        return self._listed or TABLE

    @property
    def default(self) -> str:
        """The model that is asked where nobody says which; the dated choice until `choose`."""
        return self._default or DEFAULT_MODEL

    @default.setter
    def default(self, model: str) -> None:
        self._default = model

    def choose(self) -> None:
        """Choose the default from what the API lists, asked once: the dated choice while that stays.

        Else the newest of its line that does all, or the newest of any; where the API does not tell, the
        dated choice.
        """
        if self._default is not None:
            return
        able = {model.id: model for model in self.all() if model.does_all}
        line = [model for model in able.values() if model.line == "sonnet"] or [*able.values()]
        newest = max(line, key=lambda model: model.created, default=None)
        self._default = DEFAULT_MODEL if DEFAULT_MODEL in able or newest is None else newest.id

    def code_tool(self, model: str) -> str:
        """Return the newest type of the code execution tool that a model supports, as far as is one."""
        entry = self._find(model)
        return OLDER_CODE if entry and CALLS_TOOLS not in entry.can else NEWEST_CODE

    def bounded(self, model: str, max_tokens: int) -> int:
        """Return the longest answer to ask a model for where nobody says how long."""
        entry = self._find(model)
        return min(max_tokens, entry.max_tokens) if entry else max_tokens

    def context(self, model: str) -> int:
        """Return how many tokens a model reads; 0 where that is not known."""
        entry = self._find(model)
        return entry.max_input_tokens if entry else 0

    def ending(self, model: str) -> tuple[str, ...]:
        """Say when a model ends, or since when it has ended, where it does."""
        day = self._last_day(model)
        if not day:
            return ()
        other = spelled(AskKeywords, "model", self.default)
        return (
            f"{model} has retired on {day}. Instead: {other}"
            if _over(day)
            else f"{model} ends on {day}. Later: {other}",
        )

    def _last_day(self, model: str) -> str:
        entry = self._find(model)
        return entry.retires_at[:10] if entry and entry.retires_at else LAST_DAYS.get(model, "")

    def cites(self, model: str) -> bool:
        """Return whether a model cites, as far as is one."""
        entry = self._find(model)
        return entry is None or "citations" in entry.can

    def _find(self, model: str) -> Model | None:
        """Return what is known of a model; an alias stands for its newest dated release."""
        return _named(model, self._listed or ()) or _named(model, TABLE)

    def check_name(self, model: str) -> tuple[str, ...]:
        """Return a note on a model that could not be checked; raises BadInput for one that the list does not have."""
        if self._listed:
            self._require_listed(model, self._listed)
            return ()
        if _named(model, TABLE):
            return ()
        see = Spelled("nbfiles.models()", "%nbfiles models")
        return (f"“{model}” was not checked: which models there are was not asked yet. To see them: {see}",)

    def _require_listed(self, model: str, models: Sequence[Model]) -> None:
        """Raise BadInput, with the closest names, for a model that the API does not list; aliases are listed too."""
        if _named(model, models):
            return
        day = self._last_day(model)
        if day and _over(day):
            raise BadInput(f"{model} has retired on {day}. Type: ", spelled(AskKeywords, "model", self.default))
        names = [one.id for one in models]
        close = close_matches(model, names, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"There are {', '.join(names[:4])} and others."
        hint = hint.removesuffix(" and others.") + "." if not close and len(names) <= 4 else hint
        raise BadInput(
            f"There is no model “{model}”. {hint} To see all, type: ", Spelled("nbfiles.models()", "%nbfiles models")
        )

    def check(self, model: str, needs: Iterable[str], max_tokens: int) -> None:
        """Raise BadInput, naming a model that can, where this one cannot do what is asked.

        Where the API does not tell its models, one that is not known is left to it to refuse.
        """
        required = list(needs)
        vouched = self._find(model)
        if vouched and _lack(vouched, required, max_tokens) is None and not (self._last_day(model) or self._listed):
            return
        models = self.all()
        if self._listed:
            self._require_listed(model, models)
        entry = self._find(model)
        lack = _lack(entry, required, max_tokens) if entry else None
        if lack:
            able = [m.id for m in models if m is not entry and _lack(m, required, max_tokens) is None]
            if able:
                raise BadInput(f"{lack} {able[0]} can: ", spelled(AskKeywords, "model", able[0]))
            raise BadInput(f"{lack} Type: ", Spelled("nbfiles.models()", "%nbfiles models"))


def _named(model: str, models: Iterable[Model]) -> Model | None:
    """Return the model of this id, or the newest release of this alias."""
    of_alias = [m for m in models if m.id == model or (m.id.startswith(model) and _DATED.fullmatch(m.id[len(model) :]))]
    return max(of_alias, key=lambda one: (one.id == model, one.id), default=None)


def _over(day: str) -> bool:
    return day < datetime.now(UTC).date().isoformat()


def _lack(model: Model, needs: Iterable[str], max_tokens: int) -> str | None:
    """Say what a model cannot do, or None where it can do everything."""
    for need in needs:
        if need not in model.can:
            ability = abilities().get(need) or f"think with effort “{need.removeprefix('effort:')}”"
            return f"{model.id} cannot {ability}."
    if max_tokens > model.max_tokens:
        return f"{model.id} writes at most {model.max_tokens:,} tokens, not {max_tokens:,}."
    return None


def needs(request: JSON, kinds: Iterable[str]) -> list[str]:
    """Return what a request needs of a model; `kinds` are those of its files that are read."""
    output = request.get("output_config") or {}
    blocks = [block for message in request["messages"] for block in message["content"]]
    flags = {
        "image_input": any(block["type"] == "image" for block in blocks),
        "citations": any("citations" in block for block in blocks if block["type"] == "document"),
        "structured_outputs": "format" in output,
        "code_execution": "tools" in request,
    }
    effort = [f"effort:{output['effort']}"] if "effort" in output else []
    of_files = {need for kind in kinds for need in file_kinds.named(kind).needs}
    return [need for need in abilities() if flags.get(need) or need in of_files] + effort


def from_json(info: JSON) -> Model:
    """Read a ModelInfo; what it does not say, or says in a way of its own, the model can do."""
    capabilities = _object(info, "capabilities")
    tools, effort = _object(capabilities, "server_tools"), _object(capabilities, "effort")
    flags = {need: capabilities.get(need) for need in abilities()} | {"code_execution": tools.get("code_execution")}
    flags |= {f"effort:{level}": effort.get(level) for level in EFFORTS}
    flags[CALLS_TOOLS] = capabilities.get("code_execution")
    can = (need for need, flag in flags.items() if not isinstance(flag, dict) or flag.get("supported", True))
    return Model(
        id=str(info.get("id")),
        name=str(info.get("display_name") or info.get("id")),
        max_input_tokens=_whole(info, "max_input_tokens"),
        max_tokens=_whole(info, "max_tokens") or 10**9,
        can=frozenset(can),
        lifecycle=str(info.get("lifecycle") or "active"),
        retires_at=str(info.get("retires_at") or LAST_DAYS.get(str(info.get("id")), "")) or None,
        line=str(info.get("line") or ""),
        created=str(info.get("created_at") or ""),
    )


def _object(info: JSON, name: str) -> JSON:
    value = info.get(name)
    return value if isinstance(value, dict) else {}


def _whole(info: JSON, name: str) -> int:
    value = info.get(name)
    return value if isinstance(value, int) else 0
