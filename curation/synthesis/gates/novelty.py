"""Whether a made pair is new: near no real pair, no other made one, and nothing of validation or test.

Candidates are found by MinHash, as those of `curation.near` are, and held to the exact similarity and to its guards:
two questions with another number are two questions. Of what is in validation or test, a question alone is enough, and
guards clear nothing: what is as near as that must not be trained on.

A rewording keeps the answer of the pair it was made from on purpose. It repeats that pair, and other rewordings of it,
only where its question is the very same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from curation.synthesis.gates.findings import Fault
from tamiz.records import Pair, SealedPair
from tamiz.settings import NearSettings

if TYPE_CHECKING:
    from curation.near.signatures import Counts

__all__ = ["Novelty"]

Part = Literal["held_out", "real", "made"]
Side = Literal["question", "answer"]
SHORTEST = 40  # letters of an answer that says enough to be told again; "Yes, it is free." is nobody's
BOILERPLATE = 10  # held-out questions with one answer, from which the answer tells nothing


@dataclass(slots=True)
class _Index:
    """The texts of one side of one part, by their bands."""

    near: NearSettings
    texts: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    buckets: defaultdict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, pairs: Sequence[Pair], texts: Sequence[str]) -> None:
        first = len(self.texts)
        self.texts += texts
        self.pairs += pairs
        for number, keys in enumerate(self._keys(texts), first):
            for band, key in enumerate(keys):
                self.buckets[band, key].append(number)

    def alike(self, text: str) -> Iterator[tuple[float, Pair, str]]:
        """The texts as similar as the threshold, with their pairs, in no order."""
        from curation.near.overlap import similarity

        if not text:
            return
        (keys,) = self._keys([text])
        for number in sorted({one for place in enumerate(keys) for one in self.buckets.get(place, ())}):
            share = similarity(text, self.texts[number], self.near.ngram)
            if share >= self.near.threshold:
                yield share, self.pairs[number], self.texts[number]

    def _keys(self, texts: Sequence[str]) -> list[list[int]]:
        import numpy as np

        from curation.near.bands import band_keys, choose_bands
        from curation.near.signatures import signatures
        from curation.near.texts import Texts

        bands, rows = choose_bands(self.near.threshold, self.near.num_perm)
        found = signatures(Texts.of(texts), self.near.ngram, self.near.num_perm)
        keys: Counts = band_keys(found, bands, rows, np.zeros(len(texts), np.uint32)).astype(np.int64)
        return [[int(key) for key in row] for row in keys]


class Novelty:
    """What made pairs must not repeat; `add` every one that is kept, so that the next is held against it too."""

    def __init__(self, near: NearSettings | None = None) -> None:
        self._near = near or NearSettings()
        self._sides: dict[tuple[Part, Side], _Index] = {}
        self._answers: defaultdict[str, set[str]] = defaultdict(set)

    @classmethod
    def of(cls, real: Iterable[Pair], held_out: Iterable[Pair], near: NearSettings | None = None) -> Novelty:
        """From the pairs of the training part, and those of validation and test."""
        novelty = cls(near)
        novelty.hold("real", list(real))
        novelty.hold("held_out", list(held_out))
        return novelty

    def hold(self, part: Part, pairs: Sequence[Pair]) -> None:
        """Know these pairs; sealed ones have no texts to repeat."""
        from curation.near.texts import normal

        kept = [pair for pair in pairs if not isinstance(pair, SealedPair)]
        if not kept:
            return
        for side in ("question", "answer"):
            index = self._sides.setdefault((part, side), _Index(self._near))
            index.add(kept, [normal(getattr(pair, side)) for pair in kept])
        if part == "held_out":
            for pair in kept:
                self._answers[normal(pair.answer)].add(normal(pair.question))

    def add(self, pair: Pair) -> None:
        """Know a made pair from now on."""
        self.hold("made", [pair])

    def repeated(self, pair: Pair, *, augmentation: bool = False) -> Iterator[Fault]:
        """What the pair repeats, the gravest first; an augmentation is near what it was made from on purpose."""
        from curation.near.texts import normal

        question, answer = normal(pair.question), normal(pair.answer)
        held = self._held_out(question, answer, pair)
        if held is not None:
            yield held
        parts: tuple[Part, ...] = ("real", "made")
        for part in parts:
            if fault := self._copy(part, question, answer, pair, augmentation):
                yield fault
                return
        if not augmentation and (fault := self._asked_again(question, answer, pair)):
            yield fault

    def _held_out(self, question: str, answer: str, pair: Pair) -> Fault | None:
        for share, other, _ in self._alike("held_out", "question", question):
            if other.id != pair.id:
                return _fault("held_out", "question", pair.question, other, share)
        if len(answer) < SHORTEST:
            return None
        for share, other, text in self._alike("held_out", "answer", answer):
            if other.id != pair.id and len(self._answers[text]) < BOILERPLATE:
                return _fault("held_out", "answer", pair.answer, other, share)
        return None

    def _copy(self, part: Part, question: str, answer: str, pair: Pair, augmentation: bool) -> Fault | None:
        """The pair that has both nearly the same question and nearly the same answer."""
        from curation.guards import ANSWER_LEEWAY, QUESTION_LEEWAY, explain_difference

        answers = {other.id: text for _, other, text in self._alike(part, "answer", answer)}
        for share, other, text in self._alike(part, "question", question):
            if other.id not in answers or other.id == pair.id or other.context != pair.context:
                continue
            if _kin(pair, other) and (augmentation or (answers[other.id] == answer and text != question)):
                continue
            differs = explain_difference(question, text, leeway=QUESTION_LEEWAY)
            if not differs and not explain_difference(answer, answers[other.id], leeway=ANSWER_LEEWAY):
                return _fault("near_duplicate", "", "", other, share)
        return None

    def _asked_again(self, question: str, answer: str, pair: Pair) -> Fault | None:
        from curation.guards import QUESTION_LEEWAY, explain_difference
        from curation.near.texts import normal

        for share, other, text in self._alike("made", "question", question):
            same = not explain_difference(question, text, leeway=QUESTION_LEEWAY)
            if other.id == pair.id or not same or other.context != pair.context:
                continue
            if not (_kin(pair, other) and text != question and normal(other.answer) == answer):
                return _fault("same_question_made", "question", pair.question, other, share)
        return None

    def _alike(self, part: Part, side: Side, text: str) -> Iterator[tuple[float, Pair, str]]:
        index = self._sides.get((part, side))
        if index is not None:
            yield from sorted(index.alike(text), key=lambda one: (-one[0], one[1].id))


def _kin(pair: Pair, other: Pair) -> bool:
    """Whether one was made from the other, or both from the same pair."""
    return other.id in pair.made_from or not set(pair.made_from).isdisjoint(other.made_from)


def _fault(kind: str, name: str, text: str, other: Pair, share: float) -> Fault:
    return Fault(kind=kind, field=name, start=0, end=len(text), confidence=round(share, 4), witness=other.id)
