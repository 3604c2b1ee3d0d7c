"""Fixtures for tests in a real browser."""

from collections.abc import Iterator

import pytest

from tests.browser.labpage import Lab, NotebookPage, browser_page


@pytest.fixture
def notebook(lab: Lab) -> Iterator[NotebookPage]:
    """A new browser, one for each test: Playwright's event loop must not outlive the test."""
    with browser_page() as page:
        yield NotebookPage(page, lab)
