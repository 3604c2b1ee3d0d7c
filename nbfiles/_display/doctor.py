"""What `doctor` found, line by line: what is well, what is wrong, and what to type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nbfiles._display import output, table_format
from nbfiles.redact import redact

WIDE = 1000  # characters; what to type must not be cut


class State(StrEnum):
    """How a finding is; only WRONG keeps a person from working."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, and what was found, with what to type where something can be done."""

    what: str
    said: str
    state: State = State.OK


@dataclass(frozen=True)
class DoctorReport:
    """All findings; `healthy` where nothing is wrong."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.state is not State.WRONG for finding in self.findings)

    def _rows(self) -> list[tuple[str, ...]]:
        rows = [(f.state.value, f.what, redact(f.said)) for f in self.findings]
        wrong = sum(finding.state is State.WRONG for finding in self.findings)
        return [*rows, ("", "in all", "nothing is wrong" if self.healthy else f"{wrong} wrong, see above")]

    def __str__(self) -> str:
        return table_format.plain(("", "", "nbfiles doctor"), self._rows(), WIDE)

    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        html = table_format.html(("", "", "nbfiles doctor"), self._rows(), WIDE)
        return {"text/html": html, "text/plain": str(self)}
