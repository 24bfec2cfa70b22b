"""Question/answer pairs that repeat each other: the question and the answer are compared apart.

In stages over plain arrays, which an engine may run one after the other or in many places:

  prepare      pairs to normal texts, band keys, thumbs and sizes; of any part of the pairs
  same_texts   which pairs have the very same texts: one of them stands for all
  edges_of     the pairs that agree in one band of the question, compared exactly
  decide       in the order of preference, which pairs are kept and which repeat one that is
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import Banded, Keys, banded, choose_bands, least_agreeing
from curation.near.candidates import Codes, agreeing, candidates, first_in_band, outside_hot, unique
from curation.near.comparing import compared_all
from curation.near.compiled import HAS_NUMBA
from curation.near.deciding import decided
from curation.near.differences import ANSWER_LEEWAY, guard_keys, tables
from curation.near.letters import fold_tables
from curation.near.same import first_pairs, first_places
from curation.near.signatures import Counts
from curation.near.texts import Texts, in_blocks

__all__ = [
    "ANSWER_VALUES",
    "Decision",
    "Edges",
    "Prepared",
    "all_edges",
    "arrays_of",
    "decide",
    "edges_of",
    "joined_edges",
    "limits_of",
    "prepare",
    "same_texts",
]

ANSWER_VALUES = 64  # of a signature that tell answers apart at a glance: half of them cost half and tell nearly as much
HOT = 1000  # pairs in one bucket that are candidates of each other; of more, only those that are kept are compared with
TOGETHER = 4  # bands whose keys are held side by side
LEAST = 256  # candidates for which another thread is worth its while
KEPT, EXACT, NEAR = 0, 1, 2
Shares = npt.NDArray[np.float64]
Limits = tuple[int, float, int, int, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Pairs, ready to be compared. The guard keys of the questions are salted into their band keys.

    `firsts`, where known: for each question and each answer the first that is the very same text.
    """

    questions: Texts
    answers: Texts
    asked: Banded
    answered: Banded
    guards: Keys
    firsts: tuple[Counts, Counts] | None = None

    def __len__(self) -> int:
        return len(self.questions)

    @classmethod
    def joined(cls, parts: Sequence[Prepared]) -> Prepared:
        """All pairs of these, in their order."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            questions=Texts.joined([part.questions for part in parts]),
            answers=Texts.joined([part.answers for part in parts]),
            asked=Banded.joined([part.asked for part in parts]),
            answered=Banded.joined([part.answered for part in parts]),
            guards=np.concatenate([part.guards for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs by number whose questions and answers are both similar and whose questions ask the same; each once.

    left, right       (n,) int64
    question, answer  (n,) float64, exact Jaccard similarities
    differs           (n,) int8, why the answers do not say the same, as curation.near.differences tells; 0: they do
    hot, starts       members of buckets that were too large to compare all with all, one bucket after the other
    bands             of which band each of these buckets is
    """

    left: Counts
    right: Counts
    question: Shares
    answer: Shares
    differs: npt.NDArray[np.int8]
    hot: Counts
    starts: Counts
    bands: Counts


@dataclass(frozen=True, slots=True)
class Decision:
    """For each pair, by number: what it repeats and how.

    kept_by           (n,) int64, the kept pair that it repeats; -1: it is kept itself
    rule              (n,) int8: KEPT, EXACT (the same normal texts) or NEAR
    question, answer  (n,) float64, its similarity to the kept pair's
    """

    kept_by: Counts
    rule: npt.NDArray[np.int8]
    question: Shares
    answer: Shares


def prepare(
    questions: Sequence[str], answers: Sequence[str], *, threshold: float, ngram: int, num_perm: int, threads: int = 1
) -> Prepared:
    """The normal texts of these pairs, those of marks only told apart, and what candidates are found by."""
    asked, answered = Texts.of(questions, threads, marks=True), Texts.of(answers, threads, marks=True)
    bands, rows = choose_bands(threshold, num_perm)
    sides = (asked, answered)
    found = in_blocks(lambda first, last: [_firsts(one) for one in sides[first:last]], len(sides), threads)
    firsts = [one for some in found for one in some]
    guards = guard_keys(asked.data, asked.starts, threads=threads, first=firsts[0])
    return Prepared(
        questions=asked,
        answers=answered,
        asked=banded(asked, ngram, num_perm, bands, rows, guards, threads, first=firsts[0]),
        answered=banded(answered, ngram, min(num_perm, ANSWER_VALUES), 0, rows, None, threads, first=firsts[1]),
        guards=guards,
        firsts=(firsts[0], firsts[1]) if HAS_NUMBA else None,
    )


