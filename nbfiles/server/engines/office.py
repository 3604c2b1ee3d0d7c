"""The document skills: office files made in the container, of the data that the request gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbfiles.server.ask import Ask, LoadedSkill
from nbfiles.server.engines.container import CellStopped
from nbfiles.server.engines.outcome import outcome
from nbfiles.server.engines.prose import escaped, listed
from nbfiles.server.engines.runs import Runs
from nbfiles.server.engines.steps import script
from nbfiles.server.pieces import Piece, Text, Thinking

MADE = "Local server: made {name} of what is above, does not write texts of its own."
MOUNTED = "Local server: the files of {names} lie in the container under `skills/`; it does not follow them."
PACKAGES = {  # skill → module, and what installs it
    "xlsx": ("openpyxl", "openpyxl"),
    "docx": ("docx", "python-docx"),
    "pptx": ("pptx", "python-pptx"),
    "pdf": ("matplotlib", "matplotlib"),
}
_MARKS = re.compile(r"\\(?=[\\`*_\[\]<>~|$])|\*+|`|^- ", re.MULTILINE)

_HEAD = """\
import os

out = os.environ["OUTPUT_DIR"]
title = {title!r}
lines = [
{lines}]
pictures = {pictures!r}
"""
_XLSX = """\
import openpyxl
{tables}
book = openpyxl.Workbook()
book.remove(book.active)
for name, (columns, rows) in tables.items():
    sheet = book.create_sheet(name)
    for row in [columns, *rows]:
        sheet.append(row)
    for row in sheet.iter_rows():
        for cell in row:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type  # a text stays a text
    for cell in sheet[1]:
        cell.font = openpyxl.styles.Font(bold=True)
    sheet.freeze_panes = "A2"
book.save(f"{{out}}/{stem}.xlsx")
"""
_TABLES = """\
import pandas as pd

tables = {{}}
for name, df in [{frames}]:
    df = df.head({rows}).astype(object).where(df.notna(), None)
    cells = [[v if isinstance(v, (int, float, str, bool)) or v is None else str(v) for v in row]
             for row in df.itertuples(index=False)]
    tables[name] = [str(column) for column in df.columns], cells
tables["Findings"] = ["Findings"], [[line] for line in lines]
"""
_NO_TABLES = 'tables = {"Findings": (["Findings"], [[line] for line in lines])}\n'
_DOCX = """\
import docx

report = docx.Document()
report.add_heading(title, 0)
for line in lines:
    report.add_paragraph(line)
for picture in pictures:
    report.add_picture(f"{{out}}/{{picture}}", width=docx.shared.Inches(6))
report.save(f"{{out}}/{stem}.docx")
"""
_PPTX = """\
import pptx

deck, inch = pptx.Presentation(), pptx.util.Inches(1)
first = deck.slides.add_slide(deck.slide_layouts[0])
first.shapes.title.text = title
slide = deck.slides.add_slide(deck.slide_layouts[1])
slide.shapes.title.text = "Findings"
slide.placeholders[1].text = "\\n".join(lines)
for picture in pictures:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = picture.rsplit(".", 1)[0].replace("_", " ").capitalize()
    slide.shapes.add_picture(f"{{out}}/{{picture}}", inch, inch * 1.6, width=inch * 8)
deck.save(f"{{out}}/{stem}.pptx")
"""
_PDF = """\
import textwrap
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

with PdfPages(f"{{out}}/{stem}.pdf") as pages:
    page = plt.figure(figsize=(8.27, 11.69))
    text = "\\n\\n".join(textwrap.fill(line, 85) for line in lines)
    page.text(0.1, 0.93, title, fontsize=20, parse_math=False)
    page.text(0.1, 0.89, text, fontsize=10, verticalalignment="top", parse_math=False)
    pages.savefig(page)
    for picture in pictures:
        page, axes = plt.subplots(figsize=(8.27, 5.8))
        axes.imshow(plt.imread(f"{{out}}/{{picture}}"))
        axes.axis("off")
        pages.savefig(page)
"""
_TEMPLATES = {"xlsx": _XLSX, "docx": _DOCX, "pptx": _PPTX, "pdf": _PDF}
ROWS = 10_000  # of a table that go into a sheet
LONGEST = 1_000  # characters of a line


@dataclass
class Report:
    """What an answer found so far: how its tables are read, its sentences and its charts."""

    title: str = "Report"
    tables: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def add(self, markdown: str) -> None:
        """Keep the sentences of a text without its marks."""
        plain = _MARKS.sub("", markdown)
        self.lines += [line.strip()[:LONGEST] for line in plain.splitlines() if line.strip()]


def answer(runs: Runs, ask: Ask, report: Report) -> Iterator[Piece]:
    """Yield the making of a file for each document skill of the request."""
    own = [skill.name for skill in ask.skills if skill.folder is not None]
    if own:
        yield Text(f"\n\n{MOUNTED.format(names=escaped(listed(own)))}")
    if not report.lines:
        report.add(ask.question)
    for skill in ask.skills:
        if skill.folder is None:
            yield from _made(runs, skill, report)


def _made(runs: Runs, skill: LoadedSkill, report: Report) -> Iterator[Piece]:
    module, package = PACKAGES[skill.skill_id]
    try:
        known = runs.ask(f"import {module}\nresult = 1")
    except CellStopped as problem:
        known = {"problem": str(problem)}
    if "problem" in known:
        missing = f"needs {package}, which is not installed: `pip install {package}`"
        yield Text(f"\n\nLocal server: the skill {skill.skill_id} {missing}")
        return
    yield Thinking(f"Local server: this is a fixed plan, not reasoning. Write a file with {package}.")
    yield from runs.run(script(code(skill.skill_id, report), runs.version))
    said = f" {outcome(runs.content, runs.names)}" if runs.failed else ""
    yield Text(f"\n\n{MADE.format(name=escaped(listed(runs.names) if runs.names else 'no file'))}{said}")


def code(skill_id: str, report: Report) -> str:
    """Return the program that makes the file of a skill."""
    lines = "".join(f"    {line!r},\n" for line in report.lines)
    head = _HEAD.format(title=report.title, lines=lines, pictures=report.pictures)
    frames = ", ".join(f"({name[:31]!r}, {loader})" for name, loader in report.tables.items())
    tables = _TABLES.format(frames=frames, rows=ROWS) if frames else _NO_TABLES
    stem = "_".join(re.findall(r"\w+", report.title.lower()))[:60] or "report"
    return head + _TEMPLATES[skill_id].format(stem=stem, tables=tables)
