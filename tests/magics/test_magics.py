"""What a person types in cells, and what they get: a real shell, the embedded server, real files."""

import json
import os

import pytest

from nbfiles import errors
from nbfiles._messages.answer import Answer


def test_load_says_in_one_line_where_files_go(shell):
    shell.run("%unload_ext nbfiles")
    shell.run("%load_ext nbfiles")
    assert shell.shown.count("\n") == 1
    assert "local server" in shell.shown


def test_upload_takes_paths_and_globs_and_says_what_to_type_next(shell):
    records = shell.run("%upload *.csv flower.jpg")
    assert [record.name for record in records] == ["penguins.csv", "flower.jpg"]
    assert "%%ask_file penguins.csv" in shell.shown


def test_the_same_bytes_are_not_sent_twice(shell):
    first = shell.run("%upload penguins.csv")
    again = shell.run("%upload penguins.csv")
    assert "already there" in shell.shown
    assert again[0].file_id == first[0].file_id


def test_a_copy_of_a_document_gets_its_own_name_and_the_same_upload(shell, tmp_path):
    (tmp_path / "copy.pdf").write_bytes((tmp_path / "bzip2-manual.pdf").read_bytes())
    first, copy = shell.run("%upload bzip2-manual.pdf copy.pdf")
    assert (copy.name, copy.file_id) == ("copy.pdf", first.file_id)


def test_two_files_of_one_name_are_told_apart(shell, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "penguins.csv").write_text("a,b\n1,2\n")
    records = shell.run("%upload penguins.csv sub/penguins.csv")
    assert [record.name for record in records] == ["penguins.csv", "penguins-2.csv"]


