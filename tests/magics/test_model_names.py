"""Names of models and of classes: what is mistyped is one line, before anything is sent."""

from datetime import date

import anthropic
import pytest
from anthropic._data import DEPRECATED_MODELS

import nbfiles
from nbfiles._messages.models import LAST_DAYS, NEWEST_CODE, OLDER_CODE, Models
from nbfiles._messages.pricing import PRICES, listed
from nbfiles.errors import BadInput, ServerError
from tests.scripted import scripted

ALIASES = ("claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5")
DATED = ("claude-haiku-4-5-20251001", "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929")


def info(name, **more):
    return {"id": name, "lifecycle": "active", "capabilities": None, **more}


def read(*names):
    models = Models(lambda: [info(name) for name in names])
    models.choose()
    return models


def test_a_model_that_the_list_does_not_have_is_refused_with_the_closest_names(shell):
    shell.run("%nbfiles models")
    with pytest.raises(BadInput, match=r"no model “gpt-4”\. There are .*claude.*%nbfiles models"):
        shell.run("%nbfiles set model=gpt-4")
    with pytest.raises(BadInput, match=r"Did you mean .*claude-sonnet-5-5"):
        shell.run("%nbfiles set model=claude-sonet-5-5 budget=2.00")
    assert "budget" not in str(shell.run("%nbfiles"))
    with pytest.raises(BadInput, match=r"Did you mean .*claude-sonnet-5-5.*nbfiles\.models\(\)"):
        nbfiles.configure(model="claude-sonet-5-5")
    with pytest.raises(BadInput, match="no model “gpt-4”"):
        shell.run("%ask_file -m gpt-4 why?")
    assert str(shell.run("%nbfiles set model=claude-opus-5-5")).count("claude-opus-5-5") == 1


def test_a_model_is_taken_with_one_note_where_no_list_was_read(shell):
    status = shell.run("%nbfiles set model=gpt-4")
    assert (status.model, len(status.notes)) == ("gpt-4", 1)
    assert str(status).count("“gpt-4” was not checked") == 1
    assert "not checked" not in str(shell.run("%nbfiles"))
    assert "not checked" not in str(shell.run("%nbfiles set model=claude-haiku-4-5"))
    with pytest.raises(BadInput, match="no model “gpt-5”"):
        shell.run("%ask_file -m gpt-5 why?")


@pytest.mark.parametrize("line", ["-m gpt-4 penguins.csv", "-m gpt-4 --each penguins.csv", "penguins.csv"])
def test_a_mistyped_model_is_refused_before_a_file_is_uploaded(shell, line):
    if "-m" not in line:
        shell.run("%nbfiles set model=gpt-4")
    with pytest.raises(BadInput, match="no model “gpt-4”"):
        shell.run(f"%%ask_file {line}\nWhy?")
    assert list(shell.run("%files")) == []


def test_a_model_set_before_is_said_where_requests_go_to_another_place(shell):
    shell.run("%nbfiles set model=claude-opus-5-5")
    with scripted() as server:
        status = shell.run(f"%nbfiles use {server.url}")
        assert str(status).count("The model set before, claude-opus-5-5, is asked for here, too.") == 1
        assert "%nbfiles set model=none" in str(status)
        shell.run("%nbfiles set model=none")
        assert not shell.run(f"%nbfiles use {server.url}").notes
    shell.run("%nbfiles set model=claude-opus-5-5")
    assert not shell.run("%nbfiles use local").notes
    shell.run("%nbfiles models")
    shell.run("%nbfiles set model=none")
    assert not shell.run("%nbfiles use local").notes


def test_a_model_whose_last_day_the_api_does_not_tell_ends_when_the_sdk_says():
    models = read("claude-opus-4-5-20251101")
    assert "2027-01-22" in models.ending("claude-opus-4-5-20251101")[0]


@pytest.mark.parametrize("model", ALIASES)
def test_aliases_are_accepted_and_known_whether_a_list_was_read_or_not(shell, model):
    assert "not checked" not in str(shell.run(f"%nbfiles set model={model}"))
    shell.run("%nbfiles models")
    shell.run(f"%nbfiles set model={model}")
    answer = shell.run("%%ask_file --code\n```python\nprint(6 * 7)\n```")
    assert (answer.complete, answer.request["model"]) == (True, model)
    assert answer.request["tools"][0]["type"] in (OLDER_CODE, NEWEST_CODE)
    assert "$" in listed(model)


