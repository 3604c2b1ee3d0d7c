"""What becomes of code's work: tables as DataFrames, steps as cells, files asked about, office files."""

import json
import os
import time

import pytest

from nbfiles import errors
from nbfiles._documents.reader_pool import POOL
from nbfiles.server.engines.sandbox import engine
from tests.scripted import as_json, error, reply

WRITE = "```python\nimport os\nout = os.environ['OUTPUT_DIR']\n{}\n```"
TABLE = "open(f'{out}/out.csv', 'w').write('region,sales\\nnorth,1\\nsouth,2\\n')"
CHART = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig(f'{out}/chart.png')"
TWO = (
    "import pandas as pd; df = pd.DataFrame({'a': [1, 2]}); df.to_parquet(f'{out}/t.parquet')"
    "; df.to_excel(f'{out}/t.xlsx', index=False); open(f'{out}/notes.md', 'w').write('hello')"
)


@pytest.fixture
def wrote(shell):
    def ask(code, options=""):
        return shell.run(f"%%ask_file penguins.csv {options}\n" + WRITE.format(code))

    return ask


def test_a_table_that_code_made_is_a_dataframe(wrote):
    answer = wrote(TABLE)
    assert answer.df("out.csv").to_dict("list") == {"region": ["north", "south"], "sales": [1, 2]}
    assert answer.df().equals(answer.df("out.csv"))


def test_excel_and_parquet_are_dataframes_and_mistakes_are_one_line(wrote):
    answer = wrote(TWO)
    assert answer.df("t.xlsx").equals(answer.df("t.parquet"))
    with pytest.raises(errors.NbfilesError, match=r"several tables. Take one of: t.parquet, t.xlsx"):
        answer.df()
    with pytest.raises(errors.NbfilesError, match=r"Did you mean t.xlsx"):
        answer.df("t.xls")
    with pytest.raises(errors.NbfilesError, match="not a table"):
        answer.df("notes.md")
    answer.files[0].path.unlink()
    with pytest.raises(errors.NbfilesError, match=r"nbfiles\.download"):
        answer.df(answer.files[0].name)


FAR = (
    "import openpyxl; book = openpyxl.Workbook(); book.active['A1'] = 1; book.active['XFD1048576'] = 1"
    "; book.save(f'{out}/far.xlsx')"
)
BOMB = (
    "import pyarrow as pa, pyarrow.parquet as pq; column = pa.array(['x' * 100_000]).dictionary_encode()"
    "; column = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), column.dictionary)"
    "; pq.write_table(pa.table({'c': column}), f'{out}/bomb.parquet', store_schema=False)"
)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (BOMB, r"“bomb.parquet” cannot be read: .* MB of memory"),
        (FAR, r"“far.xlsx” cannot be read: .* MB of memory"),
    ],
)
def test_a_table_that_would_end_the_kernel_is_one_line(wrote, code, why):
    answer = wrote(code)
    assert answer.files[0].path.stat().st_size < 100_000
    with pytest.raises(errors.NbfilesError, match=rf"{why}.*answer\.files$"):
        answer.df()


def test_the_table_of_one_step_is_asked_about_in_the_next_by_name(shell, wrote):
    made = wrote(TABLE).files[0]
    answer = shell.run("%%ask_file out.csv\n```python\nprint(open('out.csv').read())\n```")
    assert answer.code[0].stdout == "region,sales\nnorth,1\nsouth,2\n\n"
    assert answer.asked.inputs == (("out.csv", made.sha256),)


def test_a_thread_keeps_variables_and_container_and_a_new_one_gets_the_files(shell, wrote):
    first = wrote(f"{TABLE}; kept = 41", "-t talk")
    second = shell.run("%%ask_file -t talk\n```python\nprint(kept + 1)\n```")
    assert second.code[0].stdout == "42\n"
    assert second.container == first.container


def test_an_expired_container_is_replaced_by_one_with_the_files(shell, wrote, monkeypatch):
    first = wrote("kept = 41", "-t talk")
    later = time.time() + engine.LIFE + 60
    monkeypatch.setattr(time, "time", lambda: later)
    code = "print(len(open('penguins.csv').readlines()), 'kept' in globals())"
    second = shell.run(f"%%ask_file -t talk\n```python\n{code}\n```")
    assert second.code[0].stdout == "345 False\n"
    assert second.container not in (None, first.container)
    assert shell.shown.count("a new one has the files, but no variables of earlier turns") == 1
    third = shell.run("%%ask_file -t talk\n```python\nprint(1)\n```")
    assert third.container == second.container
    assert "expired" not in shell.shown


@pytest.fixture
def no_pyarrow(tmp_path, monkeypatch):
    """Let the next children find a pyarrow that cannot be imported."""
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "pyarrow.py").write_text("raise ImportError('no')")
    monkeypatch.setenv("PYTHONPATH", str(fake), prepend=os.pathsep)
    yield POOL.close
    POOL.close()


