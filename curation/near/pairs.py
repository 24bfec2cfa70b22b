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

from curation.near.bands import (
    Banded,
    Keys,
    agree,
    banded,
    bucket_planes,
    choose_bands,
    first_shared,
    least_agreeing,
    ordered,
    values_apart,
)
from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.differences import (
    ANSWER_LEEWAY,
    OTHER_QUESTION,
    difference_of_pairs,
    guard_keys,
    new_scratch,
    tables,
)
from curation.near.join import grown
from curation.near.overlap import hold, long_similarity, most_missing, scratch, share_and_size
from curation.near.signatures import Counts
from curation.near.texts import Texts, fold_tables

__all__ = [
    "ANSWER_VALUES",
    "Decision",
    "Edges",
    "Prepared",
    "decide",
    "edges_of",
    "joined_edges",
    "limits_of",
    "prepare",
    "same_texts",
]

ANSWER_VALUES = 64  # of a signature that tell answers apart at a glance: half of them cost half and tell nearly as much
HOT = 1000  # pairs in one bucket; in larger ones only those that are kept are compared with
KEPT, EXACT, NEAR = 0, 1, 2
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Pairs, ready to be compared. The guard keys of the questions are salted into their band keys."""

    questions: Texts
    answers: Texts
    asked: Banded
    answered: Banded
    guards: Keys

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
    """The normal texts of these pairs and what candidates are found by."""
    asked, answered = Texts.of(questions, threads), Texts.of(answers, threads)
    guards = guard_keys(asked.data, asked.starts)
    bands, rows = choose_bands(threshold, num_perm)
    return Prepared(
        questions=asked,
        answers=answered,
        asked=banded(asked, ngram, num_perm, bands, rows, guards, threads),
        answered=banded(answered, ngram, min(num_perm, ANSWER_VALUES), 0, rows, None, threads),
        guards=guards,
    )


def same_texts(prepared: Prepared) -> Counts:
    """For each pair the first one with the very same normal question and answer, (n,) int64."""
    both = prepared.questions, prepared.answers
    if not HAS_NUMBA:
        first: dict[tuple[str, str], int] = {}
        texts = ((both[0][n], both[1][n]) for n in range(len(prepared)))
        return np.array([first.setdefault(text, n) for n, text in enumerate(texts)], np.int64)
    keys = _content_keys(both[0].data, both[0].starts, both[1].data, both[1].starts)
    order = np.argsort(keys, kind="stable")
    result: Counts = _same_texts(both[0].data, both[0].starts, both[1].data, both[1].starts, keys, order)
    return result


def edges_of(
    prepared: Prepared, nodes: Counts, band: int, *, threshold: float, ngram: int, num_perm: int, hot: int = HOT
) -> Edges:
    """The edges between these pairs that agree in this band of the question and in none before."""
    places, in_order = ordered(prepared.asked.keys[nodes, band])
    order = nodes[places]  # ascending in every bucket
    limits = limits_of(threshold, ngram, num_perm)
    with np.errstate(over="ignore"):  # sums of hashes wrap around, where they are interpreted with a warning
        found = _edges_of_band(_arrays(prepared), fold_tables("accents"), tables(), order, in_order, band, limits, hot)
    return Edges(*found)


def joined_edges(parts: Sequence[Edges]) -> Edges:
    """All edges of these, in an order that does not depend on how they were divided."""
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Edges.__slots__[:6]]
    left, right, question, answer, differs, hot = columns
    order = np.lexsort((right, left))
    sizes = np.concatenate([np.diff(part.starts) for part in parts])
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
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
    arrays, fold = _arrays(prepared), fold_tables("accents")
    with np.errstate(over="ignore"):
        result = _decide(arrays, fold, tables(), node, order, beside, buckets, limits, settled, family)
    return Decision(*result)


def limits_of(threshold: float, ngram: int, num_perm: int) -> tuple[int, float, int, int, int]:
    """What kernels compare pairs by: n-gram, threshold, in how many values the thumbs of two similar questions and
    of two similar answers agree at least, and how many words of an answer may stand in the place of others."""
    least = [least_agreeing(threshold, values) for values in (num_perm, min(num_perm, ANSWER_VALUES))]
    return ngram, threshold, least[0], least[1], ANSWER_LEEWAY


def _arrays(prepared: Prepared) -> tuple[Any, ...]:
    asked, answered = prepared.asked, prepared.answered
    mine = (prepared.questions.data, prepared.questions.starts, asked.keys, asked.thumbs)
    return (*mine, prepared.answers.data, prepared.answers.starts, answered.thumbs)


def _buckets_of(edges: Edges, count: int) -> tuple[Counts, ...]:
    """The hot buckets of every pair, and room for the kept pairs of each bucket.

    (where a pair's begin, its buckets, where the room of a bucket begins, of which band it is, room)
    """
    bucket = np.repeat(np.arange(len(edges.starts) - 1), np.diff(edges.starts))
    by_member = np.argsort(edges.hot, kind="stable")
    starts = np.searchsorted(edges.hot[by_member], np.arange(count + 1))
    return starts, bucket[by_member], edges.starts, edges.bands, np.zeros(len(edges.hot), np.int64)


@compiled
def _content_keys(data1: Any, starts1: Any, data2: Any, starts2: Any) -> Any:
    keys = np.empty(len(starts1) - 1, np.uint64)
    for n in range(len(keys)):
        asked = _content_key(data1, starts1[n], starts1[n + 1], np.uint64(1469598103934665603))
        keys[n] = _content_key(data2, starts2[n], starts2[n + 1], asked)
    return keys


@compiled
def _content_key(data: Any, begin: int, end: int, value: Any) -> Any:
    """Eight bytes at a time."""
    source = data[begin:end]
    value ^= np.uint64(len(source)) << np.uint64(40)
    at = 0
    while at < len(source):
        word = np.uint64(0)
        for n in range(min(8, len(source) - at)):
            word |= np.uint64(source[at + n]) << np.uint64(8 * n)
        value = (value ^ word) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
        at += 8
    return value


@compiled
def _same_bytes(data: Any, starts: Any, one: int, other: int) -> bool:
    size = starts[one + 1] - starts[one]
    if starts[other + 1] - starts[other] != size:
        return False
    at = 0
    while at < size and data[starts[one] + at] == data[starts[other] + at]:
        at += 1
    return bool(at == size)


@compiled
def _same_texts(data1: Any, starts1: Any, data2: Any, starts2: Any, keys: Any, order: Any) -> Any:
    node = np.arange(len(keys))
    for place in range(1, len(order)):
        back = place - 1
        while back >= 0 and keys[order[back]] == keys[order[place]]:
            other = node[order[back]]  # nearly always the first: two texts rarely have one key
            if _same_bytes(data1, starts1, order[place], other) and _same_bytes(data2, starts2, order[place], other):
                node[order[place]] = other
                break
            back -= 1
    return node


@compiled
def _sets() -> Any:
    """Scratch for two questions and two answers."""
    return (scratch(), scratch()), (scratch(), scratch())


@compiled
def _nothing_held() -> Any:
    states = np.zeros((2, 4), np.int64)
    for turn in range(2):  # a slice would compile numba's messages about shapes with it
        states[turn, 0] = -1
    return states


@compiled
def _overlap(data: Any, starts: Any, i: int, j: int, fold: Any, limits: Any, held: Any, state: Any, turn: int) -> float:
    """The similarity of texts i and j; 0 where it is below the threshold. The set of i is held from call to call.

    held   scratch for the set of i and for that of j
    state  (4,) int64: the text that is held, its size, its mask, its stamp
    """
    ngram, threshold = limits[0], limits[1]
    if _same_bytes(data, starts, i, j):  # most copies were changed in one of their two texts
        return 1.0
    if state[0] != i:
        state[3] += 1
        state[1], state[2] = hold(data, starts[i], starts[i + 1], ngram, fold[0], fold[1], held[0], state[3])
        state[0] = i
    begin, end, size = starts[j], starts[j + 1], state[1]
    both, others = -1, 0
    if size >= 0:
        missing = most_missing(size, end - begin + 2, threshold)
        both, others = share_and_size(
            data, begin, end, ngram, fold[0], fold[1], held[0], state[3], state[2], held[1], turn, missing
        )
    if both >= 0:
        alike = both / (size + others)
    else:
        alike = long_similarity(data, starts[i], starts[i + 1], begin, end, ngram, fold[0], fold[1])
    return alike if alike >= threshold else 0.0


@compiled
def _may_repeat(arrays: Any, i: int, j: int, limits: Any) -> bool:
    """Whether a rough look leaves it open that j repeats i."""
    # the answers first: the questions in one bucket are mostly similar
    return bool(agree(arrays[6], i, j) >= limits[3] and agree(arrays[3], i, j) >= limits[2])


@compiled
def _compared(
    arrays: Any, fold: Any, words: Any, i: int, j: int, limits: Any, helds: Any, states: Any, turn: int, room: Any
) -> tuple[float, float, int]:
    """Both similarities and why the answers differ; (0, 0, 0) where this is no edge."""
    data1, starts1, data2, starts2 = arrays[0], arrays[1], arrays[4], arrays[5]
    question = _overlap(data1, starts1, i, j, fold, limits, helds[0], states[0], turn)
    if question == 0.0:
        return 0.0, 0.0, 0
    answer = _overlap(data2, starts2, i, j, fold, limits, helds[1], states[1], turn)
    if answer == 0.0:
        return 0.0, 0.0, 0
    i, j = min(i, j), max(i, j)
    asked = (starts1[i], starts1[i + 1], starts1[j], starts1[j + 1])
    told = (starts2[i], starts2[i + 1], starts2[j], starts2[j + 1])
    why = difference_of_pairs(data1, asked, data2, told, limits[4], words, room)
    if why == OTHER_QUESTION:
        return 0.0, 0.0, 0
    return question, answer, why


@compiled
def _edges_of_band(
    arrays: Any, fold: Any, words: Any, order: Any, in_order: Any, band: int, limits: Any, hot_size: int
) -> Any:
    keys, thumbs = arrays[2], arrays[6]  # the questions in one bucket are mostly similar: the answers tell more
    apart, planes = np.empty(64, np.int64), np.empty((thumbs.shape[1], 64), np.uint64)
    most = 32 * thumbs.shape[1] - limits[3]
    helds, states, room = _sets(), _nothing_held(), new_scratch()
    left, right, differs = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int8)
    questions, answers = np.empty(64, np.float64), np.empty(64, np.float64)
    hot, starts, bands = np.empty(64, np.int64), np.zeros(64, np.int64), np.empty(64, np.int64)
    found, members, buckets, turn, first = 0, 0, 0, 0, 0
    while first < len(order):
        last = first + 1
        while last < len(order) and in_order[last] == in_order[first]:
            last += 1
        if last - first > hot_size:
            for x in range(first, last):
                hot = grown(hot, members)
                hot[members] = order[x]
                members += 1
            bands = grown(bands, buckets)
            bands[buckets] = band
            buckets += 1
            starts = grown(starts, buckets)
            starts[buckets] = members
            first = last
            continue
        if last - first > 1:
            planes = bucket_planes(thumbs, order, first, last, planes)
            apart = apart if len(apart) == planes.shape[1] else np.empty(planes.shape[1], np.int64)
        for x in range(last - first - 1):
            values_apart(planes, x, last - first, apart)
            for y in range(x + 1, last - first):
                if apart[y] > most:
                    continue
                i, j = order[first + x], order[first + y]
                if first_shared(keys, i, j) != band or agree(arrays[3], i, j) < limits[2]:
                    continue
                turn += 1
                question, answer, why = _compared(arrays, fold, words, i, j, limits, helds, states, turn, room)
                if question > 0.0:
                    left, right, differs = grown(left, found), grown(right, found), grown(differs, found)
                    questions, answers = grown(questions, found), grown(answers, found)
                    left[found], right[found], differs[found] = i, j, why
                    questions[found], answers[found] = question, answer
                    found += 1
        first = last
    return (
        left[:found],
        right[:found],
        questions[:found],
        answers[:found],
        differs[:found],
        hot[:members],
        starts[: buckets + 1],
        bands[:buckets],
    )


@compiled
def _decide(
    arrays: Any,
    fold: Any,
    words: Any,
    node: Any,
    order: Any,
    beside: Any,
    buckets: Any,
    limits: Any,
    settled: Any,
    family: Any,
) -> Any:
    starts, near, near_question, near_answer = beside
    own_starts, own_buckets, bucket_starts, bucket_bands, kept_members = buckets
    count = len(node)
    kept_by, rule = np.full(count, -1, np.int64), np.zeros(count, np.int8)
    questions, answers = np.ones(count, np.float64), np.ones(count, np.float64)
    chosen = np.full(count, -1, np.int64)  # of each node: the pair that stands for it, kept or not
    place = np.empty(count, np.int64)
    for n in range(count):
        place[order[n]] = n
    filled = np.zeros(len(bucket_starts), np.int64)
    helds, states, room = _sets(), _nothing_held(), new_scratch()
    turn = 0
    for n in range(count):
        pair = order[n]
        own = node[pair]
        first = chosen[own]
        if first >= 0 and not settled[pair]:
            if kept_by[first] < 0:
                kept_by[pair], rule[pair] = first, 1
            else:
                kept_by[pair], rule[pair] = kept_by[first], 2
                questions[pair], answers[pair] = questions[first], answers[first]
            continue
        best, best_question, best_answer = -1, 0.0, 0.0
        if first < 0:
            chosen[own] = pair
        if not settled[pair]:
            for at in range(starts[own], starts[own + 1]):
                other = chosen[near[at]]
                if other < 0 or kept_by[other] >= 0 or family[other] == family[pair]:
                    continue
                sure, surest = min(near_question[at], near_answer[at]), min(best_question, best_answer)
                if best < 0 or sure > surest or (sure == surest and place[other] < place[best]):
                    best, best_question, best_answer = other, near_question[at], near_answer[at]
            for at in range(own_starts[own], own_starts[own + 1]):
                bucket = own_buckets[at]
                for m in range(bucket_starts[bucket], bucket_starts[bucket] + filled[bucket]):
                    other = kept_members[m]
                    mine, theirs = own, node[other]
                    if bucket_bands[bucket] > 0 and arrays[2][mine, 0] == arrays[2][theirs, 0]:
                        continue  # compared in the bucket of the first band
                    if first_shared(arrays[2], mine, theirs) != bucket_bands[bucket]:
                        continue
                    if family[other] == family[pair] or not _may_repeat(arrays, mine, theirs, limits):
                        continue
                    turn += 1
                    question, answer, why = _compared(
                        arrays, fold, words, mine, theirs, limits, helds, states, turn, room
                    )
                    if question == 0.0 or why:
                        continue
                    sure, surest = min(question, answer), min(best_question, best_answer)
                    if best < 0 or sure > surest or (sure == surest and place[other] < place[best]):
                        best, best_question, best_answer = other, question, answer
        if best >= 0:
            kept_by[pair], rule[pair] = best, 2
            questions[pair], answers[pair] = best_question, best_answer
        elif first < 0:
            for at in range(own_starts[own], own_starts[own + 1]):
                bucket = own_buckets[at]
                kept_members[bucket_starts[bucket] + filled[bucket]] = pair
                filled[bucket] += 1
    return kept_by, rule, questions, answers
