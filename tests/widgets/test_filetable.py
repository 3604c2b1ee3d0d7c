"""`%files` in a kernel: what a notebook saves is a table in text form, and nothing private with it."""

import json
import shutil
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from tests.waiting import HANG_S

SAMPLES = Path(__file__).parents[2] / "notebooks" / "samples"
CELLS = (
    "%load_ext nbfiles\n%files",
    "%upload penguins.csv flower.jpg",
    "%files",
    "%files *.csv --sort size",
    "f = %files\nf.df()['name'].tolist()",
    "%upload bzip2-manual.pdf",
    "f",
    '%%upload "<img src=x onerror=alert(1)>\u202efdp.txt"\nx',
    "import nbfiles; nbfiles.file_table()",
    "import nbfiles; nbfiles.file_table() is nbfiles.file_table()",
)
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A notebook as nbclient saves it: with the state of its widgets."""
    folder = tmp_path_factory.mktemp("notebook")
    for name in ("penguins.csv", "flower.jpg", "bzip2-manual.pdf"):
        shutil.copy(SAMPLES / name, folder)
    book = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBFILES_USE", "local")
        patch.setenv("NBFILES_DATA_DIR", str(folder / "data"))
        resources = {"metadata": {"path": str(folder)}}
        return NotebookClient(book, kernel_name="python3", startup_timeout=HANG_S, resources=resources).execute()


def shown(saved, number):
    return [output.data for output in saved.cells[number].outputs]


def test_files_is_a_widget_and_a_table_in_text(saved):
    widget, text = shown(saved, 2)
    assert widget.keys() == {VIEW, "text/plain"}
    assert widget["text/plain"] == ""
    assert "<td style='text-align:left'>penguins.csv</td>" in text["text/html"]
    assert "penguins.csv" in text["text/plain"]
    assert "run the cell again" in text["text/plain"]


def test_a_table_that_was_empty_says_so_and_to_run_the_cell_again(saved):
    text = saved.cells[0].outputs[-1].data
    for form in ("text/plain", "text/html"):
        assert "No files here yet." in text[form]
        assert "run the cell again" in text[form]


def test_a_glob_lists_what_it_matches(saved):
    _, text = shown(saved, 3)
    assert "penguins.csv" in text["text/plain"]
    assert "flower.jpg" not in text["text/plain"]


def test_what_files_returned_is_a_list_of_then(saved):
    assert shown(saved, 4)[0]["text/plain"] == "['penguins.csv', 'flower.jpg']"
    (text,) = shown(saved, 6)  # another file came since, so this is not a live table
    assert "bzip2-manual.pdf" not in text["text/plain"]
    assert "run the cell again" not in text["text/plain"]


def test_the_same_table_is_shown_in_several_places(saved):
    assert shown(saved, 2)[0][VIEW] == shown(saved, 8)[0][VIEW]
    assert shown(saved, 9)[0]["text/plain"] == "True"


def test_no_synced_trait_holds_a_name_an_id_or_a_path(saved):
    state = json.dumps(saved.metadata.widgets)
    for private in ("penguins", "flower", "file_0", "file_1", str(SAMPLES.parent), "fdp.txt"):
        assert private not in state


@pytest.mark.parametrize("with_state", [True, False])
def test_an_exported_page_shows_the_table(saved, with_state):
    book = saved.copy()
    if not with_state:
        book.metadata = {}
    page, _ = HTMLExporter().from_notebook_node(book)
    assert page.count(">penguins.csv</td>") >= 3
    assert "<img src=x" not in page