def _firsts(texts: Texts) -> Counts:
    """For each text the first that is the very same: what is computed for that one holds for all of them."""
    if not HAS_NUMBA:
        return np.arange(len(texts))
    found: Counts = first_places(texts.data, texts.starts, texts.data, np.zeros_like(texts.starts))
    return found


def same_texts(prepared: Prepared) -> Counts:
    """For each pair the first one with the very same normal question and answer, (n,) int64."""
    both = prepared.questions, prepared.answers
    if not HAS_NUMBA:
        first: dict[tuple[str, str], int] = {}
        texts = ((both[0][n], both[1][n]) for n in range(len(prepared)))
        return np.array([first.setdefault(text, n) for n, text in enumerate(texts)], np.int64)
    result: Counts
    if prepared.firsts is None:
        result = first_places(both[0].data, both[0].starts, both[1].data, both[1].starts)
    else:
        result = first_pairs(*prepared.firsts)
    return result


def all_edges(
    prepared: Prepared, nodes: Counts, *, threshold: float, ngram: int, num_perm: int, hot: int = HOT, threads: int = 1
) -> Edges:
    """The edges between these pairs, ascending, in the order of `joined_edges` and the same.

    The candidates of all bands are brought together first, so each is compared once, and beside others of its left.
    """
    limits = limits_of(threshold, ngram, num_perm)

    def collected(first: int, last: int) -> tuple[Codes, list[tuple[Counts, Counts, Counts]]]:
        codes, found = np.zeros(0, np.uint64), []
        for start in range(first, last, TOGETHER):
            more, *buckets = _candidates(prepared, nodes, start, min(last, start + TOGETHER), limits, hot)
            codes = unique(np.concatenate([codes, more]))
            found.append(tuple(buckets))
        return codes, found

    parts = in_blocks(collected, prepared.asked.keys.shape[1], threads)
    codes = unique(np.concatenate([part[0] for part in parts]))
    buckets = [bucket for part in parts for bucket in part[1]]
    members, bands = np.concatenate([one[0] for one in buckets]), np.concatenate([one[2] for one in buckets])
    starts = _starts_of(np.concatenate([np.diff(one[1]) for one in buckets]))
    if len(bands):
        codes = codes[_outside_hot(prepared, codes, members, starts, bands)]

    def work(first: int, last: int) -> tuple[Any, ...]:
        return _compared(prepared, codes[first:last], limits)

    found = zip(*in_blocks(work, len(codes), threads, LEAST), strict=True)
    left, right, question, answer, differs = (np.concatenate(column) for column in found)
    return Edges(left, right, question, answer, differs, members, starts, bands)


def edges_of(
    prepared: Prepared, nodes: Counts, band: int, *, threshold: float, ngram: int, num_perm: int, hot: int = HOT
) -> Edges:
    """The edges between these pairs, ascending, that agree in this band of the question and in none before."""
    limits = limits_of(threshold, ngram, num_perm)
    codes, *buckets = _candidates(prepared, nodes, band, band + 1, limits, hot)
    codes = unique(codes)
    codes = codes[first_in_band(codes, prepared.asked.keys, band)]
    return Edges(*_compared(prepared, codes, limits), *buckets)


def joined_edges(parts: Sequence[Edges]) -> Edges:
    """All edges of these, in an order that does not depend on how they were divided."""
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Edges.__slots__[:6]]
    left, right, question, answer, differs, hot = columns
    order = np.lexsort((right, left))
    sizes = np.concatenate([np.diff(part.starts) for part in parts])
    starts = _starts_of(sizes)
    bands = np.concatenate([part.bands for part in parts])
    return Edges(left[order], right[order], question[order], answer[order], differs[order], hot, starts, bands)


