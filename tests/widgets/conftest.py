"""Fixtures for widgets in a real browser, on a real kernel and the embedded server."""

import pytest

from tests.browser.labpage import NotebookPage, browser_page
from tests.widgets.zone import SLOW_DISK


@pytest.fixture(scope="module")
def page():
    """A browser, one for each module: Playwright's event loop must not outlive it."""
    with browser_page() as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.context.add_init_script(SLOW_DISK)
        yield page


@pytest.fixture(scope="module")
def notebook(page, lab):
    return NotebookPage(page, lab)
