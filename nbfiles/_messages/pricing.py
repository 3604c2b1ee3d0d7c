"""What tokens cost, in one dated table; a model that is not in it costs "unknown", never a wrong number."""

from __future__ import annotations

from typing import NamedTuple

from nbfiles._messages.answer import Usage

AS_OF = "2026-11-20"  # list prices of the Claude API on this day, standard tier, without batch discount
SOURCE = "Anthropic's public price list"
CACHE_WRITE = 1.25  # times the input price, for the cache of five minutes


class Price(NamedTuple):
    """US dollars for a million tokens; writing to the 5-minute cache costs CACHE_WRITE times the input.

    `cache_read` is None where the source does not tell.
    """

    input: float
    output: float
    cache_read: float | None


class Cost(NamedTuple):
    """US dollars, by kind of token. What the API does not report, such as container time, is not in it."""

    input: float = 0.0
    cache_write: float = 0.0
    cache_read: float = 0.0
    output: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)


PRICES = {
    "claude-fable-5-2": Price(8, 40, None),
    "claude-opus-5-5": Price(4, 20, 0.20),
    "claude-sonnet-5-5": Price(2, 10, 0.10),
    "claude-haiku-4-5": Price(1, 5, 0.10),
    "claude-haiku-4-5-20251001": Price(1, 5, 0.10),
    "claude-opus-4-5": Price(5, 25, 0.50),
    "claude-opus-4-5-20251101": Price(5, 25, 0.50),
    "claude-sonnet-4-5": Price(3, 15, 0.30),
    "claude-sonnet-4-5-20250929": Price(3, 15, 0.30),
}
# Claude Haiku 5.5: the whole request costs more when the prompt is longer than 100,000 tokens.
HAIKU_LIMIT = 100_000
HAIKU_SHORT, HAIKU_LONG = Price(0.10, 0.50, 0.01), Price(0.50, 2.50, 0.05)


def listed(model: str) -> str:
    """Return the prices of a model per million tokens, in and out, in words."""
    prices = [HAIKU_SHORT, HAIKU_LONG] if model == "claude-haiku-5-5" else [PRICES[model]] if model in PRICES else []
    return (
        ", long prompts ".join(f"{_dollars(price.input)} / {_dollars(price.output)}" for price in prices) or "not known"
    )


def _dollars(amount: float) -> str:
    return f"${amount:g}" if amount == int(amount) else f"${amount:.2f}"


def split(model: str, usage: Usage) -> Cost | None:
    """Return what `usage` costs by kind of token, or None where a price is not known."""
    price = PRICES.get(model)
    if model == "claude-haiku-5-5":
        price = HAIKU_LONG if usage.total_in > HAIKU_LIMIT else HAIKU_SHORT
    if price is None or (price.cache_read is None and usage.cache_read_tokens):
        return None
    return Cost(
        usage.input_tokens * price.input / 1e6,
        usage.cache_write_tokens * price.input * CACHE_WRITE / 1e6,
        usage.cache_read_tokens * (price.cache_read or 0.0) / 1e6,
        usage.output_tokens * price.output / 1e6,
    )


def cost(model: str, usage: Usage) -> float | None:
    """Return what `usage` costs in US dollars, or None where a price is not known."""
    parts = split(model, usage)
    return None if parts is None else parts.total
