import json
from contextlib import ExitStack, closing
from threading import Event
from typing import Literal

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from nbfiles.server.engines.quotes.index import Index
from nbfiles.server.engines.quotes.structured import FillCancelled, Filler
from nbfiles.server.engines.quotes.values import NOTHING, date, number
from nbfiles.server.messages.query import Document
from tests.server.official import MODEL, document, text

INVOICE = "INVOICE\nVendor: Müller & Söhne GmbH\nTotal: 1.234,50 EUR\nDue date: 12 March 2026\nPaid: no\n"


class Invoice(BaseModel):
    vendor: str
    total: float
    due_date: str
    iban: str | None
    paid: bool


class Row(BaseModel):
    file: str
    total: float


class Rows(BaseModel):
    rows: list[Row]


def plain(name, content):
    return {
        "type": "document",
        "title": name,
        "source": {"type": "text", "media_type": "text/plain", "data": content},
    }


def parse(client, model, *content):
    messages = [{"role": "user", "content": [*content, text("Fill the form.")]}]
    return client.messages.parse(model=MODEL, max_tokens=2000, messages=messages, output_format=model)


def test_a_form_is_filled_from_its_labels(client):
    found = parse(client, Invoice, plain("a.txt", INVOICE)).parsed_output
    assert found == Invoice(vendor="Müller & Söhne GmbH", total=1234.5, due_date="12 March 2026", iban=None, paid=False)


class Order(BaseModel):
    status: Literal["paid", "unpaid"]
    priority: Literal["high", "very high"]
    tags: list[str]


def test_a_choice_is_a_whole_word_and_the_longest_that_fits(client):
    content = "Status: unpaid\nPriority: very high\nTags: rope, anchor\nCustomer: Blue Harbour"
    found = parse(client, Order, plain("a.txt", content)).parsed_output
    assert found == Order(status="unpaid", priority="very high", tags=["rope", "anchor"])


def test_a_list_of_rows_has_a_row_for_every_document(client):
    other = INVOICE.replace("1.234,50", "99")
    found = parse(client, Rows, plain("a.txt", INVOICE), plain("b.txt", other)).parsed_output
    assert found == Rows(rows=[Row(file="a.txt", total=1234.5), Row(file="b.txt", total=99)])


def test_a_sentence_is_found_in_a_pdf_with_its_page(client, manual):
    class Finding(BaseModel):
        block_size: str
        page: int

    found = parse(client, Finding, document(manual, cite=False)).parsed_output
    assert "block size" in found.block_size.lower()
    assert 1 <= found.page <= 38


