"""What dominates, by stated limits: a fact to look at, not a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from curation.balance.count import Balance, Dimension, Topic

__all__ = ["LEAST_PAIRS", "LIMITS", "Dominant", "dominants"]

# From which share on a value is told to dominate.
LIMITS = {
    "source": 0.5,
    "label": 0.5,
    "language": 0.8,
    "kind": 0.8,
    "author": 0.2,
    "region": 0.7,
    "treatment": 0.7,
    "gender": 0.7,
}
MIXED = 0.1  # share of the answers that address the reader in two ways that do not go together
LEAST_PAIRS = 20  # that a share is taken of; of fewer it says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Dominant:
    """`pairs` of `of` have the value `name` of `topic`, which is at least the limit. `language` where it is one's.

    Of regions and genders `of` counts the pairs that have a word of the topic, of treatment the answers.
    """

    topic: str
    name: str
    pairs: int
    of: int
    limit: float
    language: str = ""

    @property
    def share(self) -> float:
        return self.pairs / self.of


def dominants(balance: Balance) -> tuple[Dominant, ...]:
    """All that dominates, in the order of the report."""
    found = [*(one for name in balance.dimensions for one in _of_dimension(name))]
    found += [one for topic in balance.topics for one in _of_topic(topic)]
    return tuple(found)


def _of_dimension(dimension: Dimension) -> Iterator[Dominant]:
    limit = LIMITS[dimension.name]
    if dimension.pairs >= LEAST_PAIRS and dimension.top_share >= limit:
        name, count = next(iter(dimension.values.items()))
        yield Dominant(topic=dimension.name, name=name, pairs=count, of=dimension.pairs, limit=limit)


def _of_topic(topic: Topic) -> Iterator[Dominant]:
    answers = topic.name == "treatment"
    of = topic.any.answers if answers else topic.any.pairs
    if topic.name not in LIMITS or of < LEAST_PAIRS:
        return
    counts = {name: use.answers if answers else use.pairs for name, use in topic.groups.items()}
    mixed = counts.pop("mixed", 0)
    name = max(counts, key=lambda one: counts[one])
    if counts[name] >= LIMITS[topic.name] * of:
        yield _dominant(topic, name, counts[name], of, LIMITS[topic.name])
    if mixed >= MIXED * of:
        yield _dominant(topic, "mixed", mixed, of, MIXED)


def _dominant(topic: Topic, name: str, pairs: int, of: int, limit: float) -> Dominant:
    return Dominant(topic=topic.name, name=name, pairs=pairs, of=of, limit=limit, language=topic.language)
