"""A page that is reloaded in the middle of an answer, and what a page shows of an answer between other outputs."""

import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.labpage import NotebookPage
from tests.heavy import FRONTENDS
from tests.kernels import EVERY_PAINT
from tests.scripted import BLOCK, START, events, scripted
from tests.test_frontends import LAST, answer, words

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", ["doc/tree", pytest.param("notebooks", marks=FRONTENDS)])
def test_a_page_reloaded_in_mid_answer_says_how_to_see_it(notebook: NotebookPage, view: str) -> None:
    name = f"reload-{view.replace('/', '-')}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    write(new_notebook(cells=[new_code_cell("")], metadata={"kernelspec": kernel}), notebook.lab.root / name)
    notebook.open(name, view=view)
    with scripted(answer(), events(START, BLOCK, *words("The first half. "), hang=True)) as server:
        notebook.run(f"import os; os.environ['ANTHROPIC_API_KEY'] = 'k'\n%load_ext nbfiles\n%nbfiles use {server.url}")
        between = notebook.run(
            f"{EVERY_PAINT}\nimport nbfiles\nprint('above')\nans = nbfiles.ask('why?')\nprint('below')"
        )
        heights = between.evaluate_all("outputs => outputs.map(o => o.parentElement.getBoundingClientRect().height)")
        assert [height > 0 for height in heights] == [True, False, True, True]  # the second is what was on the way
        expect(between.get_by_text(LAST)).to_have_count(1)
        outputs = notebook.start("%%ask_file\nwhy?")
        expect(outputs.get_by_text("The first half.")).to_be_visible()
        notebook.reload()
        expect(outputs.get_by_text("after a reload of the page: %nbfiles show")).to_be_visible()
    notebook.wait_for_kernel()
    again = notebook.run("%nbfiles show")
    expect(again.get_by_text("The first half.")).to_be_visible()
    expect(again.get_by_text("Not complete:")).to_be_visible()
