"""A new rule is one row of the table, and every rule says where it is from."""

from pathlib import Path

import anthropic
import pytest

from nbfiles.server import rules
from nbfiles.server.errors import invalid
from tests.server.official import MODEL

HELLO = [{"role": "user", "content": "Hello"}]


def nobody_shouts(body):
    """Refuse a question in capitals."""
    if body["messages"][0]["content"].isupper():
        raise invalid("messages.0.content: do not shout")


@pytest.fixture
def quiet(connect_to):
    return connect_to(rules=(*rules.RULES, rules.Rule(nobody_shouts, "seen")))


def test_a_rule_that_is_one_row_refuses_a_request(quiet):
    with pytest.raises(anthropic.BadRequestError, match="do not shout"):
        quiet.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": "HELLO"}])
    with pytest.raises(anthropic.BadRequestError, match="do not shout"):
        quiet.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "HELLO"}])
    assert quiet.messages.create(model=MODEL, max_tokens=9, messages=HELLO).content


def test_a_rule_for_messages_alone_does_not_bind_the_counter():
    def never(_):
        raise AssertionError

    rules.check({}, "count", (rules.Rule(never, "docs", ("message",)),))


def test_every_rule_has_a_source_and_a_name_of_its_own():
    table = list(rules.sources())
    assert {source for _, source in table} == {"docs", "types", "seen"}
    assert len({name for name, _ in table}) == len(table)


def test_every_rule_says_in_a_sentence_what_it_refuses():
    for rule in (*rules.RULES, *rules.READ_RULES):
        assert rule.check.__doc__.split()[0] in ("Refuse", "Require", "Answer"), rule.check.__name__


def test_the_page_on_the_wire_lists_every_rule_with_its_source():
    page = (Path(__file__).parents[2] / "docs" / "wire-facts.md").read_text()
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    assert [(name.strip(" `"), source.strip()) for name, source in rows] == list(rules.sources())
