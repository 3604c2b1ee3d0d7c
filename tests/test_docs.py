"""The README says everything that can be typed, and the changelog keeps its form."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

import nbfiles
from nbfiles import config
from nbfiles._magics import MAGICS
from nbfiles.cli import _parser as build_parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()


def options(parser) -> list[str]:
    found = [name for action in parser._actions for name in action.option_strings]
    for action in parser._actions:
        for command in action.choices.values() if isinstance(action.choices, dict) else ():
            found += options(command)
    return found


@pytest.mark.parametrize("name", [name for name in nbfiles.__all__ if not name.startswith("_")])
def test_every_public_name_is_in_the_readme(name):
    assert re.search(rf"`{name}\b", README)
    assert getattr(nbfiles, name).__doc__


@pytest.mark.parametrize("name", MAGICS)
def test_every_magic_is_in_the_readme_and_every_option_in_the_reference(name):
    assert f"`%{name}" in README
    for option in options(MAGICS[name][0].parser):
        assert f"`{option}" in REFERENCE, option


def test_every_option_of_the_command_is_in_the_readme():
    given = set(options(build_parser())) - {"-h", "--help"}
    assert all(option in README for option in given)


def test_every_variable_that_is_read_is_in_the_readme():
    source = Path(config.__file__).read_text()
    for name in re.findall(r"NBFILES_\w+", source):
        assert f"`{name}`" in README


def test_no_other_option_is_in_the_readme():
    known = {option for function, _ in MAGICS.values() for option in options(function.parser)}
    known |= set(options(build_parser()))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) <= known


@pytest.mark.parametrize("name", MAGICS)
def test_the_help_of_a_magic_names_its_options(name):
    function = MAGICS[name][0]
    assert function.__doc__.startswith("::")
    assert all(option in function.__doc__ for option in options(function.parser))


def test_the_changelog_has_an_unreleased_section_first():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(headings) == 1 or headings[1].startswith(version("nbfiles"))


def test_the_first_screen_has_the_two_commands_and_a_picture():
    first = README.split("## ")[0]
    assert first.count("```sh\n") == 2
    assert (ROOT / re.search(r"!\[.*?\]\((.*?)\)", first)[1]).is_file()
