"""Questions that are asked again among the kept pairs, and answered another way: for people to look at.

Of every pair the most preferred other one is told that asks the same before it, and no more than one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.duplicates import Duplicates
from curation.guards import QUESTION_LEEWAY, REPLACED, SAME, difference, new_scratch, qualified, tables
from curation.near.join import similar_components
from curation.near.overlap import similarities
from curation.near.signatures import Counts

__all__ = ["Reasked", "find_reasked"]

MOST = 64  # the preferred questions that others are compared with, where very many are connected


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasked:
    """Pair number `pair` asks what pair number `other` asks, which is preferred; similarities are shares.

    `opposed`: the answers are alike, but not in a number, a negation, an opposite or what stands where.
    """

    pair: int
    other: int
    question: float
    answer: float
    opposed: bool


def find_reasked(found: Duplicates) -> list[Reasked]:
    """What is asked again among the kept pairs, in their order; nothing is said of settled ones.

    Questions count as the same where they are as similar as the threshold and no guard objects. Each is compared
    with at most MOST others that it is connected with by similar ones, the preferred.
    """
    kept = _Kept.of(found)
    opposed = _opposed(found, kept)
    same = _same_questions(kept, opposed)
    same |= {pair: other for pair, other in _similar_questions(found, kept) if pair not in opposed and pair not in same}
    one, other = _columns(same)
    asked = similarities(found.prepared.questions, one, other, found.near.ngram).tolist()
    told = similarities(found.prepared.answers, one, other, found.near.ngram).tolist()
    told_of = zip(same.items(), asked, told, strict=True)
    reasked = {
        pair: Reasked(pair=pair, other=other, question=question, answer=answer, opposed=False)
        for (pair, other), question, answer in told_of
    }
    return [(opposed | reasked)[pair] for pair in sorted(opposed | reasked)]


def _columns(pairs: dict[int, int]) -> tuple[Counts, Counts]:
    return np.array(list(pairs), np.int64), np.array(list(pairs.values()), np.int64)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The kept pairs, the preferred first, by the question they ask.

    place            (n,) int64, of every pair in the order of preference
    family           (n,) int64
    settled          (n,) bool
    asking           the kept pairs of every different question, the preferred first
    """

    place: Counts
    family: Counts
    settled: npt.NDArray[np.bool_]
    asking: list[list[int]]

    @classmethod
    def of(cls, found: Duplicates) -> _Kept:
        count = len(found.order)
        place = np.empty(count, np.int64)
        place[found.order] = np.arange(count)
        data, starts = memoryview(found.prepared.questions.data), found.prepared.questions.starts.tolist()  # type: ignore[arg-type]
        asking: dict[bytes, list[int]] = {}
        for pair in found.order[found.kept[found.order]].tolist():
            asking.setdefault(data[starts[pair] : starts[pair + 1]].tobytes(), []).append(pair)
        return cls(
            place=place,
            family=np.arange(count) if found.family is None else found.family,
            settled=np.zeros(count, np.bool_) if found.settled is None else found.settled,
            asking=[pairs for question, pairs in asking.items() if question],
        )


def _opposed(found: Duplicates, kept: _Kept) -> dict[int, Reasked]:
    """Pairs whose questions and answers are both alike, and whose answers contradict each other."""
    edges, preferred = found.edges, found.order[found.kept[found.order]]
    stands = np.full(len(found.order), -1, np.int64)
    stands[found.node[preferred[::-1]]] = preferred[::-1]  # of the very same texts: the pair that is kept
    one, other = stands[edges.left], stands[edges.right]
    chosen = (edges.differs != SAME) & (edges.differs != REPLACED) & (one >= 0) & (other >= 0)
    chosen &= kept.family[one] != kept.family[other]
    one, other = one[chosen], other[chosen]
    before = kept.place[one] < kept.place[other]
    pair, witness = np.where(before, other, one), np.where(before, one, other)
    opposed: dict[int, Reasked] = {}
    for n in np.lexsort((kept.place[witness], pair)).tolist():
        if not kept.settled[pair[n]] and int(pair[n]) not in opposed:
            opposed[int(pair[n])] = Reasked(
                pair=int(pair[n]),
                other=int(witness[n]),
                question=float(edges.question[chosen][n]),
                answer=float(edges.answer[chosen][n]),
                opposed=True,
            )
    return opposed


def _same_questions(kept: _Kept, opposed: dict[int, Reasked]) -> dict[int, int]:
    """Of pairs with the very same question the preferred one that is of another family."""
    same: dict[int, int] = {}
    for pairs in kept.asking:
        first = pairs[0]
        second = next((pair for pair in pairs if kept.family[pair] != kept.family[first]), None)
        for pair in pairs[1:]:
            other = first if kept.family[pair] != kept.family[first] else second
            stands_before = other is not None and kept.place[other] < kept.place[pair]
            if other is not None and stands_before and not kept.settled[pair] and pair not in opposed:
                same[pair] = other
    return same


def _similar_questions(found: Duplicates, kept: _Kept) -> Iterator[tuple[int, int]]:
    """Of different questions that are similar and ask the same: the pair and the preferred other one.

    Questions that are connected are compared with the most preferred one of them, those left with the next, and so on.
    """
    if len(kept.asking) < 2:
        return
    asking = np.array([pairs[0] for pairs in kept.asking], np.int64)
    near, texts = found.near, found.prepared.questions
    component = similar_components(
        texts.take(asking), near.threshold, ngram=near.ngram, num_perm=near.num_perm, threads=os.cpu_count() or 1
    )
    guards = found.prepared.guards[asking]
    order = np.lexsort((kept.place[asking], guards, component))
    component, guards, members = component[order], guards[order], asking[order]
    starts = np.flatnonzero(np.r_[True, (component[1:] != component[:-1]) | (guards[1:] != guards[:-1])])
    group = np.cumsum(np.isin(np.arange(len(members)), starts)) - 1
    within = np.arange(len(members)) - starts[group]
    waiting = ~kept.settled[members]
    may_ask_the_same = _Guards(found)
    for turn in range(MOST):
        later = np.flatnonzero(waiting & (within > turn))
        if not len(later):
            return
        other = members[starts[group[later]] + turn]
        alike = similarities(texts, other, members[later], near.ngram)
        alike[kept.family[other] == kept.family[members[later]]] = 0.0
        for n in np.flatnonzero(alike >= near.threshold).tolist():
            if may_ask_the_same(int(members[later[n]]), int(other[n])):
                waiting[later[n]] = False
                yield int(members[later[n]]), int(other[n])


class _Guards:
    """Whether two pairs' questions say the same, but for their letters."""

    def __init__(self, found: Duplicates) -> None:
        self._questions, self._answers = found.prepared.questions, found.prepared.answers
        self._tables, self._scratch = tables(), new_scratch()

    def __call__(self, one: int, other: int) -> bool:
        one, other = min(one, other), max(one, other)
        data, (first, end1, second, end2) = self._questions.data, _spans(self._questions.starts, one, other)
        words: Any = self._tables
        if difference(data, first, end1, second, end2, QUESTION_LEEWAY, words, self._scratch) != SAME:
            return False
        asked, told = (first, end1, second, end2), _spans(self._answers.starts, one, other)
        return not qualified(data, asked, self._answers.data, told, words, self._scratch)


def _spans(starts: Counts, one: int, other: int) -> tuple[int, int, int, int]:
    return int(starts[one]), int(starts[one + 1]), int(starts[other]), int(starts[other + 1])
