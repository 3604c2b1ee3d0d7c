"""What tokens cost, in one dated table; a model that is not in it costs "unknown", never a wrong number."""

from __future__ import annotations

from typing import NamedTuple

from nbfiles.asking.answer import Usage

AS_OF = "2026-11-20"  # list prices of the Claude API on this day, standard tier, without batch discount


class Price(NamedTuple):
    """US dollars for a million tokens; writing to the 5-minute cache costs 1.25 times the input."""

    input: float
    output: float
    cache_read: float


PRICES = {
    "claude-opus-5-5": Price(4, 20, 0.20),
    "claude-sonnet-5-5": Price(2, 10, 0.10),
    "claude-haiku-4-5": Price(1, 5, 0.10),
    "claude-haiku-4-5-20251001": Price(1, 5, 0.10),
}
# Claude Haiku 5.5: the whole request costs more when the prompt is longer than 100,000 tokens.
HAIKU_LIMIT = 100_000
HAIKU_SHORT, HAIKU_LONG = Price(0.10, 0.50, 0.01), Price(0.50, 2.50, 0.05)


def cost(model: str, usage: Usage) -> float | None:
    """Return what `usage` costs in US dollars, or None for a model that has no known price."""
    price = PRICES.get(model)
    if model == "claude-haiku-5-5":
        prompt = usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens
        price = HAIKU_LONG if prompt > HAIKU_LIMIT else HAIKU_SHORT
    if price is None:
        return None
    return (
        usage.input_tokens * price.input
        + usage.cache_write_tokens * price.input * 1.25
        + usage.cache_read_tokens * price.cache_read
        + usage.output_tokens * price.output
    ) / 1e6
