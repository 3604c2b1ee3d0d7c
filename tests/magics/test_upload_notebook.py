"""Notebooks as files: the open one, as it was saved, and the images in outputs when asked for."""

import base64
import io

import nbformat
import pytest
from PIL import Image

from nbfiles import errors
from nbfiles._documents.readers import office


def picture(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, kind)
    return base64.encodebytes(buffer.getvalue()).decode()


@pytest.fixture
def notebook(tmp_path):
    v4 = nbformat.v4
    outputs = [
        v4.new_output("display_data", {"image/png": picture("PNG"), "text/plain": "<Figure>"}),
        v4.new_output("display_data", {"image/svg+xml": "<svg/>", "text/plain": "drawing"}),
        v4.new_output("display_data", {"image/jpeg": picture("JPEG")}),
    ]
    cells = [v4.new_markdown_cell("The launch is on Friday."), v4.new_code_cell("plot()", outputs=outputs)]
    path = tmp_path / "analysis.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize("variable", ["__session__", "__vsc_ipynb_file__"])
def test_this_notebook_is_read_as_it_was_saved_and_says_so(shell, notebook, variable):
    shell.ip.user_ns[variable] = str(notebook)
    record = shell.run("%upload --this-notebook")[0]
    assert record.name == "analysis.ipynb"
    assert "as it was saved at" in shell.shown
    assert "Friday" in shell.run("%ask_file analysis.ipynb when is the launch?").text


def test_the_open_notebook_says_so_under_its_own_name_too(shell, notebook):
    shell.ip.user_ns["__session__"] = str(notebook)
    shell.run("%upload analysis.ipynb penguins.csv")
    assert shell.shown.count("as it was saved at") == 1


@pytest.mark.parametrize("value", [None, "", 3, "a-session-id", "gone.ipynb"])
def test_where_the_notebook_is_not_known_the_line_says_what_to_type(shell, value):
    shell.ip.user_ns["__session__"] = value
    with pytest.raises(errors.BadInput, match=r"Type its name: nbfiles\.upload\('my-notebook"):
        shell.run("import nbfiles; nbfiles.upload(this_notebook=True)")


def test_images_are_left_out_and_come_when_they_are_asked_for(shell, notebook):
    assert [r.name for r in shell.run("%upload analysis.ipynb")] == ["analysis.ipynb"]
    records = shell.run("%upload analysis.ipynb --images")
    assert [(r.name, str(r.kind)) for r in records] == [
        ("analysis.ipynb", "text"),
        ("analysis-image-1.png", "image"),
        ("analysis-image-2.jpg", "image"),
    ]
    assert "an image of analysis.ipynb" in shell.shown


def test_the_text_says_where_each_image_was(notebook, tmp_path):
    text = "\n".join(office.lines(notebook, "ipynb"))
    assert "Output: <Figure> [image 1]\nOutput: drawing [image]\nOutput: [image 2]" in text


def test_images_that_cannot_be_read_leave_the_text(shell, notebook, tmp_path):
    broken = notebook.read_text().replace('"image/png": "', '"image/png": "!')
    notebook.write_text(broken.replace("iVBOR", "iVB"))
    with pytest.raises(errors.UnusableFile, match="cannot be read"):
        shell.run("%upload analysis.ipynb --images")
    assert [r.name for r in shell.run("%files")] == ["analysis.ipynb"]
