"""Fixtures for tests in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from labpage import Lab, NotebookPage, browser_page, copy_notebooks, running_lab

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of notebooks/, with cleared outputs."""
    home = tmp_path_factory.mktemp("lab")
    with running_lab(home, copy_notebooks(NOTEBOOKS, home / "notebooks")) as running:
        yield running


@pytest.fixture
def notebook(lab: Lab) -> Iterator[NotebookPage]:
    """A new browser, one for each test: Playwright's event loop must not outlive the test."""
    with browser_page() as page:
        yield NotebookPage(page, lab)
