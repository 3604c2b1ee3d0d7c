"""What a widget leaves where none can be drawn: a note that says what it was, and nothing else."""

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from tests.waiting import HANG_S

CELL = """
from nbfiles._widgets.base import Widget

class Lamp(Widget):
    note = "A lamp <of> nbfiles. Run the cell again to light it."
    _esm = "export default { render({ el }) { el.textContent = 'on'; } }"

Lamp()
"""
NOTE = "A lamp <of> nbfiles. Run the cell again to light it."


@pytest.fixture(scope="module")
def saved():
    """A notebook that was run and saved, as nbclient does it: with the widget's state."""
    book = new_notebook(cells=[new_code_cell(CELL)])
    return NotebookClient(book, kernel_name="python3", startup_timeout=HANG_S).execute()


def test_the_note_is_saved_below_the_widget(saved):
    widget, note = saved.cells[0].outputs
    assert widget.data["text/plain"] == ""
    assert note.data["text/plain"] == NOTE
    assert "A lamp &lt;of&gt; nbfiles." in note.data["text/html"]


def test_without_widget_state_a_page_shows_the_note_alone(saved):
    book = nbformat.from_dict(saved)
    book.metadata.pop("widgets", None)
    page, _ = HTMLExporter().from_notebook_node(book)
    assert "A lamp &lt;of&gt; nbfiles. Run the cell again to light it.</p>" in page
    assert "model_id" not in page


def test_a_script_prints_the_note():
    script = CELL.replace("Lamp()\n", "Lamp()._ipython_display_()\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == NOTE + "\n"
