"""What an answer costs, or that it is not known."""

import pytest

from nbfiles.asking.answer import Usage
from nbfiles.asking.prices import cost


def test_each_kind_of_token_has_its_price():
    usage = Usage(input_tokens=1000, output_tokens=100, cache_write_tokens=1000, cache_read_tokens=1000)
    assert cost("claude-sonnet-5-5", usage) == pytest.approx((2000 + 1000 + 2500 + 100) / 1e6)


def test_a_long_prompt_changes_the_price_of_the_whole_request():
    assert cost("claude-haiku-5-5", Usage(100_000, 0)) == pytest.approx(0.01)
    assert cost("claude-haiku-5-5", Usage(100_001, 0)) == pytest.approx(0.0500005)


def test_an_unknown_model_has_an_unknown_price():
    assert cost("claude-next", Usage(10, 10)) is None
