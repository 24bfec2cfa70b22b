"""New pairs among old ones: what agrees in a band, compared as curation.near.pairs compares.

Both sides are `Prepared`, the old one in memory-mapped files. Of the old texts only those are read that a new one
may repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import Banded, Keys, ones_in
from curation.near.comparing import compared, nothing_held, rooms, sets
from curation.near.compiled import compiled
from curation.near.differences import tables
from curation.near.index.segments import Lane, Segment
from curation.near.join import grown
from curation.near.letters import fold_tables
from curation.near.pairs import Prepared, arrays_of, limits_of
from curation.near.signatures import Counts
from curation.near.texts import Texts, in_blocks
from tamiz.settings import NearSettings

__all__ = ["Across", "Hot", "edges_across", "rows_of", "taken"]

Hot = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.uint8]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Across:
    """New pairs, by number, and old ones, by row, that are similar; as `Edges` tells. `hot` are all hot buckets."""

    new: Counts
    old: Counts
    question: Shares
    answer: Shares
    differs: npt.NDArray[np.int8]
    hot: Hot


def edges_across(
    new: Prepared,
    nodes: Counts,
    old: Prepared,
    segments: Sequence[Segment],
    near: NearSettings,
    *,
    hot: Hot,
    hot_size: int,
    wanted: Flags,
    wanted_of_hot: Flags,
    threads: int,
) -> Across:
    """The new pairs `nodes`, ascending, with all old ones that they agree with in a band.

    hot            buckets that are too large to compare all with all: (band << 32) + key
    hot_size       how large the others may be, new pairs counted
    wanted         (rows,) the old pairs to compare with, and of those in hot buckets
    """
    limits = limits_of(near.threshold, near.ngram, near.num_perm)

    def work(first: int, last: int) -> list[tuple[Any, Any, Hot]]:
        found = []
        for band in range(first, last):
            order = nodes[np.argsort(new.asked.keys[nodes, band], kind="stable")]
            keys = np.ascontiguousarray(new.asked.keys[order, band])
            ranges = [segment.lanes[band].places(keys) for segment in segments]
            buckets = _hot_buckets(band, keys, ranges, hot, hot_size)
            is_hot = np.isin(keys, (buckets & np.uint64(0xFFFFFFFF)).astype(np.uint32))
            for segment, (low, high) in zip(segments, ranges, strict=True):
                found.append((*_band_candidates(
                    arrays_of(new), arrays_of(old), order, segment.lanes[band].rows, low, high, is_hot,
                    wanted, wanted_of_hot, band, limits,
                ), buckets))  # fmt: skip
        return found

    parts = [part for parts in in_blocks(work, new.asked.keys.shape[1], threads) for part in parts]
    if not parts:
        nothing = np.zeros(0, np.int64)
        return _compare(new, nothing, old, nothing, near, hot, threads)
    one, other = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    return _compare(new, one, old, other, near, np.unique(np.concatenate([hot, *(part[2] for part in parts)])), threads)


def rows_of(
    first: Texts, second: Texts, keys: Keys, old: tuple[Texts, Texts], lanes: Sequence[Lane], live: Flags
) -> Any:
    """For each new pair of texts the row of the very same old one that is live, (n,) int64; -1 where there is none."""
    result = np.full(len(keys), -1, np.int64)
    order = np.argsort(keys, kind="stable")
    for lane in lanes:
        low, high = lane.places(keys[order])
        new = (first.data, first.starts, second.data, second.starts)
        there = (old[0].data, old[0].starts, old[1].data, old[1].starts)
        _find(new, there, order, lane.rows, low, high, live, result)
    return result


def taken(prepared: Prepared, rows: Counts) -> Prepared:
    """These pairs, in memory."""
    asked, answered = prepared.asked, prepared.answered
    return Prepared(
        questions=prepared.questions.take(rows),
        answers=prepared.answers.take(rows),
        asked=Banded(asked.keys[rows], asked.thumbs[rows]),
        answered=Banded(answered.keys[rows], answered.thumbs[rows]),
        guards=prepared.guards[rows],
    )


def _hot_buckets(band: int, keys: Keys, ranges: Sequence[tuple[Counts, Counts]], hot: Hot, hot_size: int) -> Hot:
    """The buckets of these new keys that are hot, or are now."""
    if not len(keys):
        return np.zeros(0, np.uint64)
    members = np.searchsorted(keys, keys, "right") - np.searchsorted(keys, keys, "left")
    for low, high in ranges:
        members += high - low
    buckets = (np.uint64(band) << np.uint64(32)) + keys.astype(np.uint64)
    chosen: Hot = np.unique(buckets[(members > hot_size) | np.isin(buckets, hot)])
    return chosen


def _compare(
    new: Prepared, one: Counts, old: Prepared, other: Counts, near: NearSettings, hot: Hot, threads: int
) -> Across:
    """The candidates that are edges; the old pairs come before the new ones, as in a search from the start."""
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    rows, theirs = np.unique(other, return_inverse=True)
    numbers, mine = np.unique(one, return_inverse=True)
    both = Prepared.joined([taken(old, rows), taken(new, numbers)])
    mine = mine + len(rows)
    question, answer = np.zeros(len(one)), np.zeros(len(one))
    differs = np.zeros(len(one), np.int8)
    limits = limits_of(near.threshold, near.ngram, near.num_perm)

    def work(first: int, last: int) -> None:
        part = slice(first, last)
        _compare_all(
            arrays_of(both), fold_tables("accents"), tables(), mine[part], theirs[part], limits,
            question[part], answer[part], differs[part],
        )  # fmt: skip

    in_blocks(work, len(one), threads, 256)
    edge = question > 0
    return Across(one[edge], other[edge], question[edge], answer[edge], differs[edge], hot)


@compiled
def _first_shared_across(keys1: Any, one: int, keys2: Any, other: int) -> int:
    for band in range(keys1.shape[1]):
        if keys1[one, band] == keys2[other, band]:
            return band
    return -1


@compiled
def _gather(asked: Any, told: Any, rows: Any, size: int, planes: Any) -> None:
    """The thumbs of these rows word by word: planes[word] those of all, the questions' first."""
    words = asked.shape[1]
    for n in range(size):
        row = rows[n]
        for word in range(words):
            planes[word, n] = asked[row, word]
        for word in range(told.shape[1]):
            planes[words + word, n] = told[row, word]