def test_a_missing_reader_of_a_dataframe_is_named_with_its_remedy(wrote, no_pyarrow):
    answer = wrote(TWO)
    no_pyarrow()
    with pytest.raises(errors.NbfilesError, match=r"“t\.parquet” needs a reader\. Type: %pip install pyarrow$"):
        answer.df("t.parquet")


def test_a_chart_goes_into_a_question_as_an_image(shell, wrote):
    chart = wrote(CHART).files[0]
    answer = shell.run("%%ask_file chart.png\nWhat does it show?")
    block = answer.request["messages"][0]["content"][0]
    assert block == {"type": "image", "source": {"type": "file", "file_id": chart.file_id}}


def test_the_table_as_a_document_is_uploaded_once_as_text(shell, wrote):
    made, ids = wrote(TABLE).files[0], set()
    for _ in range(2):
        answer = shell.run("%%ask_file --no-code out.csv\nsouth?")
        source = answer.request["messages"][0]["content"][0]["source"]
        ids.add(source["file_id"])
    assert len(ids) == 1
    assert made.file_id not in ids
    assert "south" in answer.text


def test_a_step_becomes_the_next_cell_and_is_not_run(shell, wrote):
    wrote("done = 1")
    shell.run("%nbfiles code 1")
    cell = shell.ip.rl_next_input
    assert cell.startswith("# Step 1 of the last answer.")
    assert "done = 1" in cell
    assert "done" not in shell.ip.user_ns
    shell.run("%%ask_file penguins.csv\n```bash\necho hi\n```")
    shell.run("%nbfiles code")
    assert shell.ip.rl_next_input.splitlines()[::2] == ["%%bash", "echo hi"]


@pytest.mark.parametrize(("line", "words"), [("code 9", "has the steps 1 to 1"), ("code x", "number")])
def test_a_step_that_is_not_there(shell, wrote, line, words):
    wrote("1")
    with pytest.raises(errors.BadInput, match=words):
        shell.run(f"%nbfiles {line}")


@pytest.mark.parametrize("skill", ["xlsx", "docx", "pptx"])
def test_an_office_file_of_a_skill_is_kept_and_previewed(shell, skill):
    answer = shell.run(f"%%ask_file penguins.csv --skill {skill}\nmake a report")
    (made,) = [record for record in answer.files if record.name.endswith(skill)]
    assert made.path.read_bytes()[:2] == b"PK"
    first = {"xlsx": "Sheet “penguins.csv”", "docx": "enguins", "pptx": "# Slide 1"}[skill]
    assert first in shell.shown.split(made.name)[-1]


def test_skills_are_listed_and_a_wrong_one_is_one_line(shell):
    assert {row[0] for row in shell.run("%nbfiles skills").rows} >= {"xlsx", "pptx", "docx", "pdf"}
    with pytest.raises(errors.BadInput, match="Did you mean xlsx"):
        shell.run("%%ask_file penguins.csv --skill xlxs\nmake a report")
    with pytest.raises(errors.BadInput, match="--no-code"):
        shell.run("%%ask_file penguins.csv --skill xlsx --no-code\nmake a report")


def test_custom_skills_go_by_name_or_id_and_stay_in_the_thread(shell, claude):
    custom = {"id": "skill_1", "display_name": "House style", "source": {"type": "custom"}}
    own = {"id": "xlsx", "display_name": "Excel", "source": {"type": "anthropic"}}
    pages = [as_json({"data": [own], "next_page": "p2"}), as_json({"data": [custom], "next_page": None})]
    used = {"id": "container_1", "expires_at": "2026-12-01T00:00:00Z"}
    server = claude(*pages, reply(container=used), reply(), error(404, "not_found_error", "No container."), reply())
    shell.run('%%ask_file -t talk --skill "xlsx,House style"\nwhy?')
    shell.run("%%ask_file -t talk\nand then?")
    shell.run("%%ask_file -t talk\nand then?")
    sent = [json.loads(body) for line, _, body in server.seen if line.startswith("POST")]
    skills = [
        {"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
        {"type": "custom", "skill_id": "skill_1", "version": "latest"},
    ]
    containers = [request["container"] for request in sent]
    assert containers[0] == containers[3] == {"skills": skills}
    assert containers[1] == containers[2] == {"id": "container_1", "skills": skills}


def test_a_record_is_asked_about_uploaded_on_and_deleted(shell, wrote):
    old, new = (
        wrote(TABLE).files[0],
        wrote(TABLE + "; open(f'{out}/out.csv', 'a').write('east,3\\n')").files[0],
    )
    shell.ip.user_ns |= {"old": old, "new": new}
    shell.ip.user_ns["question"] = "```python\nprint(len(open('out.csv').readlines()))\n```"
    assert shell.run("import nbfiles; nbfiles.ask(question, new)").code[0].stdout == "4\n"
    mine = shell.run("nbfiles.upload(old)")[0]
    assert (mine.sha256, mine.made_by_code) == (old.sha256, False)
    shell.run(f"%files rm {new.name} --yes")
    assert new.file_id not in {record.file_id for record in shell.run("%files")}
