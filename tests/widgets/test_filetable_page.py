"""The file table as a person uses it, by mouse and by keyboard: JupyterLab, a kernel, the embedded server."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.heavy import FRONTENDS

pytestmark = pytest.mark.browser

SPEC = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CELLS = (
    "%load_ext nbfiles\n%upload samples/bzip2-manual.pdf samples/penguins.csv samples/flower.jpg",
    "%files",
)
MANY = """
import nbfiles
from datetime import UTC, datetime
from nbfiles import records, session
registry = nbfiles.current_session().connection.files.registry
def put(*names):
    for name in names:
        now = datetime.now(UTC)
        registry.add(records.FileRecord(name, "file_x", records.Kind.TEXT, "text/plain", 1, now))
def drop(pattern):
    for record in registry.match(pattern):
        registry.remove(record.name)
"""
CODE = """```python
import os, pathlib
pathlib.Path(os.environ["OUTPUT_DIR"], "made.txt").write_text("m")
```"""
SESSION = "window.jupyterapp.shell.currentWidget.context.sessionContext.session"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def opened(notebook):
    """A notebook that shows three files; its `put` and `drop` are for names without a file."""
    book = new_notebook(cells=[new_code_cell(cell) for cell in CELLS], metadata=SPEC)
    nbformat.write(book, notebook.lab.root / "files.ipynb")
    notebook.open("files.ipynb")
    notebook.run_all()
    notebook.tell(MANY)
    return notebook


@pytest.fixture
def table(opened):
    """The table of `%files`, as it is at first."""
    table = opened.page.locator(".nbfiles-table").first
    table.get_by_role("searchbox").fill("")
    expect(rows(table)).not_to_have_count(0)
    yield table
    opened.page.keyboard.press("Escape")


def rows(table):
    return table.locator("[role=row][aria-selected]")


def names(table):
    """The names in sight, in the order of reading; the page draws them a frame after it counts them."""
    return [text.strip() for text in rows(table).locator(".name").all_inner_texts()]


def expect_selected(table, *names):
    expect(table.locator("[aria-selected=true] .name")).to_have_text(names)


def stand_on(table, name):
    """Put keyboard and selection on one row."""
    table.get_by_role("row", name=name).first.click()
    expect(table.get_by_role("grid")).to_be_focused()


def findings(page):
    results = Axe().run(page, context=".nbfiles-table")
    return [(v["id"], v["nodes"][0]["html"]) for v in results.response["violations"] if v["impact"] in SERIOUS]


def test_files_are_listed_without_a_file_id(table):
    expect(rows(table).locator(".name")).to_have_text(["bzip2-manual.pdf", "penguins.csv", "flower.jpg"])
    expect(table).to_contain_text("3 files")
    assert "file_" not in table.evaluate("table => table.outerHTML")


def test_files_come_and_go_by_themselves(opened, table):
    opened.tell("nbfiles.upload_text('x', 'notes.txt')")
    expect(table.get_by_role("row", name="notes.txt")).to_be_visible()
    expect(table.get_by_role("status")).to_have_text("1 file added.")
    opened.tell("nbfiles.workspace.remove('notes.txt', yes=True)")
    expect(table.get_by_role("row", name="notes.txt")).to_have_count(0)
    expect(table).to_contain_text("3 files")


def test_it_stays_live_when_the_extension_is_reloaded(opened, table):
    opened.tell("%reload_ext nbfiles")
    opened.tell("nbfiles.upload_text('x', 'reloaded.txt')")
    expect(table.get_by_role("row", name="reloaded.txt")).to_be_visible()
    opened.tell("get_ipython().run_line_magic('files', 'rm reloaded.txt --yes')")
    expect(table.get_by_role("row", name="reloaded.txt")).to_have_count(0)


def test_headers_sort(table):
    size = table.get_by_role("columnheader", name="size")
    size.get_by_role("button").click()
    expect(size).to_have_attribute("aria-sort", "ascending")
    expect(rows(table).first).to_contain_text("penguins.csv")
    size.get_by_role("button").press("Enter")
    expect(size).to_have_attribute("aria-sort", "descending")
    expect(rows(table).first).to_contain_text("bzip2-manual.pdf")
    size.get_by_role("button").click()
    expect(size).to_have_attribute("aria-sort", "none")
    expect(rows(table).last).to_contain_text("flower.jpg")


def test_typing_filters(table):
    table.get_by_role("searchbox").press_sequentially("data csv")
    expect(rows(table)).to_have_count(1)
    expect(table).to_contain_text("1 of 3 files")
    table.get_by_role("searchbox").fill("nothing <b>")
    expect(table).to_contain_text("No file matches “nothing <b>”.")


def test_the_keyboard_selects_and_jupyter_hears_nothing_of_it(opened, table):
    cells = len(opened.cells())
    grid = table.get_by_role("grid")
    grid.focus()
    for key in ("Home", "Space", "Shift+ArrowDown"):
        grid.press(key)
    expect_selected(table, "bzip2-manual.pdf", "penguins.csv")
    grid.press("Control+a")
    expect_selected(table, "bzip2-manual.pdf", "penguins.csv", "flower.jpg")
    expect(table).to_contain_text("3 selected")
    active = grid.get_attribute("aria-activedescendant")
    assert "penguins.csv" in opened.page.locator(f"[id='{active}']").inner_text()
    for key in ("d", "d", "a", "x", "Escape"):
        grid.press(key)
    expect_selected(table)
    assert len(opened.cells()) == cells


def test_a_mark_selects_one_more_and_shift_a_range(table):
    rows(table).nth(0).locator(".mark").click()
    rows(table).nth(2).locator(".mark").click()
    expect_selected(table, "bzip2-manual.pdf", "flower.jpg")
    rows(table).nth(1).click()
    expect_selected(table, "penguins.csv")
    rows(table).nth(2).click(modifiers=["Shift"])
    expect_selected(table, "penguins.csv", "flower.jpg")


def test_deletion_lists_and_asks_first(opened, table):
    opened.tell("nbfiles.upload_text('1', 'gone[1].txt'); nbfiles.upload_text('2', 'gone1.txt')")
    expect(table.get_by_role("status")).to_have_text("2 files added.")  # it would hide what is said next
    stand_on(table, "gone[1].txt")
    opened.page.keyboard.press("Delete")
    question = table.get_by_role("alertdialog", name="Delete 1 file (1 byte) from the workspace?")
    expect(question).to_be_visible()
    assert question.get_by_role("listitem").all_inner_texts() == ["gone[1].txt"]
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(table.get_by_role("grid")).to_be_focused()
    table.get_by_role("button", name="Delete …").click()
    question.get_by_role("button", name="Delete").click()
    expect(table.get_by_role("status")).to_have_text("Deleted: 1 file (1 byte).")
    expect(table.get_by_role("row", name="gone[1].txt")).to_have_count(0)
    left = "[e.name for e in nbfiles.current_session().connection.workspace.entries('gone*.txt')]"
    opened.tell(f"assert {left} == ['gone1.txt'], {left}")
    opened.tell("nbfiles.workspace.remove('gone1.txt', yes=True)")


def test_info_tells_what_is_known(table):
    stand_on(table, "bzip2-manual.pdf")
    table.get_by_role("grid").press("Enter")
    about = table.get_by_role("region", name="About bzip2-manual.pdf")
    expect(about).to_contain_text("38 pages")
    expect(about.get_by_role("button", name="Close")).to_be_focused()
    about.press("Escape")
    expect(table.get_by_role("grid")).to_be_focused()


def test_a_copied_reference_is_a_name(opened, table):
    opened.tell("put('my notes.txt')")
    expect(table.get_by_role("status")).to_have_text("1 file added.")
    table.get_by_role("searchbox").fill("txt")
    stand_on(table, "my notes.txt")
    table.get_by_role("button", name="Copy name").click()
    expect(table.get_by_role("status")).to_have_text('Copied: "my notes.txt"')
    assert opened.page.evaluate("navigator.clipboard.readText()") == '"my notes.txt"'
    opened.tell("drop('my notes.txt')")


def test_what_code_made_is_downloaded_and_yours_is_not(opened, table):
    stand_on(table, "penguins.csv")
    table.get_by_role("button", name="Download").click()
    expect(table.get_by_role("status")).to_contain_text("only what Claude's code made can be downloaded")
    opened.tell(f"nbfiles.ask({CODE!r}, 'penguins.csv')")
    made = opened.lab.root / "nbfiles_out" / "made.txt"
    made.unlink(missing_ok=True)
    expect(table.get_by_role("status")).to_have_text("1 file added.")
    stand_on(table, "made.txt")
    table.get_by_role("button", name="Download").click()
    expect(table.get_by_role("status")).to_have_text("Saved in nbfiles_out: made.txt")
    assert made.read_text() == "m"
    opened.tell("nbfiles.workspace.remove('made.txt', yes=True)")


def test_hostile_names_are_text_and_short(opened, table):
    hostile = [
        "<img src=x onerror=document.title='hacked'>.txt",
        "a\u202egnp.txt",
        "x" * 300 + ".txt",
        "$x^2$.txt",
    ]
    opened.tell(f"put(*{hostile!r})")
    expect(table).to_contain_text("7 files")
    expect(rows(table)).to_have_count(7)
    first, second, long, last = names(table)[3:]
    assert (first[0], first[-4:], second, last) == ("<", ".txt", "agnp.txt", "$x^2$.txt")
    assert re.fullmatch(r"x+…x+\.txt", long)
    assert table.locator("img, mjx-container").count() == 0
    assert "hacked" not in opened.page.title()
    opened.tell("drop('*.txt')")
    expect(table).to_contain_text("3 files")


def test_five_thousand_rows_are_there_and_few_are_drawn(opened, table):
    opened.tell("put(*[f'n{number}.txt' for number in range(5000)])")
    expect(table).to_contain_text("5,003 files")
    assert rows(table).count() < 60
    opened.run("import nbfiles\nnbfiles.file_table()")
    expect(opened.page.locator(".nbfiles-table").last).to_contain_text("5,003 files")
    grid = table.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "5004")
    grid.focus()
    grid.press("End")
    expect(table.get_by_role("row", name="n4999.txt")).to_be_in_viewport()
    table.get_by_role("searchbox").fill("n4321")
    expect(rows(table)).to_have_count(1)
    table.get_by_role("searchbox").fill("")
    opened.tell("drop('*.txt')")
    expect(table).to_contain_text("3 files")


def test_two_views_show_the_same_and_each_has_its_own_questions(opened, table):
    opened.run("import nbfiles\nnbfiles.file_table()")
    other = opened.page.locator(".nbfiles-table").last
    expect(rows(other)).to_have_count(3)
    opened.tell("nbfiles.upload_text('x', 'both.txt')")
    stand_on(other, "both.txt")
    other.get_by_role("button", name="Delete …").click()
    expect(other.get_by_role("alertdialog")).to_be_visible()
    expect(table.get_by_role("alertdialog")).to_have_count(0)
    other.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    for view in (table, other):
        expect(view.get_by_role("row", name="both.txt")).to_have_count(0)


@pytest.fixture
def busy(opened):
    """Let the kernel run a cell until the test ends; `disabled`, it hears a page only between cells."""

    def begin(how):
        set_subshells(opened, how)
        run = "kernel.requestExecute({ code: 'import threading; threading.Event().wait()' });"
        opened.page.evaluate(f"() => {{ const {{ kernel }} = {SESSION}; {run} }}")

    yield begin
    stop(opened)
    set_subshells(opened, "perCommTarget")
    opened.tell("1")


def set_subshells(notebook, how):
    notebook.page.evaluate(f"how => {{ {SESSION}.kernel.commsOverSubshells = how; }}", how)


def stop(notebook):
    notebook.page.evaluate(f"() => {SESSION}.kernel.interrupt()")


def test_it_answers_while_a_cell_runs(table, busy):
    busy("perCommTarget")
    stand_on(table, "bzip2-manual.pdf")
    table.get_by_role("button", name="Info").click()
    about = table.get_by_role("region", name="About bzip2-manual.pdf")
    expect(about).to_contain_text("38 pages")
    about.get_by_role("button", name="Close").click()


def test_a_kernel_that_cannot_answer_meanwhile_is_waited_for(opened, table, busy):
    busy("disabled")
    stand_on(table, "flower.jpg")
    table.get_by_role("button", name="Info").click()
    expect(table.get_by_role("status")).to_contain_text("Waiting for the running cell.")
    stop(opened)
    about = table.get_by_role("region", name="About flower.jpg")
    expect(about).to_contain_text("640 × 427 pixels")
    expect(table.get_by_role("status")).to_have_text("")
    about.get_by_role("button", name="Close").click()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_serious_in_either_theme(opened, table, theme):
    opened.page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', { theme: t })", theme)
    expect(opened.page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
    stand_on(table, "penguins.csv")
    assert findings(opened.page) == []
    table.get_by_role("button", name="Delete …").click()
    expect(table.get_by_role("alertdialog")).to_be_visible()
    assert findings(opened.page) == []


@pytest.mark.parametrize(("width", "font"), [(320, 14), (600, 28)])
def test_it_fits_a_narrow_page_and_one_that_is_zoomed_to_200_percent(opened, table, width, font):
    opened.page.set_viewport_size({"width": width, "height": 600})
    table.evaluate("(table, font) => { table.style.fontSize = `${font}px`; }", font)
    try:
        expect(rows(table)).to_have_count(3)
        wide, there = table.evaluate("table => [table.scrollWidth, table.clientWidth]")
        grid, room = table.get_by_role("grid").evaluate("grid => [grid.scrollWidth, grid.clientWidth]")
        assert wide <= there < width
        assert grid <= room
        inside = "rows => rows.every(row => row.scrollHeight <= row.clientHeight + 1)"
        assert rows(table).evaluate_all(inside)
        expect(rows(table).first).to_contain_text("183.8 KB")
        assert cut(table) == []
    finally:
        table.evaluate("table => { table.style.fontSize = ''; }")
        opened.page.set_viewport_size({"width": 1200, "height": 900})


def cut(table):
    """The cells of which the page shows only the beginning."""
    return table.evaluate(
        """table => [...table.querySelectorAll("[role=gridcell]")]
            .filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)"""
    )


@pytest.mark.parametrize("width", [1200, 700, 320])
def test_a_long_name_keeps_its_end_at_any_width(opened, table, width):
    opened.tell("put('q' * 200 + '.parquet')")
    opened.page.set_viewport_size({"width": width, "height": 800})
    try:
        row = table.get_by_role("row", name="qqq").locator(".name")
        expect(row).to_have_text(re.compile(r"^\s*q+…q*\.parquet$"))
        assert row.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    finally:
        opened.page.set_viewport_size({"width": 1200, "height": 900})
        opened.tell("drop('q*')")


def test_nothing_is_asked_of_another_host(opened):
    assert opened.hosts == {opened.lab.url.split("/")[2]}


def test_after_a_restart_it_says_to_run_the_cell_again(opened, table):
    opened.page.evaluate(f"() => {SESSION}.kernel.restart()")
    stand_on(table, "penguins.csv")
    table.get_by_role("button", name="Info").click()
    expect(table.get_by_role("status")).to_contain_text(re.compile("run this cell again", re.IGNORECASE))
    opened.run_all()
    expect(rows(table)).to_have_count(3)


def test_opened_again_without_its_kernel_it_is_a_table_and_says_what_to_do(opened):
    page = opened.page
    page.evaluate(
        """async () => {
            const { context } = window.jupyterapp.shell.currentWidget;
            await context.save();
            await context.sessionContext.shutdown();
        }"""
    )
    opened.open("files.ipynb")
    output = page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea")
    expect(output.get_by_role("cell", name="penguins.csv")).to_be_visible()
    expect(output).to_contain_text("To use it, run the cell again.")
    expect(page.get_by_text("Error displaying widget")).not_to_be_visible()


@FRONTENDS
def test_notebook_7_shows_it_as_jupyterlab_does(opened):
    page = opened.page
    opened.open("files.ipynb", view="notebooks")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    table = page.locator(".nbfiles-table").first
    expect(rows(table)).to_have_count(3)
    stand_on(table, "penguins.csv")
    page.keyboard.press("Delete")
    expect(table.get_by_role("alertdialog")).to_be_visible()
    page.keyboard.press("Enter")
    for key in ("d", "d"):
        table.get_by_role("grid").press(key)
    expect(rows(table)).to_have_count(3)