def test_a_changed_file_is_uploaded_anew_under_its_name(shell, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("The launch is on Monday.")
    first = shell.run("%upload notes.txt")[0]
    path.write_text("The launch is on Friday, as everybody knows.")
    answer = shell.run("%ask_file notes.txt when is the launch?")
    assert "Friday" in answer.text
    assert shell.run("%files")[0].file_id != first.file_id
    assert len(shell.run("%files")) == 1


def test_a_cited_answer_names_file_page_and_quote(shell):
    answer = shell.run("%%ask_file bzip2-manual.pdf -o ans\nHow much memory does decompression need with -s?")
    assert shell["ans"] is answer
    assert answer.citations[0].file == "bzip2-manual.pdf"
    assert "2300" in answer.citations[0].quote
    assert "[1] bzip2-manual.pdf, page" in shell.shown
    assert "tokens in" in shell.shown


def test_a_question_on_one_line_may_end_in_a_question_mark(shell):
    shell.run("ans = %ask_file bzip2-manual.pdf who's the author?")
    assert shell["ans"].question == "who's the author?"


def test_a_question_is_sent_as_it_was_typed(shell):
    shell.ip.user_ns["secret"] = "hunter2"
    question = 'Is {secret} or {{ secret! }} or $secret in {"a": [1]} or \\frac{1}{2} or $5 % {} ?'
    line = shell.run(f"%ask_file bzip2-manual.pdf {question}")
    cell = shell.run(f"%%ask_file bzip2-manual.pdf\n{question}")
    assert line.question == question
    assert cell.request["messages"][0]["content"][-1]["text"].strip() == question


def test_a_follow_up_knows_the_document(shell):
    shell.run("%%ask_file bzip2-manual.pdf -o ans\nWho is the author?")
    follow = shell.run("follow = ans.ask('How does bzip2recover work?')\nfollow")
    assert "bzip2recover" in follow.text
    assert follow.citations[0].file == "bzip2-manual.pdf"
    assert shell.shown.count("Local server · ") == 1  # shown once, though it is the cell's value too


def test_an_answer_is_shown_again_when_it_is_asked_for(shell):
    shell.run("%%ask_file bzip2-manual.pdf -o ans\nWho is the author?")
    first = shell.shown[shell.shown.index("Local server · ") :].partition("Out[")[0]
    shell.run("ans")
    assert first.strip() in shell.shown


def test_data_is_read_by_code_whose_charts_and_tables_come_back(shell, tmp_path):
    answer = shell.run("%%ask_file penguins.csv\nplot body mass by species")
    assert {record.kind for record in answer.files} == {"image", "data"}
    assert all(
        record.path.parent == tmp_path / "nbfiles_out" / "penguins-plot-body-mass-by-species" for record in answer.files
    )
    assert "read_csv" in answer.code[0].code
    assert "344 rows" in answer.code[0].stdout
    assert "Files from the code" in shell.shown


def test_code_in_the_question_runs_and_its_state_goes_on(shell):
    shell.run("%%ask_file penguins.csv -o ans\n```python\nx = 20\nprint(x + 1)\n```")
    assert shell["ans"].code[0].stdout == "21\n"
    follow = shell.run("ans.ask('```python\\nprint(x * 2)\\n```')")
    assert follow.code[0].stdout == "40\n"


def test_without_code_data_is_read_as_text(shell):
    answer = shell.run("%%ask_file --no-code penguins.csv\nTorgersen?")
    assert "tools" not in answer.request
    assert not answer.code


def test_what_code_made_can_be_asked_about_and_downloaded(shell, tmp_path):
    shell.run("%%ask_file penguins.csv\nplot body mass by species")
    table = next(record for record in shell.run("%files") if record.made_by_code and record.kind == "data")
    saved = shell.run(f"%download {table.name} --to mine")
    assert saved[0].path.read_bytes() == table.path.read_bytes()
    assert saved[0].path.parent.name == "mine"
    assert f"mine/{table.name}" in shell.shown


def test_a_glob_downloads_what_code_made_and_leaves_what_is_yours(shell):
    shell.run("%%ask_file penguins.csv\nplot body mass by species")
    saved = shell.run("%download *.csv")
    assert len(saved)
    assert all(record.made_by_code for record in saved)


def test_a_question_tells_of_uploads_only_what_is_new(shell):
    shell.run("%%upload note.txt\nRain is due.")
    assert "Ask about it by name: %%ask_file note.txt" in shell.shown
    shell.run("import pandas as pd\ndf = pd.DataFrame({'rain': [1, 2]})")
    shell.run("%%ask_file df --no-code\nrain?")
    assert "uploaded" in shell.shown
    assert "Ask about" not in shell.shown
    shell.run("%%ask_file df --no-code\nrain?")
    assert "already there" not in shell.shown


def test_lists_in_the_cells_of_a_table_are_counted_as_text(shell, tmp_path):
    rows = [{"name": f"n{n}", "tags": ["a"], "at": {"x": n}, "size": n * 1.5} for n in range(30)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    answer = shell.run("%%ask_file rows.jsonl\nprofile")
    assert "30 rows and 4 columns" in answer.text
    assert "failed" not in answer.text


def test_one_file_that_cannot_be_read_is_told_of_once(shell):
    with pytest.raises(errors.UnusableFile, match="No file matches"):
        shell.run("%upload nope*.pdf")
    assert shell.shown.count("No file matches") == 1


def test_asking_again_does_not_multiply_the_files(shell, tmp_path):
    for _ in range(2):
        shell.run(
            "%%ask_file penguins.csv\n```python\nopen('x.txt','w').write('a')\n"
            "import os, shutil; shutil.copy('x.txt', os.environ['OUTPUT_DIR'])\n```"
        )
    assert [path.name for path in (tmp_path / "nbfiles_out").rglob("*.*")] == ["x.txt"]
    assert [record.name for record in shell.run("%files") if record.made_by_code] == ["x.txt"]


def test_max_tokens_cuts_the_answer_and_says_so(shell):
    answer = shell.run("%%ask_file bzip2-manual.pdf --max-tokens 10\nWho is the author?")
    assert answer.stop_reason == "max_tokens"
    assert "--max-tokens" in shell.shown


def test_status_says_where_and_how_much(shell):
    shell.run("%%ask_file bzip2-manual.pdf\nWho is the author?")
    status = shell.run("%nbfiles")
    assert "local server" in status.destination
    assert status.tokens[0] > 0
    assert status.cost == 0


def test_each_place_has_its_own_files(shell):
    shell.run("%upload penguins.csv")
    shell.run("%nbfiles use https://api.example.com")
    assert shell.run("%files") == ()
    shell.run("%nbfiles use local")
    assert [record.name for record in shell.run("%files")] == ["penguins.csv"]


@pytest.mark.parametrize(
    ("cell", "error", "words"),
    [
        ("%upload reprot.pdf", errors.UnusableFile, "no file"),
        ("%upload penguin.csv", errors.UnusableFile, "Did you mean “penguins.csv”"),
        ("%upload *.docx", errors.UnusableFile, "No file matches"),
        ("%upload folder", errors.UnusableFile, "%upload -r folder"),
        ("%upload empty.txt", errors.UnusableFile, "is empty"),
        ("%upload big.bin", errors.UnusableFile, "501.0 MB, the limit of the API is 500 MB"),
        ("%upload pipe", errors.UnusableFile, "not a regular file"),
        ("%upload /dev/zero", errors.UnusableFile, "not a regular file"),
        (f"%upload {'x' * 300}.pdf", errors.UnusableFile, "too long"),
        (f"%ask_file {'x' * 300}.pdf why", errors.UnknownName, "No file"),
        ("%ask_file penguin.csv what?", errors.UnknownName, "Did you mean “penguins.csv”"),
        ("%%ask_file penguins\nwhat?", errors.UnknownName, "Did you mean “penguins.csv”"),
        ("%ask_file --modle x penguins.csv what?", errors.BadInput, "Did you mean --model"),
        ("%ask_file penguins.csv --max-tokens many", errors.BadInput, "max-tokens"),
        ("%ask_file penguins.csv --max-tokens 0 why", errors.BadInput, "from 1"),
        ("%ask_file penguins.csv", errors.BadInput, "question is empty"),
        ("%%ask_file penguins.csv\n   \n", errors.BadInput, "question is empty"),
        ("%%ask_file penguins.csv", errors.BadInput, "question is empty"),
        ("%upload numbers", errors.UnusableFile, "of type dict, cannot"),
        ("%%ask_file numbers\nwhat?", errors.UnusableFile, "of type dict, cannot"),
        ("%upload --notes.pdf", errors.BadInput, 'in quotes: "--notes.pdf"'),
        ("%nbfiles set max_tokens=1e9", errors.BadInput, "set max_tokens=4000"),
        ("%%ask_file penguins.csv what?", errors.UnknownName, "“what"),
        ("%ask_file penguins.csv --budget inf why", errors.BadInput, "US dollars"),
        ("%ask_file penguins.csv --budget -1 why", errors.BadInput, "US dollars"),
        ("%ask_file penguins.csv -o 2x why", errors.BadInput, "variable"),
        ("%ask_file penguins.csv --model gpt why", errors.BadInput, "no model “gpt”"),
        ("%ask_file --no-code noise.bin why", errors.BadInput, "--no-code"),
        ("%download penguins.csv", errors.UnknownName, "%upload"),
        ("%download", errors.BadInput, "%download NAME"),
        ("%files x", errors.BadInput, "%files alone"),
        ("%files verfy", errors.BadInput, "Did you mean: %files verify"),
        ("%files --sort colour", errors.BadInput, "name, size"),
        ("%files rm", errors.BadInput, "%files rm NAME"),
        ("%files rm nothing", errors.UnknownName, "nothing"),
        ("%files info", errors.BadInput, "one name"),
        ("%files clean", errors.BadInput, "--older-than 30d"),
        ("%files clean --older-than soon", errors.BadInput, "12h or 30d"),
        ("%files clean all --older-than 1d", errors.BadInput, "%files rm all"),
        ("%files adopt nothing", errors.UnknownName, "%files --all"),
        ("%nbfiles usee local", errors.BadInput, "%nbfiles use"),
        ("%nbfiles code", errors.BadInput, "Nothing was asked yet"),
        ("%%ask_file\n{{nope}}", errors.BadInput, r"“nope”. Define it"),
        ("import nbfiles; nbfiles.upload('a\\0b')", errors.UnusableFile, "not a path"),
        ("import nbfiles; nbfiles.ask(5)", errors.BadInput, "question takes text"),
        ("%nbfiles use", errors.BadInput, "Use what"),
        ("%nbfiles use nowhere", errors.BadInput, "Unknown destination"),
        ("%nbfiles use http://example.com", errors.BadInput, "unencrypted"),
        ("%nbfiles use https://me:pw@example.com", errors.BadInput, "password"),
    ],
)
def test_a_mistake_is_one_line_with_what_to_type(shell, tmp_path, cell, error, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.txt").touch()
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)))
    os.truncate(os.open(tmp_path / "big.bin", os.O_CREAT | os.O_WRONLY), 501_000_000)
    os.mkfifo(tmp_path / "pipe")
    shell.ip.user_ns["numbers"] = {"one": 1}
    with pytest.raises(error, match=words) as caught:
        shell.run(cell)
    lines = caught.value._render_traceback_()
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert str(tmp_path) not in lines[0]


