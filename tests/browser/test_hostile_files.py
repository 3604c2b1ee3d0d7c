"""A hostile page and drawing that code made, in a live cell: nothing is fetched, nothing runs."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator

from tests.browser.labpage import NotebookPage

pytestmark = pytest.mark.browser

sys.path.insert(0, str(Path(__file__).parents[1] / "display"))
from tests.display.hostile import EVIL_PAGE  # noqa: E402

EVIL_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99" onload="fetch(\'//evil.example\')">'
    '<image href="http://evil.example/p.png"/><script>fetch("//evil.example")</script></svg>'
)
SHOW = f"""
from datetime import UTC, datetime
from pathlib import Path
from nbfiles._documents import previews
from nbfiles._messages.answer import Answer
from nbfiles._display import answer
from nbfiles.records import FileRecord, Files, Kind

def made(name, content):
    path = Path(name).absolute()
    path.write_text(content)
    now, preview = datetime.now(UTC), previews.read(path)
    return FileRecord(name, "file_1", Kind.TEXT, "text/plain", len(content), now, path=path, preview=preview)

page, drawing = made("page.html", {json.dumps(EVIL_PAGE)}), made("d.svg", {json.dumps(EVIL_SVG)})
answer.show(Answer(files=Files([page, drawing])))
"""


def opened(notebook: NotebookPage, name: str, cell: nbformat.NotebookNode) -> Locator:
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[cell], metadata=spec), notebook.lab.root / name)
    notebook.open(name)
    return notebook.page.locator(".jp-OutputArea-output")


def test_a_page_that_phones_home_reaches_nobody(notebook: NotebookPage) -> None:
    output = opened(notebook, "made.ipynb", new_code_cell(SHOW))
    notebook.run_all()
    output.get_by_text("open in sandbox").click()
    frame = output.frame_locator("iframe")
    frame.get_by_role("heading", name="Report").wait_for()
    assert output.locator("img[src^='data:image/svg']").count() == 1
    assert notebook.hosts == {urlsplit(notebook.lab.url).netloc}


def test_in_an_untrusted_notebook_it_is_words(notebook: NotebookPage) -> None:
    opened(notebook, "made.ipynb", new_code_cell(SHOW))
    notebook.run_all()
    (executed,) = notebook.cells()
    executed.metadata.pop("trusted", None)
    output = opened(notebook, "received.ipynb", executed)  # as from somebody else: never run here
    output.get_by_text("page.html, web page").wait_for()
    output.get_by_text("open in sandbox").click()
    output.get_by_text("Frames are shown where the notebook is trusted").wait_for()
    assert output.locator("script, iframe, object, form").count() == 0
    assert output.locator("img[src^='data:image/svg']").count() == 1
    assert notebook.hosts == {urlsplit(notebook.lab.url).netloc}
