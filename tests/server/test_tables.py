"""Tables as people have them: the built-in profile must read each and draw without an error."""

import pytest

from nbfiles.server.engines.sandbox.outcome import why_not
from tests.server.official import CODE, data, text

TABLES = {
    "dates.csv": "day,visitors\n" + "".join(f"2026-01-{n:02},{n * 10}\n" for n in range(1, 29)),
    "semicolons.csv": "Ort;Größe (m²)\n" + "".join(f"Haus {n % 3};{n + 0.5}\n" for n in range(30)),
    "tabs.tsv": "a\tb\n" + "".join(f"{n}\t{n * n}\n" for n in range(20)),
    "words.csv": "name,comment\nAnn,fine\nBob,\n",
    "quoted.csv": '"a ""b""",c\n' + "".join(f"{n},{'xy'[n % 2]}\n" for n in range(20)),
    "one.csv": "n\n1\n",
    "lines.jsonl": "".join(f'{{"k": {n}.5, "g": "{"uvw"[n % 3]}"}}\n' for n in range(20)),
    "records.json": '[{"a": 1.5, "b": true}, {"a": 2.5, "b": false}, {"a": null, "b": true}]',
    "years.csv": "year,co2\n" + "".join(f"{1990 + n},{n + 300.5}\n" for n in range(25)),
    "numbers.csv": "1,2020,1.5,nan,2026-01-01\n"
    + "".join(f"2026-01-{n:02},{n},{n}.5,2026-02-{n:02},x\n" for n in range(1, 9)),
    "gaps.csv": "x,y\n" + ",\n" * 10,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_profile_runs_without_an_error(ask, upload, name):
    sent = upload(name, "text/csv", TABLES[name].encode()).id
    message = ask(data(sent), text("What is in here?"), tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    assert (result.return_code, result.stderr) == (0, "")
    assert f"**{name}** has" in message.content[-1].text.replace("\\", "")


def test_numbers_without_end_are_not_drawn(ask, upload):
    sent = upload("endless.csv", "text/csv", b"a,b\n" + b"inf,1.5\n" * 9 + b"-inf,2.5\n").id
    message = ask(data(sent), text("Show a and b."), tools=[CODE])
    result = next(b.content for b in message.content if b.type == "code_execution_tool_result")
    assert result.return_code == 0


def test_dates_become_a_line_over_time(ask, upload):
    sent = upload("dates.csv", "text/csv", TABLES["dates.csv"].encode()).id
    said = ask(data(sent), text("visitors per day"), tools=[CODE]).content[-1].text
    assert "Mean visitors goes from 10 (2026-01-01) to 280 (2026-01-28)" in said


def test_latin_letters_are_read(ask, upload):
    sent = upload("latin.csv", "text/csv", "stadt,n\nKöln,1.5\nZürich,2.5\n".encode("latin-1")).id
    message = ask(data(sent), text("?"), tools=[CODE])
    assert "'encoding': 'latin-1'" in message.content[0].input["code"]


def test_two_files_of_one_name_are_both_read(ask, upload):
    both = [upload("t.csv", "text/csv", f"n,m\n1.5,{k}.5\n2.5,{k}.5\n".encode()).id for k in (1, 2)]
    message = ask(*map(data, both), text("?"), tools=[CODE])
    assert [block.type for block in message.content].count("server_tool_use") == 2


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("MemoryError", ""),
        ("ArrowMemoryError", "malloc of size 2000000000 failed"),
        ("OSError", "malloc of size 2000000000 failed"),
        ("ParserError", "Error tokenizing data. C error: out of memory"),
    ],
)
def test_a_table_that_does_not_fit_is_said_to_be_too_large_and_not_to_be_none(problem, message):
    said = why_not("z.csv.gz", {"problem": problem, "message": message, "name": None})
    assert said == "**z.csv.gz** is too large for the memory that code may take here."
