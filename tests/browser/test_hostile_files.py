"""A hostile page and drawing that code made, in a live cell: nothing is fetched, nothing runs."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from labpage import NotebookPage
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.browser

sys.path.insert(0, str(Path(__file__).parents[1] / "display"))
from hostile import EVIL_PAGE  # noqa: E402

EVIL_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99" onload="fetch(\'//evil.example\')">'
    '<image href="http://evil.example/p.png"/><script>fetch("//evil.example")</script></svg>'
)
SHOW = f"""
from datetime import UTC, datetime
from pathlib import Path
from nbfiles.asking.answer import Answer
from nbfiles.display import answer
from nbfiles.records import FileRecord, Files, Kind

def made(name, content):
    path = Path(name).absolute()
    path.write_text(content)
    return FileRecord(name, "file_1", Kind.TEXT, "text/plain", len(content), datetime.now(UTC), path=path)

page, drawing = made("page.html", {json.dumps(EVIL_PAGE)}), made("d.svg", {json.dumps(EVIL_SVG)})
answer.show(Answer(files=Files([page, drawing])))
"""


def test_a_page_that_phones_home_reaches_nobody(notebook: NotebookPage) -> None:
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[new_code_cell(SHOW)], metadata=spec), notebook.lab.root / "made.ipynb")
    notebook.open("made.ipynb")
    notebook.run_all()
    output = notebook.page.locator(".jp-OutputArea-output")
    output.get_by_text("open in sandbox").click()
    frame = output.frame_locator("iframe")
    frame.get_by_role("heading", name="Report").wait_for()
    assert output.locator("img[src^='data:image/svg']").count() == 1
    assert notebook.hosts == {urlsplit(notebook.lab.url).netloc}
