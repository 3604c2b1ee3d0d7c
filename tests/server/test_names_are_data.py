"""Names, columns, sheets, titles, values and questions are data: nothing of them is run."""

import ast
import io
import os
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest

from tests.server.official import CODE, data, text

EXPLOIT = "sales.csv' if __import__('os').system('touch PWNED') else 'x.csv"
HOSTILE = [
    "Bob's sales",
    'a "b" c',
    "'''",
    '"""',
    "back\\slash",
    "end\\",
    "\\N{BULLET}",
    "line\nend",
    "cr\r\nlf",
    "{x}",
    "{0.__class__}",
    "{{x}}",
    "%s %(x)d %",
    "# note",
    "$\\frac{x$",
    "größe 表 🙂 \u202e \u2028",
    "=1+1",
    "_",
    "; import os; os.system('touch PWNED') #",
    "' + __import__('os').system('touch PWNED') + '",
    '" + str(__import__("os").system("touch PWNED")) + "',
    "{__import__('os').system('touch PWNED')}",
    "\nPYTHON\ntouch PWNED\n",
    "\n```python\nopen('PWNED', 'w')\n```\n",
    "$(touch PWNED) `touch PWNED`",
]
FORBIDDEN = dict.fromkeys(map(ord, '<>:"|?*\\/\r\n'), "_")  # in names of files, by the API
FORBIDDEN |= dict.fromkeys(map(ord, "\u2028\u202e"), "")  # left out of them by this server
OLD = {"type": "code_execution_20250825", "name": "code_execution"}


@pytest.fixture(scope="module")
def asked(ask, run):
    """Ask in one container, look at what ran, and see that nothing else did."""
    known, _ = run("'begin'")
    look = "import os\nprint([n for n in os.listdir() if 'PWNED' in n and '.' not in n and not os.remove(n)])"

    def send(*content, tool=CODE):
        message = ask(*content, tools=[tool], container=known.container.id)
        _, seen = run(look, container=known.container.id)
        assert seen.stdout == "[]\n"
        results = [b.content for b in message.content if b.type.endswith("code_execution_tool_result")]
        assert [(result.return_code, result.stderr) for result in results if result.return_code] == []
        return message

    return send


def table(column="n", value="b"):
    """Return a table that is worth every kind of chart, as CSV."""
    rows = [(k, k * 1.5 + k % 7, (value, "other")[k % 2]) for k in range(30)]
    return pd.DataFrame(rows, columns=["k", column, "group" if column == "n" else f"{column} group"])


def as_csv(frame):
    return frame.to_csv(index=False).encode()


def said(message):
    return message.content[-1].text.replace("\\", "")


def test_a_file_name_that_is_an_expression_names_a_file(asked, upload):
    sent = upload(EXPLOIT, "text/csv", as_csv(table())).id
    assert f"**{EXPLOIT}** has 30 rows and 3 columns" in said(asked(data(sent), text("What is in it?")))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_its_columns_and_its_values_may_be_called_anything(asked, upload, name):
    file = f"{name.translate(FORBIDDEN)}.csv"
    sent = upload(file, "text/csv", as_csv(table(name, name))).id
    message = asked(data(sent), text("What is in it?"))
    assert f"**{' '.join(file.split())}** has 30 rows and 3 columns" in said(message)
    assert "```" not in message.content[-1].text


def test_where_a_shell_runs_python_columns_may_be_called_anything_too(asked, upload):
    frame = pd.concat([table(name, name).drop(columns="k") for name in HOSTILE], axis=1)
    sent = upload("all.csv", "text/csv", as_csv(frame)).id
    message = asked(data(sent), text("What is in it?"), tool=OLD)
    assert f"**all.csv** has 30 rows and {len(frame.columns)} columns" in said(message)


