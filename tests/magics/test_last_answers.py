"""`%cite`, `%nbfiles code` and `%nbfiles eject` speak of the last cell, also where it asked about many files."""

import pytest

import nbfiles
from nbfiles import errors

MAKE = "```python\nprint('{}')\n```"


@pytest.fixture
def two(shell, tmp_path):
    """A cell that asked about two documents separately, after one that asked about a third."""
    for name, day in (("a", "Friday"), ("b", "Monday"), ("c", "Sunday")):
        (tmp_path / f"{name}.txt").write_text(f"The launch of rocket {name.upper()} is on {day}. All is well.")
    shell.run("%%ask_file c.txt\nWhen is the launch?")
    shell.run("%%ask_file a.txt b.txt --each\nWhen is the launch?")
    return shell


@pytest.mark.parametrize(
    ("cell", "example"),
    [
        ("%cite 1", "%cite 1 a.txt"),
        ("%nbfiles code 1", "%nbfiles code 1 a.txt"),
        ("%nbfiles eject", "%nbfiles eject a.txt"),
    ],
)
def test_which_file_is_meant_must_be_said_after_each(two, cell, example):
    with pytest.raises(errors.BadInput) as caught:
        two.run(cell)
    assert str(caught.value) == f"The last cell asked about 2 files separately. Type, for example: {example}"


def test_the_file_that_is_named_is_cited_and_no_other(two):
    two.run("%cite 1 b.txt")
    assert "b.txt" in two.shown
    assert "Monday" in two.shown
    assert "Sunday" not in two.shown


def test_python_takes_the_name_as_well(two):
    with pytest.raises(errors.BadInput, match=r"nbfiles\.cite\(1, 'a\.txt'\)"):
        nbfiles.cite(1)
    with pytest.raises(errors.BadInput, match=r"nbfiles\.eject\('a\.txt'\)"):
        nbfiles.eject()
    assert "'b.txt'" in nbfiles.eject("b.txt")
    assert "'c.txt'" not in nbfiles.eject("b.txt")


def test_the_code_of_one_of_several_files_is_given(shell, tmp_path):
    shell.run("%upload penguins.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    shell.run("%%ask_file penguins.csv other.csv --each\n" + MAKE.format("mine"))
    assert "print('mine')" in nbfiles.code(1, "other.csv")


def test_a_file_that_was_not_asked_about_is_named_with_those_that_were(two):
    with pytest.raises(errors.BadInput, match=r"did not ask about “d\.pdf”\. It asked about a\.txt, b\.txt\."):
        two.run("%cite 1 d.pdf")
    with pytest.raises(errors.BadInput, match=r"Did you mean “a\.txt”\?"):
        two.run("%cite 1 a.tx")


def test_one_file_alone_needs_no_name(shell, tmp_path):
    (tmp_path / "a.txt").write_text("The launch is on Friday.")
    shell.run("%%ask_file a.txt --each\nWhen is the launch?")
    shell.run("%cite 1")
    assert "Friday" in shell.shown
    shell.run("%%ask_file a.txt\nWhen is the launch?")
    shell.run("%cite 1 a.txt")
    assert "Friday" in shell.shown


def test_the_session_of_a_kernel_sees_the_variables_however_it_is_reached(shell):
    shell.run("import pandas as pd\nnumbers = pd.DataFrame({'a': [1]})")
    assert nbfiles.current_session().connection.files.knows("numbers")
    assert [record.name for record in nbfiles.current_session().upload(["numbers"])]
