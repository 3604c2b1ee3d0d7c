"""The report of `doctor`, line by line: what is well, what is wrong, and what to type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nbfiles._display import output, tables
from nbfiles.errors import stop_in_one_line
from nbfiles.private_values import redacted_repr

WIDE = 1000  # characters; what to type must not be cut


class State(StrEnum):
    """How serious a finding is; only WRONG keeps a person from working."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@redacted_repr
@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the `subject`, and what is known of it, with what to type where something can be done."""

    subject: str
    message: str
    state: State = State.OK


@redacted_repr
@dataclass(frozen=True)
class DoctorReport:
    """All findings; `healthy` where nothing is wrong."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.state is not State.WRONG for finding in self.findings)

    def _rows(self) -> list[tuple[str, ...]]:
        rows = [(f.state.value, f.subject, f.message) for f in self.findings]
        wrong = sum(finding.state is State.WRONG for finding in self.findings)
        return [*rows, ("", "in all", "nothing is wrong" if self.healthy else f"{wrong} wrong, see above")]

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    @stop_in_one_line()  # the magic has ended, and IPython draws what it returned
    def _repr_mimebundle_(self, **_options: object) -> output.Bundle:
        return tables.bundle(("", "", "nbfiles doctor"), self._rows(), width=WIDE)
