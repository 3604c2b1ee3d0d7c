"""The document skills: office files made in the container, of the data that the request gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbfiles.redact import redact
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.quotes.prose import escaped, listed, tidy
from nbfiles.server.engines.sandbox.container import CellStopped
from nbfiles.server.engines.sandbox.outcome import outcome
from nbfiles.server.engines.sandbox.profile import LONGEST_NAME
from nbfiles.server.engines.sandbox.runs import Runs
from nbfiles.server.engines.sandbox.steps import script
from nbfiles.server.json_types import JsonObject
from nbfiles.server.messages.parts import Part, TextPart, ThinkingPart
from nbfiles.server.messages.query import LoadedSkill, Query

WRITTEN = "Made {name} from {basis}."
MOUNTED = "The files of {names} are in the container under `skills/`; the local server does not follow them."
PACKAGES = {  # skill → module, and what installs it
    "xlsx": ("openpyxl", "openpyxl"),
    "docx": ("docx", "python-docx"),
    "pptx": ("pptx", "python-pptx"),
    "pdf": ("matplotlib", "matplotlib"),
}
_MARKS = re.compile(r"\\(?=[\\`*_\[\]<>~|$])|\*+|`|^- ", re.MULTILINE)

_HEAD = """
import os

out = os.environ["OUTPUT_DIR"]
title, lines, pictures = inputs["title"], inputs["lines"], inputs["pictures"]
"""
_XLSX = """\
import re

import openpyxl
import pandas as pd

READERS = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet, "excel": pd.read_excel}
NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")

def cell(value):
    plain = value is None or isinstance(value, (int, float, bool))
    return value if plain else NOT_IN_XML.sub("", str(value))

sheets = []
for table in inputs["tables"]:
    df = READERS[table["reader"]](table["file"], **table["options"])
    df.columns = table["columns"]
    for name in table["dates"]:
        df[name] = pd.to_datetime(df[name])
    df = df.head(inputs["rows"]).astype(object).where(df.notna(), None)
    sheets.append((table["sheet"], [list(df.columns), *df.itertuples(index=False)]))
sheets.append(("Findings", [["Findings"], *([line] for line in lines)]))

book = openpyxl.Workbook()
book.remove(book.active)
for name, rows in sheets:
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append([cell(value) for value in row])
    for row in sheet.iter_rows():
        for one in row:
            one.data_type = "s" if one.data_type == "f" else one.data_type  # a text stays a text
    for one in sheet[1]:
        one.font = openpyxl.styles.Font(bold=True)
    sheet.freeze_panes = "A2"
book.save(f"{out}/{inputs['stem']}.xlsx")
"""
_DOCX = """\
import docx

report = docx.Document()
report.add_heading(title, 0)
for line in lines:
    report.add_paragraph(line)
for picture in pictures:
    report.add_picture(f"{out}/{picture}", width=docx.shared.Inches(6))
report.save(f"{out}/{inputs['stem']}.docx")
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
    slide.shapes.add_picture(f"{out}/{picture}", inch, inch * 1.6, width=inch * 8)
deck.save(f"{out}/{inputs['stem']}.pptx")
"""
_PDF = """\
import textwrap
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

with PdfPages(f"{out}/{inputs['stem']}.pdf") as pages:
    page = plt.figure(figsize=(8.27, 11.69))
    text = "\\n\\n".join(textwrap.fill(line, 85) for line in lines)
    page.text(0.1, 0.93, title, fontsize=20, parse_math=False)
    page.text(0.1, 0.89, text, fontsize=10, verticalalignment="top", parse_math=False)
    pages.savefig(page)
    for picture in pictures:
        page, axes = plt.subplots(figsize=(8.27, 5.8))
        axes.imshow(plt.imread(f"{out}/{picture}"))
        axes.axis("off")
        pages.savefig(page)
"""
_INSTALLED = "from importlib import import_module\nimport_module(inputs['module'])\nresult = True\n"
_TEMPLATES = {"xlsx": _XLSX, "docx": _DOCX, "pptx": _PPTX, "pdf": _PDF}
ROWS = 10_000  # of a table that go into a sheet
LONGEST = 1_000  # characters of a line
LONGEST_SHEET = 28  # characters of a sheet's name; Excel takes 31, and openpyxl adds a number to a second one

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_SHEET = re.compile(r"[\\*?:/\[\]\s]+")


@dataclass
class Report:
    """What an answer found so far: its tables as frames.py described them, its sentences and its charts."""

    title: str = "Report"
    basis: str = "the results above"  # what it is made from, for a sentence
    tables: list[JsonObject] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def add(self, markdown: str) -> None:
        """Keep the sentences of a text without its marks."""
        plain = _NOT_IN_XML.sub("", _MARKS.sub("", markdown))
        self.lines += [line.strip()[:LONGEST] for line in plain.splitlines() if line.strip()]


def answer(runs: Runs, query: Query, report: Report) -> Iterator[Part]:
    """Yield the making of a file for each document skill of the request."""
    own = [skill.name for skill in query.skills if skill.folder is not None]
    if own:
        yield TextPart(f"\n\n{MOUNTED.format(names=escaped(listed(own)))}")
    if not report.lines:
        report.add(query.question)
        report.basis = "the question"
    for skill in query.skills:
        if skill.folder is None:
            yield from _write_file(runs, skill, report)


def _write_file(runs: Runs, skill: LoadedSkill, report: Report) -> Iterator[Part]:
    module, package = PACKAGES[skill.skill_id]
    try:
        reply = runs.ask(Program(_INSTALLED, {"module": module}))
    except CellStopped as problem:
        reply = {"problem": str(problem)}
    if "problem" in reply:
        missing = f"needs {package}, which is not installed: `pip install {package}`"
        yield TextPart(f"\n\nThe skill {skill.skill_id} {missing}")
        return
    yield ThinkingPart(f"Local server: a fixed plan, no reasoning. Write a file with {package}.")
    yield from runs.run(script(program(skill.skill_id, report), runs.version))
    name = escaped(listed(runs.names)) if runs.names else "no file"
    details = f" {outcome(runs.content, runs.names, runs.reason)}" if runs.failed else ""
    yield TextPart(f"\n\n{WRITTEN.format(name=name, basis=report.basis)}{details}")


def program(skill_id: str, report: Report) -> Program:
    """Return the program that makes the file of a skill."""
    title = tidy(_NOT_IN_XML.sub("", report.title))
    inputs: JsonObject = {
        "title": title,
        "stem": "_".join(re.findall(r"\w+", redact(title).lower()))[:LONGEST_NAME] or "report",
        "lines": report.lines,
        "pictures": report.pictures,
    }
    if skill_id == "xlsx":
        inputs |= {"tables": [_table(table) for table in report.tables], "rows": ROWS}
    return Program(_HEAD + _TEMPLATES[skill_id], inputs)


def _table(table: JsonObject) -> JsonObject:
    """Return how a table is read, and the sheet that it is to be."""
    sheet = _NOT_IN_A_SHEET.sub(" ", _NOT_IN_XML.sub("", table["name"]))[:LONGEST_SHEET].strip("' ")
    columns = [column["name"] for column in table["columns"]]
    how = {key: table[key] for key in ("reader", "options", "dates")}
    return {"sheet": sheet or "Table", "file": table["name"], **how, "columns": columns}