def test_a_file_of_yours_cannot_be_downloaded_back(shell):
    shell.run("%upload penguins.csv")
    with pytest.raises(errors.BadInput, match="only files that code made"):
        shell.run("%download penguins.csv")


def test_one_bad_file_does_not_stop_the_others(shell):
    with pytest.raises(errors.UnusableFile):
        shell.run("%upload penguins.csv nothing.txt flower.jpg")
    assert [record.name for record in shell.run("%files")] == ["penguins.csv", "flower.jpg"]


def test_the_answer_of_a_failed_question_is_kept(shell, monkeypatch):
    from nbfiles import current_session

    client = current_session().connection.client

    whole = client.stream

    def cut(request, on_repeat):
        for number, event in enumerate(whole(request, on_repeat)):
            if number == 6:
                raise errors.CutOff("The answer broke off.")
            yield event

    monkeypatch.setattr(client, "stream", cut)
    with pytest.raises(errors.CutOff):
        shell.run("%%ask_file bzip2-manual.pdf -o ans\nWho is the author?")
    assert shell["ans"].problem == "The answer broke off."
    assert "Not complete: The answer broke off." in shell.shown


def test_unload_leaves_nothing_behind(shell):
    formatter = shell.ip.display_formatter.ipython_display_formatter
    formatter.for_type(complex, repr)
    shell.run("%unload_ext nbfiles")
    assert not {"ask_file", "upload", "files", "download", "nbfiles"} & set(shell.ip.magics_manager.magics["line"])
    assert Answer not in formatter.type_printers
    assert ("nbfiles._messages.answer", "Answer") not in formatter.deferred_printers
    assert all("nbfiles" not in hook.__module__ for hook in shell.ip.input_transformers_cleanup)
    assert complex in formatter.type_printers
    shell.run("%load_ext nbfiles")


def test_loading_twice_and_reloading_keep_the_names(shell):
    shell.run("%upload penguins.csv")
    shell.run("%load_ext nbfiles")
    shell.run("%reload_ext nbfiles")
    assert [record.name for record in shell.run("%files")] == ["penguins.csv"]
    hooks = [hook for hook in shell.ip.input_transformers_cleanup if "nbfiles" in hook.__module__]
    assert len(hooks) == 1
    assert shell.run("%ask_file penguins.csv why?").code


def test_a_question_about_a_file_does_not_carry_the_file(shell):
    answer = shell.run("%%ask_file bzip2-manual.pdf\nWho is the author?")
    assert len(json.dumps(answer.request)) < 1000


@pytest.mark.parametrize("name", ["files", "nbfiles", "cite", "thread", "download"])
def test_the_help_of_a_line_magic_names_it_as_it_is_typed(shell, name):
    usage = shell.ip.magics_manager.magics["line"][name].__doc__
    assert f" %{name}" in usage
    assert f"%%{name}" not in usage
