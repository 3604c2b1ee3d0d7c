"""What a file is called and what a variable holds is data: a cell runs what was typed in it, nothing else."""

import ast
import shutil

import pytest

EXPLOIT = "sales.csv' if __import__('os').system('touch PWNED') else 'x.csv"
MAIL = "Dear all,\n```python\nprint('from the mail')\n```\nYours"
TYPED = "```python\nprint('typed')\n```"


@pytest.fixture
def pwned(tmp_path_factory):
    """Return the files that a name in a command made, in any folder of this test."""
    return lambda: [*tmp_path_factory.getbasetemp().rglob("PWNED")]


@pytest.mark.parametrize("name", [EXPLOIT, "Bob's sales.csv", "{x} %s # '''.csv"])
def test_a_file_that_a_glob_uploads_is_profiled_whatever_it_is_called(shell, tmp_path, pwned, name):
    shutil.copy("penguins.csv", name)
    (tmp_path / "penguins.csv").unlink()
    shell.run("%upload *.csv")
    answer = shell.run("%%ask_file *.csv\nWhat is in it?")
    assert f"**{name}** has 344 rows and 8 columns" in answer.text.replace("\\", "")
    assert [step.return_code for step in answer.code] == [0]
    assert pwned() == []


def printed(answer):
    return [step.stdout for step in answer.code]


def test_a_block_in_a_variable_is_not_run_and_the_answer_says_so(shell):
    shell.ip.user_ns["mail"] = MAIL
    answer = shell.run("%%ask_file --code\nSum up this mail:\n{{mail}}")
    assert answer.code == ()
    assert "the local server does not run it" in shell.shown
    assert answer.question == f"Sum up this mail:\n{MAIL.replace('```', ' ```')}\n"


def test_a_block_that_was_typed_beside_a_variable_is_run(shell):
    shell.ip.user_ns["mail"] = MAIL
    cell = f"%%ask_file --code -t mails\n{{{{mail}}}}\n{TYPED}\n{{{{mail}}}}"
    assert printed(shell.run(cell)) == ["typed\n"]
    assert printed(shell.run(cell)) == ["typed\n"]


def test_a_typed_block_that_holds_a_variable_is_not_run(shell):
    shell.ip.user_ns["mail"] = "'''); print('from the mail'); ('''"
    answer = shell.run("%%ask_file --code\n```python\nprint('''{{mail}}''')\n```")
    assert answer.code == ()
    assert "the local server does not run it" in shell.shown


def test_a_column_name_is_no_block(shell):
    shell.run("import pandas as pd\ndf = pd.DataFrame({'n\\n```python\\nprint(7)\\n```\\n': [1]})")
    assert shell.run("%%ask_file --code\nWhat is in {{df}}?").code == ()


def test_each_file_is_asked_with_the_variable_as_data(shell, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("n\n1.5\n2.5\n")
    shell.ip.user_ns["mail"] = MAIL
    shell.run(f"%%ask_file a.csv b.csv --each -o typed\n{{{{mail}}}}\n{TYPED}")
    ran_once = ["It ran the Python of the question." in answer for answer in shell["typed"]["answer"]]
    assert ran_once == [True, True]  # and not: the 2 steps


def test_fields_are_filled_without_running_what_a_variable_holds(shell, tmp_path):
    (tmp_path / "a.csv").write_text("n\n1.5\n")
    shell.ip.user_ns["mail"] = MAIL
    answer = shell.run("%%ask_file a.csv --schema 'subject'\n{{mail}}")
    assert "from the mail\n" not in printed(answer)


def test_a_dry_run_counts_and_ejected_code_holds_what_is_sent(shell):
    shell.ip.user_ns["mail"] = MAIL
    shell.run("%%ask_file --dry-run\n{{mail}}")
    assert "mail" in shell.shown
    question = shell.run("%%ask_file\n{{mail}}").question
    shell.run("%nbfiles eject")
    constants = [node.value for node in ast.walk(ast.parse(shell.shown)) if isinstance(node, ast.Constant)]
    assert question == MAIL.replace("```", " ```") + "\n"
    assert question in constants


@pytest.mark.parametrize("name", ["{request}' + str(print('run')) + '.txt", "{uploads}.txt", "{0}%s'''.txt"])
def test_ejected_code_holds_names_as_literals_alone(shell, tmp_path, monkeypatch, name):
    (tmp_path / name).write_text("Rain is due.")
    shell.run(f"%upload {tmp_path}/*.txt")
    shell.run("%%ask_file *.txt\nIs 'rain' due? {request} {uploads}")
    shell.run("%nbfiles eject")
    names = {}
    head = shell.shown.partition("with client.messages")[0].replace("import anthropic\n", "")
    before_asking = head.replace("client = anthropic.Anthropic()", "client = Client()")
    uploaded = []

    class Client:
        """Keeps what is uploaded."""

        def __init__(self):
            self.files = self

        def upload(self, file):
            uploaded.append(file[0])
            self.id = "file_1"
            return self

    exec(before_asking, {"Client": Client}, names)
    assert uploaded == [name]
    (document, said) = names["request"]["messages"][0]["content"]
    assert document["source"] == {"type": "file", "file_id": "file_1"}
    assert (document["title"], said["text"]) == (name, "Is 'rain' due? {request} {uploads}\n")
