"""What an answer costs, or that it is not known."""

import pytest

from nbfiles._messages.answer import Usage
from nbfiles._messages.models import TABLE
from nbfiles._messages.pricing import cost, listed


def test_each_kind_of_token_has_its_price():
    usage = Usage(input_tokens=1000, output_tokens=100, cache_write_tokens=1000, cache_read_tokens=1000)
    assert cost("claude-sonnet-5-5", usage) == pytest.approx((2000 + 1000 + 2500 + 100) / 1e6)


def test_a_long_prompt_changes_the_price_of_the_whole_request():
    assert cost("claude-haiku-5-5", Usage(100_000, 0)) == pytest.approx(0.01)
    assert cost("claude-haiku-5-5", Usage(100_001, 0)) == pytest.approx(0.0500005)


def test_an_unknown_model_has_an_unknown_price():
    assert cost("claude-next", Usage(10, 10)) is None


def test_a_price_that_the_source_does_not_tell_makes_the_cost_unknown_only_where_it_counts():
    assert cost("claude-fable-5-2", Usage(1_000_000, 1_000_000)) == pytest.approx(48)
    assert cost("claude-fable-5-2", Usage(10, 10, 0, 1)) is None


def test_every_model_of_the_table_has_a_listed_price():
    assert [model.id for model in TABLE if "$" not in listed(model.id)] == []
