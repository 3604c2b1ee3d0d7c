"""Skills: instructions and scripts that the container gets, Anthropic's for office files and custom ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbfiles._messages.options import AskKeywords
from nbfiles.close_matches import close_matches
from nbfiles.errors import BadInput, Spelled
from nbfiles.options import options_of
from nbfiles.private_values import redacted_repr
from nbfiles.records import JSON

ANTHROPIC = ("docx", "pdf", "pptx", "xlsx")  # documentation of September 2026
MOST = 20  # in one request (the same)
LATEST = "latest"
LIST = Spelled("nbfiles.skills()", "%nbfiles skills")


@redacted_repr
@dataclass(frozen=True, slots=True)
class Skill:
    """A skill: what to type after `--skill`, its name for people, and who made it."""

    id: str
    name: str
    source: str


class Skills:
    """The skills of one destination; the API is asked for what is none of Anthropic's own."""

    def __init__(self, fetch: Callable[[], Sequence[JSON]]) -> None:
        self._fetch = fetch

    def all(self) -> list[Skill]:
        """Return the skills of the workspace, Anthropic's included."""
        return [Skill(str(raw.get("id")), str(raw.get("display_name") or ""), _source(raw)) for raw in self._fetch()]

    def for_request(self, text: str) -> list[JSON]:
        """Read `xlsx,pptx` or names of custom skills, for a request; raises BadInput for an unknown one."""
        specs = list(dict.fromkeys(spec.strip() for spec in text.split(",") if spec.strip()))
        if not specs or len(specs) > MOST:
            option = options_of(AskKeywords)["skill"]
            raise BadInput(option.spelled(), f" takes 1 to {MOST} skills, for example: ", option.spelled("xlsx,pptx"))
        skills = [] if set(specs) <= set(ANTHROPIC) else self.all()
        return [_block(spec, skills) for spec in specs]


def _source(raw: JSON) -> str:
    source = raw.get("source")
    return str(source.get("type")) if isinstance(source, dict) else "unknown"


def _block(spec: str, skills: Sequence[Skill]) -> JSON:
    if spec in ANTHROPIC:
        return {"type": "anthropic", "skill_id": spec, "version": LATEST}
    matches = [skill for skill in skills if spec in (skill.id, skill.name)]
    if len(matches) == 1:
        kind = "anthropic" if matches[0].source == "anthropic" else "custom"
        return {"type": kind, "skill_id": matches[0].id, "version": LATEST}
    if matches:
        raise BadInput(f"{len(matches)} skills are called “{spec}”. Take one by its id: ", LIST)
    names = [*ANTHROPIC, *(name for skill in skills for name in (skill.id, skill.name))]
    close = close_matches(spec, names)
    hint = (f"Did you mean {close[0]}?",) if close else ("To see them: ", LIST)
    raise BadInput(f"There is no skill “{spec}”. ", *hint)
