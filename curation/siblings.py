"""How many test pairs have a sibling in train: what a random split gives away, and what ours does.

A sibling is a pair that shares a page, a thread, an origin or nearly the same question or answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.ties import Ties
from tamiz.records import Split
from tamiz.wording import plural

__all__ = ["Siblings", "count_siblings", "with_sibling"]

RANDOM_SPLITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """Of `test` pairs, how many have a sibling in train: here, and on average in random splits of the same sizes."""

    test: int = 0
    ours: int = 0
    random: float = 0.0
    random_splits: int = RANDOM_SPLITS

    def lines(self) -> tuple[str, ...]:
        """The comparison, for people."""
        if not self.test:
            return ("there is no test pair to compare with a random split",)
        share = f"{self.random / self.test:.0%}"
        here = f"{self.ours:,} of {plural(self.test, 'test pair')} have a sibling in train"
        return (f"{here}; in a random split of the same pairs {self.random:,.1f} ({share})",)


def count_siblings(ties: Ties, where: Mapping[int, Split], seed: int) -> Siblings:
    """The comparison for the pairs at these places."""
    places = sorted(where, key=ties.ids.__getitem__)
    parts = [where[place] for place in places]
    test = parts.count("test")
    if not test:
        return Siblings()
    leaked = []
    for number in range(RANDOM_SPLITS):
        random.Random(f"{seed} {number}").shuffle(parts)  # noqa: S311  not a secret
        leaked.append(with_sibling(ties, places, parts))
    ours = with_sibling(ties, places, [where[place] for place in places])
    return Siblings(test=test, ours=ours, random=sum(leaked) / RANDOM_SPLITS)


def with_sibling(ties: Ties, places: Sequence[int], parts: Sequence[Split]) -> int:
    """How many pairs of the test share a tie, or nearly the same text, with a pair of train."""
    train = {tie for place, part in zip(places, parts, strict=True) if part == "train" for tie in ties.of[place]}
    tested = (place for place, part in zip(places, parts, strict=True) if part == "test")
    return sum(
        any(tie in train or not train.isdisjoint(ties.near.get(tie, ())) for tie in ties.of[place]) for place in tested
    )
