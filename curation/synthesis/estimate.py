"""What a run will come to, before anything is sent: calls, tokens, and money where the price is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.synthesis.asking import Asker
from curation.synthesis.prices import Price, count_tokens
from curation.synthesis.recipe import Material
from tamiz.store import Store
from tamiz.synthledger import spent_by_recipe

__all__ = ["Estimate", "estimate_run"]

LOOKED_AT = 400  # materials whose questions are built to count them; the rest is taken to be like these
USUAL_SHARE = 0.5  # of the most tokens a reply may have, where nothing is known of the model's replies yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`calls` are those that have to be made; for `answered` materials the ledger has the reply. Tokens of replies are
    those likely and those at most; `usd` and `usd_most` go with them, None where the model has no price."""

    materials: int
    calls: int
    answered: int
    prompt_tokens: int
    completion_tokens: int
    completion_tokens_most: int
    usd: float | None
    usd_most: float | None

    def lines(self) -> list[str]:
        """For people."""
        if not self.calls:
            return [f"estimate: no call to make, {self.answered:,} answered already"]
        tokens = f"about {self.prompt_tokens:,} tokens out, {self.completion_tokens:,} back"
        price = "price unknown" if self.usd is None else f"about ${self.usd:,.2f}, at most ${self.usd_most:,.2f}"
        known = f" ({self.answered:,} answered already)" if self.answered else ""
        return [f"estimate: {self.calls:,} calls{known}, {tokens} (at most {self.completion_tokens_most:,}), {price}"]


def estimate_run(store: Store, asker: Asker, materials: Sequence[Material], price: Price) -> Estimate:
    """Build the questions of some materials and look which of them the ledger has answered."""
    step = max(1, len(materials) // LOOKED_AT)
    looked = materials[::step]
    calls = answered = prompt = most = 0
    for material in looked:
        state, ask = asker.outlook(material)
        answered += state == "answered"
        if ask is not None and state == "to ask":
            calls += 1
            prompt += count_tokens(ask)
            most += ask.max_tokens
    scale = len(materials) / len(looked) if looked else 0.0
    calls, answered, prompt, most = (round(scale * one) for one in (calls, answered, prompt, most))
    likely = round(most * _share(store, asker, calls, most))
    return Estimate(
        materials=len(materials),
        calls=calls,
        answered=answered,
        prompt_tokens=prompt,
        completion_tokens=likely,
        completion_tokens_most=most,
        usd=price.of(prompt, likely) if price.known else None,
        usd_most=price.of(prompt, most) if price.known else None,
    )


def _share(store: Store, asker: Asker, calls: int, most: int) -> float:
    """How much of the room for replies this model has used for this recipe so far."""
    for spent in spent_by_recipe(store):
        done = spent.ok + spent.failed
        if (spent.recipe, spent.model) == (asker.recipe.name, asker.provider.model) and done and calls:
            return min(1.0, spent.completion_tokens / done / (most / calls))
    return USUAL_SHARE
