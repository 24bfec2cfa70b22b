"""What a run will come to, before anything is sent: calls, tokens, and money where the price is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from curation.synthesis.prices import Price, count_tokens, dollars
from curation.synthesis.questions import longest_again
from curation.synthesis.recipe import Material
from curation.synthesis.standing import Outlook, Standing
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.synthledger import spent_by_recipe

__all__ = ["Estimate", "estimate_run"]

LOOKED_AT = 400  # materials whose questions are built to count them; the rest is taken to be like these
USUAL_SHARE = 0.5  # of the most tokens a reply may have, where nothing is known of the model's replies yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`calls` are those that have to be made; for `answered` materials the ledger has the reply. Those `_most` count
    one more for each call, as a reply that is no use is asked for once more. Tokens of replies are those likely and
    those at most; `usd` and `usd_most` go with them, None where the model has no price.

    All of that is what the whole would come to. `cap` is the limit that this run is likely to reach before its end, or
    may reach where `beyond` is 0, "" for none; `beyond` calls are then likely left for the next run.
    """

    materials: int
    calls: int
    calls_most: int
    answered: int
    prompt_tokens: int
    prompt_tokens_most: int
    completion_tokens: int
    completion_tokens_most: int
    usd: float | None
    usd_most: float | None
    cap: str = ""
    beyond: int = 0

    def lines(self) -> list[str]:
        """For people."""
        if not self.calls:
            return [f"estimate: no call to make, {self.answered:,} answered already"]
        known = f" ({self.answered:,} answered already)" if self.answered else ""
        price = "price unknown"
        if self.usd is not None and self.usd_most is not None:
            price = f"about {dollars(self.usd)}, at most {dollars(self.usd_most)}" if self.usd_most else "free"
        lines = [
            f"estimate: {self.calls:,} calls{known}, about {self.prompt_tokens:,} tokens out, "
            f"{self.completion_tokens:,} back, {price}",
            f"  at most {self.calls_most:,} calls, {self.prompt_tokens_most:,} tokens out, "
            f"{self.completion_tokens_most:,} back: a reply that is no use is asked for once more",
        ]
        if self.beyond:
            lines.append(
                f"  {self.cap} is enough for about {self.calls - self.beyond:,} of them; the other {self.beyond:,} "
                "get no call this time, and the same command goes on with them"
            )
        elif self.cap:
            lines.append(f"  {self.cap} may end it earlier; the same command goes on with what got no call")
        return lines


@dataclass(slots=True)
class _Sum:
    """Over the materials that were looked at. `room` is what first replies may use."""

    answered: int = 0
    calls: int = 0
    calls_most: int = 0
    prompt: int = 0
    prompt_most: int = 0
    room: int = 0
    room_most: int = 0

    def add(self, outlook: Outlook, lang: str) -> None:
        ask = outlook.ask
        self.answered += outlook.state == "answered"
        if ask is None or outlook.state != "to ask":
            return
        asks = [ask] if outlook.last else [ask, longest_again(ask, lang)]
        counts = [count_tokens(one) for one in asks]
        self.calls += 1
        self.calls_most += len(asks)
        self.prompt += counts[0]
        self.prompt_most += sum(counts)
        self.room += ask.max_tokens
        self.room_most += sum(one.max_tokens for one in asks)

    def times(self, scale: float) -> _Sum:
        return _Sum(**{one.name: round(scale * getattr(self, one.name)) for one in fields(self)})


def estimate_run(standing: Standing, materials: Sequence[Material], price: Price) -> Estimate:
    """Build the questions of some materials and look which of them the ledger has answered."""
    step = max(1, len(materials) // LOOKED_AT)
    looked = materials[::step]
    total = _Sum()
    for material in looked:
        total.add(standing.outlook(material), material.lang)
    total = total.times(len(materials) / len(looked) if looked else 0.0)
    likely = round(total.room * _share(standing, total))
    whole = {
        "calls": (total.calls, total.calls_most),
        "tokens": (total.prompt + likely, total.prompt_most + total.room_most),
        "usd": (price.of(total.prompt, likely), price.of(total.prompt_most, total.room_most)),
    }
    cap, beyond = _capped(standing.settings, whole, total.calls)
    return Estimate(
        materials=len(materials),
        calls=total.calls,
        calls_most=total.calls_most,
        answered=total.answered,
        prompt_tokens=total.prompt,
        prompt_tokens_most=total.prompt_most,
        completion_tokens=likely,
        completion_tokens_most=total.room_most,
        usd=whole["usd"][0] if price.known else None,
        usd_most=whole["usd"][1] if price.known else None,
        cap=cap,
        beyond=beyond,
    )


def _capped(settings: SynthesisSettings, whole: dict[str, tuple[float, float]], calls: int) -> tuple[str, int]:
    """The limit that is reached first, and for how many calls it is likely not enough."""
    cap, enough, may_reach = "", 1.0, 1.0
    for name, (likely, most) in whole.items():
        limit = getattr(settings, f"max_{name}")
        if not limit or most <= limit:
            continue
        here = limit / likely if likely else 1.0
        if (min(here, 1.0), limit / most) < (enough, may_reach) or not cap:
            cap, enough, may_reach = f"--max-{name} {limit:g}", min(here, 1.0), limit / most
    return cap, calls - int(calls * enough)


def _share(standing: Standing, total: _Sum) -> float:
    """How much of the room for replies this model has used for this recipe so far."""
    for spent in spent_by_recipe(standing.store):
        done = spent.ok + spent.failed
        if (spent.recipe, spent.model) == (standing.recipe.name, standing.provider.model) and done and total.calls:
            return min(1.0, spent.completion_tokens / done / (total.room / total.calls))
    return USUAL_SHARE
