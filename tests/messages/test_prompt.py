"""`{{name}}` in a question: once, strictly, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pandas
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbfiles._messages.template import MAX_CHARS, FilledTemplate, Piece, fill
from nbfiles.errors import BadInput
from nbfiles.records import FileRecord, Files, Kind
from nbfiles.server.engines.sandbox.steps import steps
from nbfiles.server.messages.reader import question_of

RECORD = FileRecord("q3.pdf", "file_1", Kind.PDF, "application/pdf", 9, datetime(2026, 11, 1, tzinfo=UTC))


def text(question, **variables):
    return fill(question, variables).text({})


def test_a_name_is_replaced_by_its_value():
    assert text("Is {{a}} more than {{ b }}?", a=1, b="two") == "Is 1 more than two?"


def test_what_is_put_in_is_never_read_again():
    assert text("{{a}}{{b}}", a="{{b}}", b="{{a}}") == "{{b}}{{a}}"
    assert text("{{a}}b}}", a="{{", b="x") == "{{b}}"


@given(st.text(alphabet='ab {}%$\\"[]:_é🙂\n'))
def test_nothing_else_is_special(question):
    prompt = fill(question, {name: f"<{name}>" for name in ("a", "b", "ab", "ba", "aa", "bb")} | {"é": ""})
    if not prompt.variables:
        assert prompt.text({}) == question


@pytest.mark.parametrize("question", ['{"a": {"b": {}}}', r"\frac{1}{2}", "{a}", "%s $a {{}} {{1}} {{a.b}} {{a!r}}"])
def test_braces_of_other_languages_stay(question):
    assert text(question, a=1) == question


def test_an_unknown_name_is_an_error_with_the_closest_one():
    with pytest.raises(BadInput, match=r"\{\{totl\}\}.*Did you mean \{\{total\}\}"):
        text("{{totl}}", total=1)


def test_without_variables_a_question_stays_as_it_is():
    assert fill("{{a}}", None).text({}) == "{{a}}"


def test_used_variables_are_listed_once_in_order():
    assert fill("{{b}} {{a}} {{b}}", {"a": 1, "b": 2}).variables == ("b", "a")


def test_a_frame_becomes_its_schema_and_a_bounded_head():
    frame = pandas.DataFrame({"region": [f"r{n}" for n in range(500)], "total": range(500)})
    said = text("{{df}}", df=frame)
    assert "500 rows and 2 columns" in said
    assert "- total: int64" in said
    assert "r9\t9" in said
    assert "r10" not in said
    assert "all its rows" in text("{{s}}", s=frame["total"].head(3))


def test_a_path_and_a_record_attach_the_file_under_its_name(tmp_path):
    prompt = fill("{{p}} or {{r}}, {{both}}", {"p": Path("a/b.txt"), "r": RECORD, "both": Files((RECORD, RECORD))})
    assert prompt.files == (str(Path("a/b.txt")), "q3.pdf")
    assert prompt.text({str(Path("a/b.txt")): "b-2.txt"}) == "b-2.txt or q3.pdf, q3.pdf, q3.pdf"


def test_collections_become_json():
    assert text("{{a}}", a={"k": [1, "é"]}) == '{"k": [1, "é"]}'
    assert text("{{a}}", a=[Path("x")]) == f"[{Path('x')!r}]"


@pytest.mark.parametrize("value", [b"x", len, pytest, object()])
def test_what_has_no_text_is_refused(value):
    with pytest.raises(BadInput, match="no text"):
        text("{{a}}", a=value)


def test_a_value_that_fails_when_it_is_read_is_refused_in_one_line():
    class Lazy:
        def __str__(self):
            raise RuntimeError("not loaded")

    for value in (Lazy(), pandas.DataFrame({"a": [Lazy()]})):
        with pytest.raises(BadInput, match="cannot be written as text: RuntimeError"):
            text("{{a}}", a=value)


def test_half_of_a_surrogate_pair_is_sent_as_a_question_mark():
    assert text("{{a}} \ud800", a="b\udcff") == "b? ?"
    assert fill("\ud800", None).text({}) == "?"


def test_only_what_could_be_meant_is_proposed():
    with pytest.raises(BadInput, match="Define it"):
        text("{{nope}}", open=open)


def test_a_value_too_long_for_a_question_is_refused():
    with pytest.raises(BadInput, match="Save it as a file"):
        text("{{a}}", a="x" * (MAX_CHARS + 1))


MAIL = "Dear all,\n```python\nprint('from the mail')\n```\nYours"


def programs(question):
    """Return what the local server would run of a question."""
    return [
        next(iter(step.input.values()))
        for step in steps(question_of([{"role": "user", "content": question}]), "code_execution_20260521")
    ]


@pytest.mark.parametrize("question", ["{{mail}}", " {{mail}}", "\n\n{{mail}}", "Sum up: {{mail}}", "> {{mail}}\n"])
@pytest.mark.parametrize("mail", [MAIL, MAIL[10:], MAIL[9:], "\n \n" + MAIL[10:], MAIL.replace("python", "bash")])
def test_a_block_of_code_in_a_variable_is_no_program(question, mail):
    said = text(question, mail=mail)
    assert programs(said) == []
    assert said.replace(" ```", "```") == question.replace("{{mail}}", mail).replace(" ```", "```")


def test_a_block_that_was_typed_beside_a_variable_is_a_program():
    typed = "```python\nprint(1)\n```"
    for question in (
        f"{{{{mail}}}}\n{typed}",
        f"{typed}\n{{{{mail}}}}",
        f"{{{{mail}}}}\n{typed}\n{{{{mail}}}}",
    ):
        said = text(question, mail=MAIL)
        assert programs(said) == ["print(1)\n"]
        assert typed in said


@pytest.mark.parametrize(
    "question",
    [
        "```python\n{{a}}\n```",
        "```python\nprint('{{a}}')\n```",
        "```{{b}}\nprint(1)\n```",
        "{{c}}python\nprint(1)\n```",
        "```python\nprint(1)\n{{c}}",
        "```python\nprint(1)\n{{c}}\nprint(2)\n```",
        "{{d}}{{e}}",
        "``{{e}}",
        "```json\n{{f}}\n```",
    ],
)
def test_a_block_with_a_part_from_a_variable_is_no_program(question):
    values = {
        "a": "x = 1",
        "b": "python",
        "c": "```",
        "d": "Dear all,\n``",
        "e": "`python\nx\n```",
        "f": "```\n```python\nx",
    }
    assert programs(fill(question, values).text({})) == []


TOKENS = ["```", "``", "`", "python", "bash", "\n", " ", "\t", "\r", "x", "```python\n", "\n```\n"]


@given(st.lists(st.tuples(st.lists(st.sampled_from(TOKENS), max_size=6).map("".join), st.booleans()), max_size=8))
def test_every_program_was_typed_from_its_first_to_its_last_character(parts):
    pieces = [(part if typed else part.replace("x", "F"), typed) for part, typed in parts]
    said = FilledTemplate(tuple(Piece(*piece) for piece in pieces)).text({})
    typed = [""]
    for part, is_typed in pieces:
        typed[-1] += part if is_typed else ""
        typed += [] if is_typed or not part else [""]
    for program in programs(said):
        assert any(f"\n{program}```" in one for one in typed)


def test_a_file_of_a_variable_has_no_part_in_a_program():
    prompt = fill("{{p}}", {"p": Path("a.txt")})
    assert programs(prompt.text({"a.txt": "```python\nprint(1)\n```"})) == []


def test_columns_are_described_on_one_line_each():
    name = "n\n```python\nprint('from a column')\n```\n"
    for library in (pandas, polars):
        frame = library.DataFrame({name: ["a"], "g": ["b"]})
        said = text("{{df}}", df=frame)
        assert programs(said) == []
        assert "- n ```python print('from a column') ```: " in said
    kinds = text("{{df}}", df=polars.DataFrame({"k": polars.Series(["a\nb"], dtype=polars.Enum(["a\nb"]))}))
    assert len(kinds.splitlines()) == 6