@compiled
def _values_apart(thumbs: Any, one: int, planes: Any, size: int, apart: Any) -> None:
    """In how many values the thumbs of one text differ from each of those that were gathered."""
    words = thumbs.shape[1] // 2
    for n in range(size):
        apart[n] = 0
    for word in range(words):
        first, second = thumbs[one, word], thumbs[one, words + word]
        for n in range(size):
            apart[n] += np.int64(ones_in((first ^ planes[word, n]) | (second ^ planes[words + word, n])))


@compiled
def _band_candidates(
    new: Any,
    old: Any,
    order: Any,
    rows: Any,
    low: Any,
    high: Any,
    is_hot: Any,
    wanted: Any,
    wanted_of_hot: Any,
    band: int,
    limits: Any,
) -> Any:
    """The new numbers and old rows that agree in this band, in none before, and roughly in both texts."""
    keys1, asked1, told1 = new[2], new[3], new[6]
    keys2, asked2, told2 = old[2], old[3], old[6]
    left, right = np.empty(64, np.int64), np.empty(64, np.int64)
    bucket, apart = np.empty(64, np.int64), np.empty((2, 64), np.int64)
    width = asked2.shape[1] + told2.shape[1]
    planes = np.empty((width, 64), np.uint64)
    most = 32 * asked1.shape[1] - limits[2], 32 * told1.shape[1] - limits[3]
    found, gathered, size = 0, -1, 0
    for n in range(len(order)):
        i = order[n]
        if high[n] == low[n]:
            continue
        if gathered != low[n]:  # the new pairs of one bucket come one after the other
            gathered, size = low[n], 0
            if high[n] - low[n] > len(bucket):
                room = 2 * (high[n] - low[n])
                bucket, apart = np.empty(room, np.int64), np.empty((2, room), np.int64)
                planes = np.empty((width, room), np.uint64)
            chosen = wanted_of_hot if is_hot[n] else wanted
            for at in range(low[n], high[n]):
                if chosen[rows[at]]:
                    bucket[size] = rows[at]
                    size += 1
            _gather(asked2, told2, bucket, size, planes)
        _values_apart(asked1, i, planes, size, apart[0])
        _values_apart(told1, i, planes[asked2.shape[1] :], size, apart[1])
        for at in range(size):
            if apart[0, at] > most[0] or apart[1, at] > most[1]:
                continue
            j = bucket[at]
            if _first_shared_across(keys1, i, keys2, j) != band:
                continue
            left, right = grown(left, found), grown(right, found)
            left[found], right[found] = i, j
            found += 1
    return left[:found], right[:found]


@compiled
def _compare_all(
    arrays: Any, fold: Any, words: Any, one: Any, other: Any, limits: Any, question: Any, answer: Any, differs: Any
) -> None:
    helds, states, room = sets(), nothing_held(), rooms()
    for n in range(len(one)):
        question[n], answer[n], differs[n] = compared(
            arrays, fold, words, one[n], other[n], limits, helds, states, n + 1, room
        )


@compiled
def _same_across(data1: Any, starts1: Any, one: int, data2: Any, starts2: Any, other: int) -> bool:
    size = starts1[one + 1] - starts1[one]
    if starts2[other + 1] - starts2[other] != size:
        return False
    at = 0
    while at < size and data1[starts1[one] + at] == data2[starts2[other] + at]:
        at += 1
    return bool(at == size)


@compiled
def _find(new: Any, old: Any, order: Any, rows: Any, low: Any, high: Any, live: Any, result: Any) -> None:
    for n in range(len(order)):
        i = order[n]
        for at in range(low[n], high[n]):
            j = int(rows[at])
            if not live[j] or not _same_across(new[0], new[1], i, old[0], old[1], j):
                continue
            if _same_across(new[2], new[3], i, old[2], old[3], j):
                result[i] = j
                break