def test_an_alias_is_its_newest_dated_release_in_the_list():
    models = read("claude-haiku-4-5-20251001", "claude-haiku-4-5-20260101", "claude-sonnet-5-5")
    assert models.check_name("claude-haiku-4-5") == ()
    assert models.code_tool("claude-sonnet-5-5") == NEWEST_CODE
    assert {Models(list).code_tool(name) for name in (*ALIASES, *DATED)} == {OLDER_CODE}
    for model in ("claude-haiku-4", "claude-haiku-4-5-2025", "haiku", ""):
        with pytest.raises(BadInput):
            models.check_name(model)


def test_a_model_that_has_retired_says_since_when():
    with pytest.raises(BadInput, match=r"claude-mythos-preview has retired on 2026-06-30\. Type: model="):
        read("claude-sonnet-5-5").check("claude-mythos-preview", [], 9)
    assert (
        read("claude-mythos-preview")
        .ending("claude-mythos-preview")[0]
        .startswith("claude-mythos-preview has retired on 2026-06-30. Instead: ")
    )

    def fetch():
        raise ServerError("no")

    untold = Models(fetch)
    untold.check("claude-mythos-preview", [], 9)  # left to the API, which does not tell its models
    assert "retired on 2026-06-30" in untold.ending("claude-mythos-preview")[0]
    assert "ends on 2027-01-22" in untold.ending("claude-opus-4-5")[0] or date.today() > date(2027, 1, 22)


def test_the_last_days_are_those_that_the_sdk_tells():
    told = {
        name: day.replace("st,", ",").replace("nd,", ",").replace("rd,", ",").replace("th,", ",")
        for name, day in DEPRECATED_MODELS.items()
    }
    assert {name: f"{date.fromisoformat(day):%B %-d, %Y}" for name, day in LAST_DAYS.items()} == told
    assert anthropic.__version__


def test_the_tables_know_the_aliases():
    assert {*ALIASES, *DATED} <= set(PRICES)


CLASSES = """
import pydantic, dataclasses
class Invoice(pydantic.BaseModel):
    vendor: str
@dataclasses.dataclass
class Bill:
    vendor: str
one = Invoice(vendor='x')
vendor = 5
"""


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("Invoce", r"no class “Invoce”\. Did you mean Invoice\? For a field of that name, write: 'Invoce str'"),
        ("invoice", "Did you mean Invoice"),
        ("INVOICE", "Did you mean Invoice"),
        ("Report", r"no Pydantic class “Report”\. The classes here are Invoice\."),
        ("Bill", "“Bill” is a class, but not a Pydantic class"),
        ("one", "“one” is one Invoice"),
    ],
)
def test_a_mistyped_class_is_one_line(shell, spec, words):
    shell.run(CLASSES)
    for cell in (
        f"%%ask_file bzip2-manual.pdf --schema {spec}\nWho?",
        f"%%ask_file *.pdf --each --schema {spec}\nWho?",
    ):
        with pytest.raises(BadInput, match=words):
            shell.run(cell)
    assert list(shell.run("%files")) == []  # nothing was uploaded


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ("Invoice", ("vendor",)),
        ("vendor", ("vendor",)),
        ("'Invoce str'", ("Invoce",)),
        ("'Vendor, total float'", ("Vendor", "total")),
    ],
)
def test_fields_stay_fields(shell, spec, fields):
    shell.run(CLASSES)
    answer = shell.run(f"%%ask_file bzip2-manual.pdf --schema {spec}\nWho?")
    assert answer.asked.schema.fields == fields


def test_a_class_is_filled_in_the_second_pass_of_each_too(shell):
    shell.run(CLASSES)
    frame = shell.run("%%ask_file *.pdf --each --cite --schema Invoice\nWho is the author?")
    assert "vendor" in frame.columns
    assert "Invoice" not in frame.columns
