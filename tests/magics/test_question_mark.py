"""Questions end in `?`; IPython would take them for requests for help."""

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nbfiles._magics.input_transformer import keep_question_mark


@pytest.fixture
def transform():
    manager = TransformerManager()
    manager.cleanup_transforms.append(keep_question_mark)
    return manager.transform_cell


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("%ask_file report.pdf what changed?", "report.pdf what changed?"),
        ("%ask_file report.pdf what changed??", "report.pdf what changed??"),
        ("%ask_file report.pdf what's new?  ", "report.pdf what's new?"),
        ('%ask_file "a b.pdf" is {"x": 1} or $5 or \\frac?', '"a b.pdf" is {"x": 1} or $5 or \\frac?'),
        ("x = 1\n%ask_file report.pdf (why?", "report.pdf (why?"),
    ],
)
def test_a_line_that_ends_in_a_question_mark_reaches_the_magic(transform, cell, line):
    call = ast.parse(transform(cell)).body[-1].value
    assert [argument.value for argument in call.args] == ["ask_file", line]


@pytest.mark.parametrize("left", ["ans = ", "a, b = ", "self.x = ", "d['k'] = "])
def test_an_assigned_question_is_assigned(transform, left):
    body = ast.parse(transform(f"{left}%ask_file report.pdf why?")).body
    assert isinstance(body[0], ast.Assign) == ("'" not in left)


def test_an_indented_question_stays_in_its_block(transform):
    loop = ast.parse(transform("for n in (1, 2):\n    %ask_file report.pdf why?\n")).body[0]
    assert loop.body[0].value.args[1].value == "report.pdf why?"


@pytest.mark.parametrize(
    "cell",
    [
        "%ask_file?",
        "%ask_file ?",
        "%ask_file??",
        "print?",
        "%timeit?",
        "x = 1  # %ask_file why?",
        "s = '''\n%ask_file report.pdf why?\n'''",
        "%%ask_file report.pdf\nwhy?\n%ask_file x y?",
        "%%writefile x.txt\n%ask_file report.pdf why?",
        "%upload a.pdf",
        "if (",
        "",
    ],
)
def test_every_other_cell_is_left_to_ipython(transform, cell):
    assert transform(cell) == TransformerManager().transform_cell(cell)


@pytest.mark.parametrize("cell", ["%%ask_file report.pdf", "%%ask_file"])
def test_a_cell_without_a_body_reaches_its_magic(transform, cell):
    call = ast.parse(transform(cell)).body[-1].value
    assert call.args[-1].value.strip() == ""
    assert call.args[-1].value


@pytest.mark.parametrize("cell", ["%%ask_file?", "%%ask_file??"])
def test_help_about_a_cell_magic_stays_help(transform, cell):
    assert "pinfo" in transform(cell)


def test_help_and_source_are_those_of_the_magic(shell):
    found = shell.ip.object_inspect("%cite", detail_level=1)
    assert "Show the page that the last answer cites" in found["docstring"]
    assert "def magic_cite(line" in found["source"]
    assert found["file"].endswith("cite.py")
