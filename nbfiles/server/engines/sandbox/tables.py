"""The built-in profile of data files: code that runs in the container, and what it found in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.quotes.prose import escaped, listed, on_a_line
from nbfiles.server.engines.sandbox import charts as drawings
from nbfiles.server.engines.sandbox import described, findings, profile
from nbfiles.server.engines.sandbox.container import CellStopped
from nbfiles.server.engines.sandbox.office import Report
from nbfiles.server.engines.sandbox.outcome import ended, outcome, why_not
from nbfiles.server.engines.sandbox.runs import Runs
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.parts import Part, TextPart, ThinkingPart

MOST = 3  # data files that one answer looks at
DESCRIBE = "\nimport matplotlib\nresult = describe(inputs['name'])\n"
FACTS = """
frame = cells["df"] if cells.get("df") is not None else frame_of(inputs["name"])
result = facts(frame, inputs["charts"])
"""
PROFILED = "It ran its built-in profile."


def answer(runs: Runs, names: list[str], question: str, report: Report) -> Iterator[Part]:
    """Yield the profile of each file, and keep in the report what it found."""
    for name in names[:MOST]:
        yield from _profile(runs, name, question, report)
    if names[MOST:]:
        yield TextPart(f"\n\nNot profiled: {escaped(listed(names[MOST:]))}.")


def frames() -> str:
    """Return the source of what looks at tables inside the container."""
    return Path(__file__).with_name("frames.py").read_text(encoding="utf-8")


def _profile(runs: Runs, name: str, question: str, report: Report) -> Iterator[Part]:
    try:
        reply = runs.ask(Program(frames() + DESCRIBE, {"name": name}))
        if "problem" in reply:
            yield TextPart(f"{PROFILED} {why_not(name, reply)}")
            return
        table = described.table(reply["result"], name)
    except CellStopped as problem:
        yield TextPart(f"{PROFILED} **{on_a_line(name)}** could not be read. {ended(str(problem), problem.reason)}")
        return
    charts = profile.plan(table, question)
    yield ThinkingPart(_plan(table, charts))
    yield from runs.python(drawings.program(table, charts))
    if runs.failed:
        yield TextPart(f"{PROFILED} {outcome(runs.content, runs.names, runs.reason)}")
        return
    report.pictures += [filename for filename in runs.names if filename.endswith(".png")]
    report.tables.append(table)
    sentences = findings.summary(table, charts, _facts(runs, table, charts))
    report.add(sentences)
    yield TextPart(f"{PROFILED}\n\n{sentences}")


def _plan(table: JsonObject, charts: list[profile.Chart]) -> str:
    drawn = listed([f"“{chart.title}”" for chart in charts]) if charts else "no chart"
    return f"Local server: a fixed plan, no reasoning. Read {table['name']}, print its columns, and draw {drawn}."


def _facts(runs: Runs, table: JsonObject, charts: list[profile.Chart]) -> list[JsonObject]:
    """Return the numbers behind each chart; none when Python cannot tell."""
    plan = [{"kind": chart.kind, "x": chart.x, "y": chart.y, "every": chart.every} for chart in charts]
    try:
        reply = runs.ask(Program(frames() + FACTS, {"name": table["name"], "charts": plan}))
    except CellStopped:
        return []
    return described.facts(reply.get("result"), charts)
