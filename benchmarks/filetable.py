"""A table of 5,000 files in JupyterLab: how soon it is there, and how long the page freezes at most.

python benchmarks/filetable.py

Beside pandas' own table and itables (`pip install itables`), each in a page of its own: milliseconds from
Run to the first row on the page, and the longest time between two frames meanwhile, while it is scrolled,
and while a filter is typed. Wanted is that no freeze is longer than 150 ms.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser.labpage import Lab, NotebookPage, browser_page, running_lab

ROUNDS = 3
ROWS = 5000
MAKE = f"""
from datetime import UTC, datetime, timedelta
import nbfiles
from nbfiles.records import FileRecord, Kind
registry, now = nbfiles.current_session().connection.files.registry, datetime.now(UTC)
for n in range({ROWS}):
    made = now - timedelta(hours=n)
    registry.add(FileRecord(f"report-{{n}}.txt", "file_x", Kind.TEXT, "text/plain", n * 37, made))
frame = nbfiles.files().df()
import itables, pandas
nbfiles.file_table()
itables.init_notebook_mode(all_interactive=False)
pandas.set_option("display.max_rows", None)
"""
# What the cell says, where its rows are, what scrolls, and where a filter is typed.
TABLES = {
    "nbfiles": (
        "nbfiles.file_table()",
        ".nbfiles-table .body .row",
        ".nbfiles-table .grid",
        "input[type=search]",
    ),
    "itables": (
        "itables.show(frame, maxBytes=0)",
        ".dt-container tbody tr",
        ".dt-container",
        "input[type=search]",
    ),
    "pandas": ("frame", ".dataframe tbody tr", ".dataframe", ""),
}
RUN = """async ([code, row]) => {
    const { commands, shell } = window.jupyterapp;
    const book = shell.currentWidget.content;
    book.activeCellIndex = book.widgets.length - 1;
    await commands.execute('notebook:insert-cell-below');
    book.activeCell.model.sharedModel.setSource(code);
    const start = performance.now();
    let last = start, longest = 0, seen = null;
    commands.execute('notebook:run-cell');
    await new Promise(done => {
        const frame = () => {
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
            if (seen === null && document.querySelector(row)) seen = now;
            if (seen !== null && now - seen > 500) done();
            else requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
    });
    return [seen - start, longest];
}"""
WATCH = """() => {
    let last = performance.now();
    window.longest = 0;
    const frame = now => {
        window.longest = Math.max(window.longest, now - last);
        last = now;
        window.watching = requestAnimationFrame(frame);
    };
    window.watching = requestAnimationFrame(frame);
}"""
SEEN = "() => { cancelAnimationFrame(window.watching); return window.longest; }"


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        root = Path(home, "notebooks")
        root.mkdir()
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nbformat.write(new_notebook(cells=[new_code_cell(MAKE)], metadata=spec), root / "table.ipynb")
        with running_lab(Path(home), root) as lab:
            for name in TABLES:
                runs = [measured(lab, name) for _ in range(ROUNDS)]
                shown, at_first, scrolled, filtered = (median(values) for values in zip(*runs, strict=True))
                freezes = f"{at_first:.0f} ms at first, {scrolled:.0f} scrolling, {filtered:.0f} filtering"
                print(f"{name:8} shown after {shown:.0f} ms; longest freeze {freezes}")


def measured(lab: Lab, name: str) -> tuple[float, float, float, float]:
    code, row, scrolled, field = TABLES[name]
    with browser_page() as page:
        notebook = NotebookPage(page, lab)
        notebook.open("table.ipynb")
        notebook.run_all()
        shown, at_first = page.evaluate(RUN, [code, f".jp-Cell:last-child {row}"])
        cell = page.locator(".jp-Cell").last
        cell.locator(scrolled).first.hover(position={"x": 50, "y": 100})
        page.evaluate(WATCH)
        for _ in range(40):
            page.mouse.wheel(0, 400)
            page.wait_for_timeout(25)
        scrolling = page.evaluate(SEEN)
        page.evaluate(WATCH)
        if field:
            cell.locator(field).first.press_sequentially("report 4321", delay=60)
            page.wait_for_timeout(500)
        return shown, at_first, scrolling, page.evaluate(SEEN) if field else float("nan")


if __name__ == "__main__":
    main()
