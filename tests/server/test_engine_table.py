"""A new engine is one row of the table: it answers over HTTP, after the engines before it."""

import pytest

from nbfiles.server.engines import ENGINES
from nbfiles.server.messages.parts import StopPart, TextPart
from tests.server.official import MODEL, document, text


class Counter:
    """An engine that counts: the words of a question, or the parts before its own."""

    note = "Counts words."

    def __init__(self, store):
        del store

    def can(self, query):
        return "how many" in query.question.lower()

    def answer(self, query, stop, before):
        del stop
        yield TextPart(f"{len(query.question.split())} words, {len(before)} parts")

    def close(self):
        pass


@pytest.fixture
def counting(connect_to):
    return connect_to(engines=(*ENGINES, Counter))


def ask(client, *content):
    return client.messages.create(model=MODEL, max_tokens=500, messages=[{"role": "user", "content": list(content)}])


def test_an_engine_that_is_one_row_answers(counting):
    assert [block.text for block in ask(counting, text("How many?")).content] == ["Counts words. 2 words, 0 parts"]


def test_it_sees_the_parts_of_the_engines_before_it(counting):
    file = counting.files.upload(file=("a.txt", b"Seven boats left the harbour at dawn.", "text/plain"))
    last = ask(counting, document(file.id), text("How many boats left?")).content[-1].text
    assert last == "Counts words. 4 words, 4 parts"


class Speaker(Counter):
    """An engine that answers alone, as a model would."""

    note = ""

    def answer(self, query, stop, before):
        del stop, before
        yield TextPart(f"{len(query.documents)} document: ")
        yield TextPart("seven.")
        yield StopPart("end_turn")


def test_an_engine_at_the_front_may_answer_alone(connect_to):
    client = connect_to(engines=(Speaker, *ENGINES))
    file = client.files.upload(file=("a.txt", b"Seven boats left the harbour at dawn.", "text/plain"))
    message = ask(client, document(file.id), text("How many boats left?"))
    assert [block.text for block in message.content] == ["1 document: seven."]
    assert message.stop_reason == "end_turn"
    assert ask(client, document(file.id), text("Which boats?")).content[-1].text != "1 document: seven."


def test_it_is_silent_where_it_cannot_help(counting):
    assert "words," not in ask(counting, text("Hello?")).content[-1].text
