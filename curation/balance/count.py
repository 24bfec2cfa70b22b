"""One pass over pairs, and what it counted. Every share has its denominator beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from curation.balance.terms import LANGUAGES, TOPICS, Found, groups, terms_in
from tamiz.records import Pair

__all__ = ["DIMENSIONS", "Balance", "Dimension", "Lengths", "Topic", "Use", "balance_of"]

DIMENSIONS = ("source", "label", "language", "kind", "author")
MOST_VALUES = 40  # of a dimension that are kept by name
MOST_EXAMPLES = 6
FIELDS = ("question", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """How the pairs that have a value are spread over the values.

    `values` are the most frequent ones, first the most frequent; `distinct` counts all. `effective` is how many
    equally frequent values would be spread the same (2 to the power of `entropy`, in bits).
    """

    name: str
    pairs: int
    without: int
    distinct: int
    values: dict[str, int]
    entropy: float
    effective: float

    @property
    def top_share(self) -> float:
        return next(iter(self.values.values()), 0) / self.pairs if self.pairs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """In how many questions, answers and pairs a group's words stand; `examples` are words with their pairs."""

    questions: int
    answers: int
    pairs: int
    examples: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The groups of one topic in the pairs of one language. `pairs` of them were looked at."""

    name: str
    language: str
    pairs: int
    any: Use
    groups: dict[str, Use]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths of one field in characters."""

    field: str
    texts: int
    least: int
    tenth: int
    median: int
    ninetieth: int
    most: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was counted in these pairs. `unread` counts pairs in languages for which there are no words."""

    pairs: int
    unread: int
    dimensions: tuple[Dimension, ...]
    topics: tuple[Topic, ...]
    lengths: tuple[Lengths, ...]


def balance_of(pairs: Iterable[Pair]) -> Balance:
    """Count what these pairs are and how they speak; each pair is looked at once and not kept."""
    count = _Count()
    for pair in pairs:
        count.add(pair)
    return Balance(
        pairs=count.pairs,
        unread=count.pairs - sum(count.read.values()),
        dimensions=tuple(_dimension(name, count.values[name], count.pairs) for name in DIMENSIONS),
        topics=tuple(
            count.topic(name, lang) for lang in LANGUAGES for name in TOPICS if count.read[lang] and groups(name, lang)
        ),
        lengths=tuple(_lengths(name, count.sizes[name]) for name in FIELDS) if count.pairs else (),
    )


@dataclass(slots=True)
class _Count:
    pairs: int = 0
    read: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in DIMENSIONS})
    sizes: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in FIELDS})
    uses: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # language, topic, group ("": any), where
    terms: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)

    def add(self, pair: Pair) -> None:
        self.pairs += 1
        value = {"source": pair.source, "label": pair.label, "language": pair.lang, "kind": pair.kind}
        for name, one in (value | {"author": pair.author}).items():
            self.values[name][one] += 1
        self.sizes["question"][len(pair.question)] += 1
        self.sizes["answer"][len(pair.answer)] += 1
        if pair.lang in LANGUAGES:
            self.read[pair.lang] += 1
            self._add_terms(pair.lang, terms_in(pair.question, pair.lang), terms_in(pair.answer, pair.lang))

    def _add_terms(self, lang: str, question: Found, answer: Found) -> None:
        for where, found in (("questions", question), ("answers", answer), ("pairs", {**question, **answer})):
            for topic in {topic for topic, _ in found}:
                self.uses[lang, topic, "", where] += 1
            for topic, group in found:
                self.uses[lang, topic, group, where] += 1
        for place in {**question, **answer}:
            both = question.get(place, set()) | answer.get(place, set())
            self.terms.setdefault((lang, *place), Counter()).update(both)

    def topic(self, name: str, lang: str) -> Topic:
        uses = {group: self._use(lang, name, group) for group in groups(name, lang)}
        return Topic(name=name, language=lang, pairs=self.read[lang], any=self._use(lang, name, ""), groups=uses)

    def _use(self, lang: str, topic: str, group: str) -> Use:
        questions, answers, pairs = (
            self.uses[lang, topic, group, where] for where in ("questions", "answers", "pairs")
        )
        examples = dict(_by_count(self.terms.get((lang, topic, group), {}))[:MOST_EXAMPLES])
        return Use(questions=questions, answers=answers, pairs=pairs, examples=examples)


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _dimension(name: str, counts: Counter[str], pairs: int) -> Dimension:
    """The spread; who wrote is counted, and not named even by the hash."""
    without = counts.pop("", 0)
    known = pairs - without
    ordered = _by_count(counts)
    entropy = -sum(n / known * math.log2(n / known) for _, n in ordered) + 0.0
    if name == "author":
        ordered = [(f"author {place}", n) for place, (_, n) in enumerate(ordered, 1)]
    return Dimension(
        name=name,
        pairs=known,
        without=without,
        distinct=len(ordered),
        values=dict(ordered[:MOST_VALUES]),
        entropy=round(entropy, 4),
        effective=round(2**entropy, 2) if ordered else 0.0,
    )


def _lengths(name: str, sizes: Counter[int]) -> Lengths:
    texts, ordered = sizes.total(), sorted(sizes)

    def at(share: float) -> int:
        """The least length that so large a share of the texts does not exceed."""
        seen = 0
        for size in ordered:
            seen += sizes[size]
            if seen >= share * texts:
                return size
        return ordered[-1]

    return Lengths(
        field=name,
        texts=texts,
        least=ordered[0],
        tenth=at(0.1),
        median=at(0.5),
        ninetieth=at(0.9),
        most=ordered[-1],
        mean=round(sum(size * n for size, n in sizes.items()) / texts, 1),
    )
