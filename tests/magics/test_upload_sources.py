"""What can be uploaded from a notebook: folders, URLs, variables, and the cell itself."""

import pandas as pd
import pytest

from nbfiles import current_session, errors
from tests.scripted import Reply, scripted


def names(records):
    return [record.name for record in records]


def test_a_folder_is_taken_with_r_and_without_what_is_hidden(shell, tmp_path):
    for name in (
        "d/b.txt",
        "d/sub/a.txt",
        "d/.secret",
        "d/.git/config",
        "d/__pycache__/x.pyc",
        "d/empty.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if "empty" in name else name)
    (tmp_path / "d" / "loop").symlink_to(tmp_path / "d")
    assert names(shell.run("%upload -r d")) == ["b.txt", "a.txt"]
    assert names(shell.run("%upload -r d --hidden")) == ["secret", "b.txt", "config", "a.txt"]


def test_a_link_out_of_a_folder_is_taken_only_where_it_was_named(shell, tmp_path):
    for name in ("private/key.txt", "gift/a.txt", "gift/.hidden.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "gift/b.txt").symlink_to(tmp_path / "gift/a.txt")
    (tmp_path / "gift/k.txt").symlink_to("../private/key.txt")
    (tmp_path / "gift/h.txt").symlink_to(tmp_path / "gift/.hidden.txt")
    for line in ("%upload -r gift", "%upload gift/*.txt", "%upload gift/?.txt", "%%ask_file gift/*.txt\nWhat is this?"):
        with pytest.raises(errors.NbfilesError):
            shell.run(line)
        assert {record.name for record in current_session().connection.files.registry} <= {"a.txt", "b.txt"}
    assert "“k.txt” is a link to a file outside “gift”, and was not sent" in shell.shown
    assert "“h.txt” is a link to a hidden file, and was not sent" in shell.shown
    assert names(shell.run("%upload gift/k.txt")) == ["k.txt"]
    assert "h.txt" in names(shell.run("%upload -r gift --links"))
    (tmp_path / "link").symlink_to(tmp_path / "private")
    assert names(shell.run("%upload -r link")) == ["key.txt"]


def test_a_folder_of_nothing_is_said(shell, tmp_path):
    (tmp_path / "d").mkdir()
    with pytest.raises(errors.UnusableFile, match="no files to upload"):
        shell.run("%upload -r d")


def test_a_url_is_fetched_and_uploaded(shell):
    with scripted(Reply(b"x,y\n1,2\n")) as server:
        assert names(shell.run(f"%upload {server.url}/data.csv")) == ["data.csv"]


def test_a_variable_is_uploaded_by_name(shell):
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    assert names(shell.run("%upload df")) == ["df.csv"]
    assert "df.csv" in shell.shown


def test_a_variable_can_be_asked_about_and_is_sent_once(shell):
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    first = shell.run("%%ask_file df\nhow many rows?")
    assert first.sources == ("df.csv",)
    again = shell.run("%ask_file df how many rows?")
    assert again.sources == ("df.csv",)
    assert len(list(current_session().connection.workspace.entries("df.csv"))) == 1


def test_a_name_is_uploaded_again_from_where_it_came(shell, tmp_path):
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "my notes.txt").write_text("x")
    shell.run("%upload df --as frame")
    shell.run('%upload "d/my notes.txt"')
    for name in ("frame", "my notes.txt"):
        before = current_session().connection.files.registry.get(name)
        (again,) = shell.run(f'%upload --again "{name}"')
        assert again.name == name
        assert again.file_id != before.file_id


def test_a_changed_variable_is_sent_anew_under_its_name(shell):
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    first = shell.run("%upload df")[0]
    shell.run("df['b'] = 7")
    second = shell.run("%upload df")[0]
    assert second.name == first.name
    assert second.file_id != first.file_id


def test_in_a_sentence_text_variables_are_words(shell):
    shell.ip.user_ns |= {"summary": "private", "x": b"private"}
    answer = shell.run("%ask_file penguins.csv summary of x?")
    assert answer.sources == ("penguins.csv",)
    assert answer.question == "summary of x?"


def test_in_a_cell_a_text_variable_is_a_file(shell):
    shell.ip.user_ns["memo"] = "The launch is on Friday."
    assert "Friday" in shell.run("%%ask_file memo\nWhen is the launch?").text


def test_a_path_wins_over_a_variable_and_says_so(shell, tmp_path):
    (tmp_path / "df").write_text("I am the file.")
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1]})
    assert shell.run("%upload df")[0].kind == "text"
    assert "the file, not the variable" in shell.shown


def test_an_uploaded_name_wins_over_path_and_variable(shell):
    shell.run("%upload penguins.csv --as df")
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1]})
    assert shell.run("%ask_file df why?").sources == ("df",)


def test_objects_are_uploaded_from_python(shell):
    shell.ip.user_ns["sales"] = pd.DataFrame({"a": [1]})
    assert names(shell.run("import nbfiles; nbfiles.upload(sales, b'plain', 'penguins.csv')")[::2]) == [
        "sales.csv",
        "penguins.csv",
    ]


def test_a_variable_that_is_gone_from_the_workspace_comes_from_the_spool(shell):
    shell.ip.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    record = shell.run("%upload df")[0]
    current_session().connection.client.delete(record.file_id)
    assert shell.run("%ask_file df.csv how many rows?").complete


def test_a_cell_becomes_a_file(shell):
    record = shell.run("%%upload notes.md\n# Launch\nIt is on {day}, $5.\n")[0]
    assert (record.name, record.kind, record.path.read_text()) == (
        "notes.md",
        "text",
        "# Launch\nIt is on {day}, $5.\n",
    )


@pytest.mark.parametrize("line", ["%%upload", "%%upload a.txt b.txt", "%%upload a.txt --as b.txt"])
def test_a_cell_needs_one_name(shell, line):
    with pytest.raises(errors.BadInput, match="becomes one file"):
        shell.run(f"{line}\nbody")


def test_a_value_without_a_form_is_refused(shell):
    shell.ip.user_ns["n"] = 3
    with pytest.raises(errors.UnusableFile, match="“n”, of type int, cannot become a file"):
        shell.run("%upload n")
    with pytest.raises(errors.UnusableFile, match="cannot become a file"):
        shell.run("import nbfiles; nbfiles.upload(3)")


def test_one_bad_source_does_not_stop_the_others(shell):
    with pytest.raises(errors.UnusableFile, match="No file matches"):
        shell.run("%upload penguins.csv *.nothing flower.jpg")
    assert names(shell.run("%files")) == ["penguins.csv", "flower.jpg"]


def test_no_word_of_a_sentence_is_sent_by_chance(shell, tmp_path):
    (tmp_path / "data").mkdir()
    shell.run("import pandas as pd; sales = pd.DataFrame({'x': [1, 2]})")
    answer = shell.run("%ask_file bzip2-manual.pdf data sales went down, why?")
    assert answer.sources == ("bzip2-manual.pdf",)
    assert answer.question == "data sales went down, why?"
    assert shell.run("%ask_file sales went down, why?").sources == ("sales.csv",)
