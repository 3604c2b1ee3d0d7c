"""`%upload` alone in a kernel: a zone, loaded when it is shown, that leaves a note in the notebook."""

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from nbfiles._widgets.dropzone import DropZone
from tests.waiting import HANG_S

CELLS = (
    "%load_ext nbfiles\nimport sys\n[name in sys.modules for name in ('anywidget', 'ipywidgets')]",
    "%upload",
    "zone = %upload\nzone.files",
    "%upload --again",
)
STATE = "application/vnd.jupyter.widget-state+json"
# What every widget of anywidget has, and what is shown to be hovered or focused; nothing of a file.
OURS = {"_esm", "_css", "_anywidget_id", "layout", "tabbable", "tooltip", "_dom_classes", "_view_count"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    book = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBFILES_USE", "local")
        patch.setenv("NBFILES_DATA_DIR", str(folder / "data"))
        resources = {"metadata": {"path": str(folder)}}
        patient = {"allow_errors": True, "startup_timeout": HANG_S}
        return NotebookClient(book, resources=resources, **patient).execute()


def test_loading_nbfiles_loads_no_widget(saved):
    assert saved.cells[0].outputs[-1].data["text/plain"] == "[False, False]"


def test_upload_alone_shows_a_zone_and_a_note(saved):
    zone, note = saved.cells[1].outputs
    assert "application/vnd.jupyter.widget-view+json" in zone.data
    assert note.data["text/plain"] == DropZone.note
    assert "Run the cell again" in DropZone.note


def test_options_without_a_file_are_a_mistake(saved):
    (error,) = saved.cells[3].outputs
    assert error.evalue.startswith("Which file?")


def test_its_saved_state_has_nothing_of_ours_but_its_module(saved):
    states = [state["state"] for state in saved.metadata.widgets[STATE]["state"].values()]
    zones = [state for state in states if "DropZone" in str(state.get("_anywidget_id"))]
    assert len(zones) == 2
    for zone in zones:
        assert {key for key in zone if not key.startswith(("_model", "_view"))} <= OURS
