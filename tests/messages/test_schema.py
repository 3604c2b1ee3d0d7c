"""Fields instead of prose: short forms, classes, and replies that do not fit."""

import json
from datetime import date

import pytest
from pydantic import BaseModel

from nbfiles._messages.answer import Answer
from nbfiles._messages.structured_output import Schema, schema
from nbfiles.errors import BadInput, NbfilesError
from tests.answers import said


class Item(BaseModel):
    name: str
    price: float


class Invoice(BaseModel):
    items: list[Item]


def answer(text, spec="vendor, total float, due date", stop_reason="end_turn"):
    return said(text, stop_reason=stop_reason, request={"max_tokens": 50}, schema=schema(spec))


GOOD = '{"vendor": "Acme", "total": 9.5, "due": "2026-11-30"}'


def test_a_short_form_gives_a_dict_of_python_values():
    assert answer(GOOD).data == {"vendor": "Acme", "total": 9.5, "due": date(2026, 11, 30)}


def test_what_a_document_does_not_say_is_none():
    assert answer('{"vendor": null, "total": null, "due": null}').data["vendor"] is None


def test_a_short_form_has_as_many_fields_as_the_api_takes():
    many = ", ".join(f"f{n}" for n in range(16))
    assert len(schema(many).fields) == 16
    with pytest.raises(BadInput, match="17 fields, and the API takes at most 16 fields that may be empty"):
        schema(f"{many}, more")


def test_an_answer_with_more_fields_that_was_saved_can_be_read():
    spec = ", ".join(f"f{n}" for n in range(17))
    assert len(Schema.from_dict({"spec": spec}).fields) == 17


def test_a_class_gives_an_instance_and_a_row_for_each_item_of_its_only_list():
    reply = answer('{"items": [{"name": "a", "price": 1}, {"name": "b", "price": 2}]}', Invoice)
    assert reply.data.items[1] == Item(name="b", price=2)
    assert list(reply.df()["price"]) == [1, 2]
    assert len(answer(GOOD).df()) == 1


def test_the_format_is_closed_as_the_api_wants_it():
    found = schema(Invoice).format["schema"]
    assert found["additionalProperties"] is False
    assert found["$defs"]["Item"]["required"] == ["name", "price"]
    assert found["$defs"]["Item"]["additionalProperties"] is False
    assert json.dumps(found)


def test_a_cut_reply_names_the_field_and_the_limit_and_is_kept():
    cut = answer('{"vendor": "Acme", "total', stop_reason="max_tokens")
    with pytest.raises(NbfilesError, match=r"cut inside “vendor”, at 50 tokens.*max_tokens=100") as caught:
        assert cut.data
    assert caught.value.answer.text == '{"vendor": "Acme", "total'


@pytest.mark.parametrize(
    ("text", "words"), [('{"vendor": "A", "total": "much", "due": null}', "“total”"), ("Sorry,", "JSON")]
)
def test_an_invalid_reply_names_the_field(text, words):
    with pytest.raises(NbfilesError, match=words):
        assert answer(text).data


def test_a_refusal_has_no_data():
    with pytest.raises(NbfilesError, match="declined"):
        assert answer("", stop_reason="refusal").data


def test_a_name_of_a_class_is_looked_up():
    assert schema("Invoice", {"Invoice": Invoice}).model is Invoice
    assert schema("Invoice", {"Invoice": 1}).fields == ("Invoice",)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("a, b flot", "Did you mean float"),
        ("a, a", "twice"),
        ("a, , b", "not a field"),
        ("a: int", "not a field"),
        (7, "Pydantic class"),
        (int, "Pydantic class"),
    ],
)
def test_a_wrong_schema_is_one_line(spec, words):
    with pytest.raises(BadInput, match=words):
        schema(spec)


def test_an_answer_without_fields_says_how_to_get_some():
    with pytest.raises(NbfilesError, match="schema='name, total float'"):
        assert Answer().data
