"""Hostile model text in a live, trusted cell of JupyterLab: nothing is fetched, nothing runs."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.labpage import NotebookPage

pytestmark = pytest.mark.browser

CORPUS = Path(__file__).parents[1] / "display"
sys.path.insert(0, str(CORPUS))
from tests.display.hostile import HOSTILE  # noqa: E402

SHOW = f"""
import sys
sys.path.insert(0, {str(CORPUS)!r})
from tests.display.hostile import HOSTILE
from nbfiles._messages.answer import Answer
from nbfiles._messages.blocks import parse_block
from nbfiles._display import answer

def show(texts):
    for text in texts:
        answer.show(Answer(blocks=(parse_block({{"type": "text", "text": text}}),)))
"""
AT_ONCE = 40  # JupyterLab hides what a cell shows beyond 50 outputs


def test_hostile_text_fetches_nothing_and_runs_nothing(notebook: NotebookPage) -> None:
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    starts = range(0, len(HOSTILE), AT_ONCE)
    cells = [new_code_cell(f"show(HOSTILE[{start}:{start + AT_ONCE}])") for start in starts]
    book = new_notebook(cells=[new_code_cell(SHOW), *cells], metadata=spec)
    nbformat.write(book, notebook.lab.root / "hostile.ipynb")
    notebook.open("hostile.ipynb")
    notebook.run_all()
    outputs = notebook.page.locator(".jp-OutputArea-output")
    assert outputs.count() == len(HOSTILE)
    assert notebook.hosts == {urlsplit(notebook.lab.url).netloc}
    assert outputs.locator("script, iframe, object, form, button, img, svg, video, style, link").count() == 0
