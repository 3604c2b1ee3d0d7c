"""The quickstart as a person sees it: JupyterLab in a browser, Run All, look."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.labpage import NotebookPage

pytestmark = pytest.mark.browser

MARK = re.compile(r"\w\W?\s?\[\d+\]")  # behind a word of the answer
SOURCE = re.compile(r"^\[\d+\] .+, page \d+.*: “.+”( \(.+\))?$")  # a line of the list below it
CHART_WIDTH = 300  # pixels; an icon or a spacer is narrower


@pytest.fixture
def quickstart(notebook: NotebookPage) -> NotebookPage:
    notebook.open("01_quickstart.ipynb")
    notebook.run_all()
    return notebook


def test_quickstart_shows_a_chart_and_a_citation(quickstart: NotebookPage) -> None:
    questions = quickstart.page.locator(".jp-CodeCell", has_text="%%ask_file")
    outputs = questions.locator(".jp-OutputArea-output")

    charts = outputs.locator("img").filter(visible=True)
    expect(charts.first).to_be_visible()
    assert max(charts.evaluate_all("images => images.map(i => i.naturalWidth)")) > CHART_WIDTH

    expect(outputs.get_by_text(MARK).first).to_be_visible()
    expect(outputs.get_by_text(SOURCE).first).to_be_visible()

    for cell in quickstart.cells():
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        expected = "raises-exception" in cell.metadata.get("tags", [])
        assert failed == expected, cell.source
        assert cell.cell_type != "code" or cell.execution_count, f"did not run: {cell.source}"

    assert quickstart.hosts == {urlsplit(quickstart.lab.url).netloc}
