"""`{name}`, `$name` and `*name` in a magic's line: one argument each, never an option, never silently left out."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from nbfiles import current_session
from nbfiles.errors import BadInput, NbfilesError


@pytest.fixture
def named(shell, tmp_path):
    """A file whose name has a space, in a folder, held by variables of the notebook."""
    folder = tmp_path / "my files"
    folder.mkdir()
    path = folder / "penguin data.csv"
    shutil.copy(tmp_path / "penguins.csv", path)
    shell.ip.push(
        {
            "path": path,
            "text": str(path),
            "relative": "my files/penguin data.csv",
            "several": [path, "penguins.csv"],
            "words": "How many rows are there?",
            "option": "--yes",
            "frame": pd.DataFrame({"a": [1, 2]}),
            "missing": "nothing.csv",
        }
    )
    return shell


WORDS = ("{path}", "$path", '"{path}"', "'{path}'", "{text}", "$text", "{relative}", "path", "text", "relative")


def test_a_variable_that_names_a_file_is_that_file(named):
    for word in WORDS:
        assert [record.name for record in named.run(f"%upload {word}")] == ["penguin data.csv"], word
        plan = named.run(f"%ask_file {word} --dry-run How many rows?")
        assert "penguin data.csv" in f"{plan!r}{named.shown}", word


@pytest.mark.parametrize("word", ["{path}", "text"])
def test_a_question_about_a_variable_has_its_file(named, word):
    answer = named.run(f"%ask_file {word} How many rows?")
    assert answer.asked.sources == ("penguin data.csv",)
    assert answer.asked.question == "How many rows?"
    assert named.run(f"%%ask_file {word}\nHow many rows?").asked.sources == ("penguin data.csv",)


def test_a_loop_asks_about_each_file(named):
    loop = "for f in [path, 'penguins.csv']:\n    answer = %ask_file {f} What is in it?\n    asked.append(answer)"
    named.run(f"asked = []\n{loop}")
    assert [answer.asked.sources for answer in named["asked"]] == [("penguin data.csv",), ("penguins.csv",)]


def test_a_list_is_unpacked_by_a_star(named):
    for word in ("*several", "*{several}"):
        assert [record.name for record in named.run(f"%upload {word}")] == ["penguin data.csv", "penguins.csv"]
    assert named.run("%ask_file *several What is in them?").asked.sources == ("penguin data.csv", "penguins.csv")
    with pytest.raises(NbfilesError, match=r"put a \* before it"):
        named.run("%upload {several}")


def test_text_is_text_and_data_is_data(named):
    assert [record.name for record in named.run("%upload {words}")] == ["words.txt"]
    assert [record.name for record in named.run("%upload {frame}")] == ["frame.csv"]
    answer = named.run("%ask_file penguins.csv {words}")
    assert answer.asked.sources == ("penguins.csv",)
    assert "How many rows are there?" in str(answer.asked.request["messages"])


def test_a_value_is_never_an_option(named):
    named.run("%upload penguins.csv")
    with pytest.raises(NbfilesError, match="No file"):
        named.run("%files rm {option}")
    assert len(current_session().connection.files.registry) == 1
    named.run("%upload penguins.csv --as {option}")
    assert current_session().connection.files.registry.find("yes")  # as a name is made safe


OTHER_BRACES = {
    "{several[0]}": "more than the name of a variable",
    "{path.name}": "more than the name of a variable",
    "my/{missing}.csv": "more than the name of a variable",
    "{{path}}": "more than the name of a variable",
    "{pth}": r"none called “pth”. Did you mean \{path\}\?",
}


@pytest.mark.parametrize(
    "line", ["%upload {}", "%%ask_file {}\nWhat is it?", "%ask_file {} What is it?", "%files info {}", "%download {}"]
)
def test_other_braces_in_the_place_of_a_file_are_an_error(named, line):
    for word, why in OTHER_BRACES.items():
        with pytest.raises(BadInput, match=why):
            named.run(line.replace("{}", word))


def test_a_name_that_names_no_file_is_an_error(named):
    with pytest.raises(NbfilesError, match=r"nothing\.csv"):
        named.run("%ask_file {missing} What is it?")
    with pytest.raises(NbfilesError, match=r"nothing\.csv"):
        named.run("%upload {missing}")


def test_a_file_whose_name_has_braces_is_that_file(named):
    Path("{path}.txt").write_text("literal")
    Path("{path}").write_text("literal, too")
    assert [record.name for record in named.run("%upload {path}.txt")] == ["{path}.txt"]
    assert [record.name for record in named.run("%upload {path}")] == ["{path}"]


def test_files_and_downloads_take_variables(named):
    named.run("%upload {path}")
    named.run("%files info {path}")
    assert "penguin data.csv" in named.shown
    named.run("%files rm {path} --yes")
    assert not len(current_session().connection.files.registry)
