"""Outputs of notebooks are read in the form that says most, and what has no words is counted."""

import json

import pytest

from nbfiles._documents.convert import to_text


@pytest.fixture
def read(tmp_path):
    def text(outputs=(), metadata=None, cells=()):
        code = {"cell_type": "code", "source": "show()", "outputs": list(outputs)}
        notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata or {}, "cells": [*cells, code]}
        (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
        note = to_text(tmp_path / "a.ipynb", "ipynb", tmp_path / "out.txt")
        return (tmp_path / "out.txt").read_text(), note

    return text


def shown(**data):
    return {"output_type": "display_data", "data": {kind.replace("_", "/"): text for kind, text in data.items()}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text_html": ["<p>Bergen has ", "<b>4711</b> houses.</p>"]}, "Bergen has 4711 houses."),
        (
            {"text_plain": "<IPython.core.display.Markdown object>", "text_markdown": "*Bergen* has 4711"},
            "*Bergen* has 4711",
        ),
        ({"text_plain": "<IPython.core.display.Latex object>", "text_latex": "$E=mc^2$"}, "$E=mc^2$"),
        ({"text_plain": "   a\n0  1", "text_html": "<table><tr><td>1</table>"}, "   a\n0  1"),
    ],
)
def test_an_output_is_read_in_the_form_that_says_most(read, data, words):
    text, note = read([shown(**data)])
    assert text == f"```python\nshow()\n```\nOutput: {words}\n"
    assert note == "read as text"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R", "name": "ir"}}, "r"),
        ({"kernelspec": {"name": "julia-1"}, "language_info": {"name": "julia"}}, "julia"),
        ({"language_info": {"name": "C++17"}}, "c++17"),
        ({"language_info": {"name": "a\n```\nb"}}, ""),
        ({}, "python"),
    ],
)
def test_code_is_in_the_language_of_the_kernel(read, metadata, language):
    assert read(metadata=metadata)[0] == f"```{language}\nshow()\n```\n"


def test_colours_of_a_terminal_are_no_words(read):
    error = {"output_type": "error", "ename": "ValueError", "evalue": "\x1b[31mno\x1b[0m number", "traceback": []}
    stream = {"output_type": "stream", "text": ["\x1b[1;32mgreen\x1b[0m \x1b]8;;x\x07text"]}
    assert "Output: ValueError: no number\nOutput: green text\n" in read([error, stream])[0]


def test_an_object_that_is_only_named_is_counted(read):
    named = {"text_plain": "<IPython.core.display.JSON object>", "application_json": {"a": 4711}}
    assert read([shown(**named)])[1] == "read as text; 1 output not read"


def test_a_cell_without_outputs_is_read(read):
    assert "x = 1" in read(cells=[{"cell_type": "code", "source": "x = 1"}])[0]


def test_what_has_no_words_is_counted(read):
    chart = {"output_type": "display_data", "data": {"application/vnd.plotly.v1+json": {"data": []}}}
    widget = {"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}}}
    attached = {"cell_type": "markdown", "source": "![x](attachment:x.png)", "attachments": {"x.png": {}}}
    _, note = read([chart, chart, widget], cells=[attached])
    assert note == "read as text; 1 image, 2 charts, 1 widget not read"