def decide(
    prepared: Prepared,
    node: Counts,
    edges: Edges,
    order: Counts,
    *,
    threshold: float,
    ngram: int,
    num_perm: int,
    settled: npt.NDArray[np.bool_] | None = None,
    family: Counts | None = None,
) -> Decision:
    """Which pairs are kept, in the order of preference: the first that does not repeat a kept one is kept.

    No chains: what is removed is itself similar enough to the very pair that is kept in its place.

    node     (n,) int64, of `same_texts`
    order    (n,) int64, pairs by number, the preferred ones first
    settled  (n,) bool, pairs that are kept whatever they repeat; they have to come first in the order
    family   (n,) int64; pairs of one family are no copies of each other, but where their texts are the very same
    """
    count = len(prepared)
    settled = np.zeros(count, np.bool_) if settled is None else settled
    family = np.arange(count) if family is None else family
    right = edges.differs == 0
    right &= (edges.question >= threshold) & (edges.answer >= threshold)
    one, other = edges.left[right], edges.right[right]
    ends, near = np.concatenate([one, other]), np.concatenate([other, one])
    similar = np.concatenate([edges.question[right]] * 2), np.concatenate([edges.answer[right]] * 2)
    by_end = np.argsort(ends, kind="stable")
    starts = np.searchsorted(ends[by_end], np.arange(count + 1))
    beside = (starts, near[by_end], similar[0][by_end], similar[1][by_end])
    buckets = _buckets_of(edges, count)
    limits = limits_of(threshold, ngram, num_perm)
    arrays, fold = arrays_of(prepared), fold_tables("accents")
    with np.errstate(over="ignore"):
        result = decided(arrays, fold, tables(), node, order, beside, buckets, limits, settled, family)
    return Decision(*result)


def limits_of(threshold: float, ngram: int, num_perm: int) -> Limits:
    """What kernels compare pairs by: n-gram, threshold, in how many values the thumbs of two similar questions and
    of two similar answers agree at least, and how many words of an answer may stand in the place of others."""
    least = [least_agreeing(threshold, values) for values in (num_perm, min(num_perm, ANSWER_VALUES))]
    return ngram, threshold, least[0], least[1], ANSWER_LEEWAY


def arrays_of(prepared: Prepared) -> tuple[Any, ...]:
    asked, answered = prepared.asked, prepared.answered
    mine = (prepared.questions.data, prepared.questions.starts, asked.keys, asked.thumbs)
    return (*mine, prepared.answers.data, prepared.answers.starts, answered.thumbs)


def _candidates(prepared: Prepared, nodes: Counts, first: int, last: int, limits: Limits, hot: int) -> Any:
    keys, thumbs = prepared.asked.keys, prepared.answered.thumbs
    with np.errstate(over="ignore"):  # sums of hashes wrap around, where they are interpreted with a warning
        return candidates(keys, thumbs, nodes, first, last, 32 * thumbs.shape[1] - limits[3], hot)


def _compared(prepared: Prepared, codes: Codes, limits: Limits) -> tuple[Any, ...]:
    with np.errstate(over="ignore"):
        codes = codes[agreeing(codes, prepared.asked.thumbs, limits[2])]
        found: tuple[Any, ...] = compared_all(arrays_of(prepared), fold_tables("accents"), tables(), codes, limits)
    return found


def _outside_hot(prepared: Prepared, codes: Codes, members: Counts, starts: Counts, bands: Counts) -> Any:
    """Which candidates do not agree for the first time in one of these buckets."""
    rows, row_of = np.unique(members), np.full(len(prepared), -1, np.int64)
    row_of[rows] = np.arange(len(rows))
    is_hot = np.zeros((len(rows), prepared.asked.keys.shape[1]), np.bool_)
    is_hot[row_of[members], np.repeat(bands, np.diff(starts))] = True
    return outside_hot(codes, prepared.asked.keys, row_of, is_hot)


def _starts_of(sizes: Counts) -> Counts:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _buckets_of(edges: Edges, count: int) -> tuple[Counts, ...]:
    """The hot buckets of every pair, and room for the kept pairs of each bucket.

    (where a pair's begin, its buckets, where the room of a bucket begins, of which band it is, room)
    """
    bucket = np.repeat(np.arange(len(edges.starts) - 1), np.diff(edges.starts))
    by_member = np.argsort(edges.hot, kind="stable")
    starts = np.searchsorted(edges.hot[by_member], np.arange(count + 1))
    return starts, bucket[by_member], edges.starts, edges.bands, np.zeros(len(edges.hot), np.int64)
