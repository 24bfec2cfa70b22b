"""What calls cost: from the table [synthesis.prices] of tamiz.toml; what runs on this machine costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curation.synthesis.recipe import Ask
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["Price", "count_tokens", "dollars", "price_of", "tokens_of"]

BYTES_A_TOKEN = 3.2  # of Spanish and English prose in the common tokenisers it is 3.5 to 4.5: rather too many tokens
TOKENS_A_MESSAGE = 8  # the marks around it
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. `known` is False for a model that is not in the table."""

    input: float = 0.0
    output: float = 0.0
    known: bool = True

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (self.input * prompt_tokens + self.output * completion_tokens) / MILLION


def price_of(settings: SynthesisSettings, model: str, *, local: bool) -> Price:
    """The price of a model, by its name in the table."""
    listed = settings.prices.get(model)
    if listed is not None:
        return Price(listed.input, listed.output)
    return Price(known=local)


def tokens_of(texts: Iterable[str]) -> int:
    """About how many tokens texts are, rather too many than too few, without the model's tokeniser."""
    return sum(round(len(text.encode()) / BYTES_A_TOKEN) + TOKENS_A_MESSAGE for text in texts)


def count_tokens(ask: Ask) -> int:
    """About how many tokens a question is, with the schema that goes with it."""
    return tokens_of([*(turn.content + turn.tool_calls for turn in ask.messages), *map(str, (ask.schema, *ask.tools))])


def dollars(usd: float) -> str:
    """An amount for people: cents, and less than that where it is less than a dollar."""
    return f"${usd:,.2f}" if usd >= 1 or not usd else f"${usd:,.4f}"