def test_a_choice_is_one_of_the_schema(client):
    schema = {
        "type": "object",
        "properties": {"paid": {"enum": ["yes", "no"]}, "mood": {"type": "string", "enum": ["good", "bad"]}},
        "required": ["paid", "mood"],
        "additionalProperties": False,
    }
    message = client.messages.create(
        model=MODEL,
        max_tokens=99,
        messages=[{"role": "user", "content": [plain("a", INVOICE)]}],
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    assert json.loads(message.content[0].text) == {"paid": "no", "mood": "good"}


@pytest.mark.parametrize("where", ["text", "blocks"])
def test_a_schema_that_the_system_prompt_spells_out_is_filled(client, where):
    system = f"Answer with JSON of this schema: {{x}} {json.dumps(Invoice.model_json_schema(), indent=2)} Nothing else."
    message = client.messages.create(
        model=MODEL,
        max_tokens=999,
        system=system if where == "text" else [{"type": "text", "text": "Hello."}, {"type": "text", "text": system}],
        messages=[{"role": "user", "content": [plain("a.txt", INVOICE)]}],
    )
    assert Invoice.model_validate_json(message.content[0].text).total == 1234.5


@pytest.mark.parametrize(
    "system",
    [
        "The schema is in the files.",
        'A schema: {"properties": "none"}',
        'A schema: {"type": {"": ""}, "properties": {"a": {"type": 7}}}',
        "A schema: " + '{"properties": ' * 5_000,
        "A schema: " + "{" * 50_000,
    ],
)
def test_a_system_prompt_without_a_schema_that_can_be_filled_changes_nothing(client, system):
    question = [{"role": "user", "content": "Hello"}]
    message = client.messages.create(model=MODEL, max_tokens=999, system=system, messages=question)
    assert message.content[0].text.startswith(("Local server", "{"))


BAD = {
    "additionalProperties": {"type": "object", "properties": {}},
    "'minimum' is not supported": {"type": "integer", "minimum": 1},
    "recursive": {"$ref": "#"},
    "points to nothing": {"$ref": "#/$defs/A"},
    "'minItems'": {"type": "array", "items": {"type": "string"}, "minItems": 2},
}


@pytest.mark.parametrize(("message", "schema"), BAD.items(), ids=BAD.keys())
def test_a_schema_beyond_the_documented_limits_is_refused(client, message, schema):
    with pytest.raises(anthropic.BadRequestError, match=message):
        client.messages.create(
            model=MODEL,
            max_tokens=99,
            messages=[{"role": "user", "content": "?"}],
            output_config={"format": {"type": "json_schema", "schema": schema}},
        )


LEAVES = st.sampled_from(
    [
        *({"type": kind} for kind in ("string", "number", "integer", "boolean", "null")),
        *({"type": "string", "format": kind} for kind in NOTHING),
        {"type": ["string", "null"]},
        {"enum": [1, "two", None]},
        {"const": 7},
        {"$ref": "#/$defs/Leaf"},
    ]
)


def closed(properties):
    names = list(properties)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


NAMES = st.sampled_from(["vendor", "total", "dueDate", "page", "file", "quote", "answer", "", "$"])
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(NAMES, inner, max_size=3).map(closed)
        | inner.map(lambda items: {"type": "array", "items": items, "minItems": 1})
        | st.lists(inner, min_size=1, max_size=2).map(lambda members: {"anyOf": members})
    ),
    max_leaves=8,
)


@given(SCHEMAS, st.sampled_from([INVOICE, "", "Page 1 of 3. No numbers, 1/2/2020 or so, and -3."]))
@settings(max_examples=300)
def test_every_answer_fits_its_schema(schema, content):
    import jsonschema

    root = {**schema, "$defs": {"Leaf": {"type": "integer"}}}
    documents = (Document(0, "a.txt", None, "char", (content,), False),)
    with ExitStack() as indexes:
        filler = Filler(root, "What is due?", lambda some: indexes.enter_context(closing(Index(some))), Event())
        jsonschema.validate(filler.fill(root, "", documents), root)


def test_a_schema_is_not_filled_any_further_when_nobody_waits():
    stop, asked = Event(), []
    documents = (Document(0, "a.txt", None, "char", ("The crew is small.",), False),)

    def index_of(some):
        asked.append(some)
        stop.set()
        return index

    schema = closed({name: {"type": "string"} for name in ("crew", "captain", "cook")})
    with closing(Index(documents)) as index:
        filler = Filler(schema, "Who?", index_of, stop)
        with pytest.raises(FillCancelled):
            filler.fill(schema, "", documents)
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["straße", "STRASSE", "due_date", "DueDate"])
def test_a_label_is_found_on_any_page_and_in_any_letters(name):
    pages = ("Nothing here.", "STRASSE: Hafenweg 1\nStraße: Hafenweg 1\nDUE DATE: Hafenweg 1")
    documents = (Document(0, "a.pdf", None, "page", pages, False),)
    with closing(Index(documents)) as index:
        schema = closed({name: {"type": "string"}})
        found = Filler(schema, "Where?", lambda _: index, Event()).fill(schema, "", documents)
    assert found == {name: "Hafenweg 1"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.5", 1234.5),
        ("1.234,5 €", 1234.5),
        ("1,234", 1234),
        ("12,5", 12.5),
        ("3.14.", 3.14),
        ("−2", -2),
    ],
)
def test_numbers_are_read_as_they_are_written(written, value):
    assert number(written) == value


@pytest.mark.parametrize("written", ["2026-03-12", "12.3.2026", "3/12/2026", "12. März 2026", "Mar 12, 2026"])
def test_dates_are_read_as_they_are_written(written):
    assert date(f"due {written} at noon") == "2026-03-12"


def test_a_day_is_one_of_the_calendar():
    assert date("Signed on 29 February 2024.") == "2024-02-29"
    assert date("2023-02-29, 31 April 2026 or 30 April 2026") == "2026-04-30"