def test_sheets_may_be_called_anything(asked, upload):
    book, target = openpyxl.Workbook(), io.BytesIO()
    for name in HOSTILE:
        sheet = book.create_sheet("".join(char for char in name if char not in "[]:*?/\\\r\n")[:28])
        for row in [(name, "group"), *((k + 0.5, name if k % 2 else "other") for k in range(20))]:
            sheet.append(row)
    book.remove(book.active)
    book.save(target)
    sent = upload("book.xlsx", "application/octet-stream", target.getvalue()).id
    assert "**book.xlsx** has 20 rows and 2 columns" in said(asked(data(sent), text("What is in it?")))


def test_a_question_without_a_block_of_code_runs_none(asked, upload):
    sent = upload("asked.csv", "text/csv", as_csv(table())).id
    words = "\n".join(word.replace("```", "` ` `") for word in [*HOSTILE, EXPLOIT])
    assert "**asked.csv** has 30 rows" in said(asked(data(sent), text(f"What is {words} in it?")))


@pytest.mark.parametrize("skill", ["xlsx", "docx", "pptx", "pdf"])
@pytest.mark.parametrize("name", [EXPLOIT, "Bob's {x} %s [1] ''' # 表"])
def test_an_office_file_is_made_of_a_table_whatever_its_names(ask, run, client, upload, skill, name):
    frame = pd.concat([table(word, word).drop(columns="k") for word in [*HOSTILE, "\x01"]], axis=1)
    sent = upload(f"{name}.csv", "text/csv", as_csv(frame)).id
    container = {"skills": [{"type": "anthropic", "skill_id": skill, "version": "latest"}]}
    message = ask(data(sent), text("Make a file"), tools=[CODE], container=container)
    results = [b.content for b in message.content if b.type == "bash_code_execution_tool_result"]
    assert [(result.return_code, result.stderr) for result in results if result.return_code] == []
    made = [client.files.retrieve_metadata(out.file_id).filename for r in results for out in r.content]
    assert [one for one in made if one.endswith(f".{skill}")]
    _, seen = run("import os\nprint(os.path.exists('PWNED'))", container=message.container.id)
    assert seen.stdout == "False\n"


def test_numbers_and_moments_may_name_columns(asked, upload):
    frame = pd.DataFrame({2020: [1.5, 2.5, 3.0], pd.Timestamp("2021-01-01"): [1, 2, 4], "2020": [5.5, 1, 2]})
    target = io.BytesIO()
    frame.to_excel(target, index=False)
    sent = upload("years.xlsx", "application/octet-stream", target.getvalue()).id
    assert "**years.xlsx** has 3 rows and 3 columns" in said(asked(data(sent), text("What is in it?")))


@pytest.mark.parametrize("module", ["openpyxl.py", "pandas.py", "json.py", "matplotlib.py"])
def test_a_file_that_is_called_like_a_module_is_not_run(asked, upload, module):
    sent = upload(module, "text/plain", b"open('PWNED', 'w')").id
    table_id = upload("beside.csv", "text/csv", as_csv(table())).id
    for tool in (CODE, OLD):
        asked(data(sent), data(table_id), text("What is in beside.csv?"), tool=tool)


def test_the_code_that_is_shown_runs_elsewhere_and_prints_the_same(asked, upload, tmp_path):
    sent = upload("Bob's {sales}.csv", "text/csv", as_csv(table("it's", "{x}"))).id
    message = asked(data(sent), text("What is in it?"))
    shown = message.content[0].input["code"]
    (tmp_path / "Bob's {sales}.csv").write_bytes(as_csv(table("it's", "{x}")))
    env = os.environ | {"OUTPUT_DIR": str(tmp_path), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-c", shown]
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert ran.stdout == message.content[1].content.stdout


def test_the_code_that_is_shown_differs_in_its_first_statement_alone(asked, upload):
    plain, odd = (
        ast.parse(asked(data(upload(name, "text/csv", content).id), text("?")).content[0].input["code"]).body
        for name, content in (("p.csv", as_csv(table())), (EXPLOIT, as_csv(table("{x}'", "%s"))))
    )
    assert ast.literal_eval(odd[0].value)["file"] == EXPLOIT
    assert [ast.dump(part) for part in odd[1:]] == [ast.dump(part) for part in plain[1:]]
