"""Which texts are nearly the same: what the bands propose, each with its exact similarity."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import (
    Banded,
    Keys,
    banded,
    bucket_planes,
    choose_bands,
    first_shared,
    most_apart,
    ordered,
    thumbs_apart,
    values_apart,
)
from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.letters import fold_tables
from curation.near.overlap import hold, long_similarity, most_missing, scratch, share_and_size, similarity
from curation.near.signatures import Counts
from curation.near.texts import Texts, in_blocks

__all__ = ["SimilarPairs", "similar_components", "similar_flags", "similar_pairs"]

Flags = npt.NDArray[np.bool_]
ALL, FLAGS, COMPONENTS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class SimilarPairs:
    """Texts by number, `left` before `right`, with their exact Jaccard similarity; in order, each pair once.

    left, right  (n,) int64
    similarity   (n,) float64
    """

    left: Counts
    right: Counts
    similarity: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left)

    def at(self, threshold: float) -> SimilarPairs:
        """Those of at least this similarity; no text is compared again."""
        chosen = self.similarity >= threshold
        return SimilarPairs(self.left[chosen], self.right[chosen], self.similarity[chosen])


def similar_pairs(
    texts: Texts, threshold: float, *, ngram: int = 3, num_perm: int = 128, threads: int = 1
) -> SimilarPairs:
    """All pairs that the bands propose and that are at least this similar.

    Where n texts are all alike these are n * n / 2: `similar_components` and `similar_flags` need far fewer.
    """
    found_by = _banded(texts, threshold, ngram, num_perm, threads)

    def work(first: int, last: int) -> list[tuple[Any, Any, Any]]:
        return [
            _compare(texts, found_by, band, ngram, num_perm, threshold, ALL, _nothing(0)) for band in range(first, last)
        ]

    found = [part for parts in in_blocks(work, found_by.keys.shape[1], threads) for part in parts]
    left, right, similarities = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((right, left))
    return SimilarPairs(left[order], right[order], similarities[order])


def similar_flags(texts: Texts, threshold: float, *, ngram: int = 3, num_perm: int = 128, threads: int = 1) -> Flags:
    """Whether an earlier text is at least this similar to each, as far as the bands propose it; (n,) bool."""
    found_by = _banded(texts, threshold, ngram, num_perm, threads)
    flags = _nothing(len(texts))

    def work(first: int, last: int) -> None:
        for band in range(first, last):
            _compare(texts, found_by, band, ngram, num_perm, threshold, FLAGS, flags)

    in_blocks(work, found_by.keys.shape[1], threads)
    return flags > 0


def similar_components(
    texts: Texts, threshold: float, *, ngram: int = 3, num_perm: int = 128, threads: int = 1
) -> Counts:
    """For each text the lowest number of a text that it is connected with by similar ones; (n,) int64.

    Texts that are connected already are not compared, so a thousand alike cost a thousand comparisons.
    """
    found_by = _banded(texts, threshold, ngram, num_perm, threads)
    parents = np.arange(len(texts))
    for band in range(found_by.keys.shape[1]):
        _compare(texts, found_by, band, ngram, num_perm, threshold, COMPONENTS, parents)
    for number in range(len(parents)):  # a parent is never higher than its child
        parents[number] = parents[parents[number]]
    return parents


def _banded(texts: Texts, threshold: float, ngram: int, num_perm: int, threads: int) -> Banded:
    bands, rows = choose_bands(threshold, num_perm)
    return banded(texts, ngram, num_perm, bands, rows, threads=threads)


def _nothing(count: int) -> Counts:
    return np.zeros(count, np.int64)


def _compare(
    texts: Texts, found_by: Banded, band: int, ngram: int, num_perm: int, threshold: float, mode: int, state: Counts
) -> tuple[Any, Any, Any]:
    order, in_order = ordered(found_by.keys[:, band])
    most = most_apart(threshold, num_perm)
    if not HAS_NUMBA:
        with np.errstate(over="ignore"):  # sums of bits wrap around, where they are interpreted with a warning
            return _compare_band_plain(texts, found_by, order, in_order, band, ngram, threshold, most, mode, state)
    columns = (texts.data, texts.starts, found_by.keys, found_by.thumbs)
    places, pool = fold_tables("accents")
    found: tuple[Any, Any, Any] = _compare_band(
        *columns, order, in_order, band, ngram, places, pool, threshold, most, mode, state
    )
    return found


@compiled
def root_of(parents: Any, member: int) -> int:
    root = member
    while parents[root] != root:
        root = parents[root]
    while parents[member] != root:
        parents[member], member = root, parents[member]
    return root


@compiled
def grown(values: Any, count: int) -> Any:
    """The array, twice as long where it is full."""
    if count < len(values):
        return values
    longer = np.empty(2 * len(values), values.dtype)
    longer[:count] = values
    return longer


@compiled
def _to_be_compared(mode: int, state: Any, one: int, other: int) -> bool:
    if mode == 1:
        return bool(state[other] == 0)
    if mode == 2:
        return bool(root_of(state, one) != root_of(state, other))
    return True


@compiled
def _note(mode: int, state: Any, one: int, other: int) -> None:
    if mode == 1:
        state[other] = 1
    elif mode == 2:
        first, second = root_of(state, one), root_of(state, other)
        state[max(first, second)] = min(first, second)


@compiled
def _compare_band(
    data: Any,
    starts: Any,
    keys: Any,
    thumbs: Any,
    order: Any,
    in_order: Any,
    band: int,
    ngram: int,
    places: Any,
    pool: Any,
    threshold: float,
    most: int,
    mode: int,
    state: Any,
) -> tuple:  # type: ignore[type-arg]
    """Compare the texts that agree in this band and in none before: (left, right, similarity)."""
    held, other = scratch(), scratch()
    left, right, similarities = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.float64)
    apart = np.empty(64, np.int64)
    planes = np.empty((thumbs.shape[1], 64), np.uint64)
    found, turn, stamp = 0, 0, 0
    first = 0
    while first < len(order):
        last = first + 1
        while last < len(order) and in_order[last] == in_order[first]:
            last += 1
        if last - first > 1:
            planes = bucket_planes(thumbs, order, first, last, planes)
            apart = apart if len(apart) == planes.shape[1] else np.empty(planes.shape[1], np.int64)
        for x in range(last - first - 1):
            i = order[first + x]
            values_apart(planes, x, last - first, apart)
            size, mask = -2, 0
            for y in range(x + 1, last - first):
                if apart[y] > most:
                    continue
                j = order[first + y]
                if not _to_be_compared(mode, state, i, j) or first_shared(keys, i, j) != band:
                    continue
                begin, end = starts[j], starts[j + 1]
                if size == -2:
                    stamp += 1
                    size, mask = hold(data, starts[i], starts[i + 1], ngram, places, pool, held, stamp)
                turn += 1
                both, others = -1, 0
                if size >= 0:
                    missing = most_missing(size, end - begin + 2, threshold)
                    both, others = share_and_size(
                        data, begin, end, ngram, places, pool, held, stamp, mask, other, turn, missing
                    )
                if both >= 0:
                    alike = both / (size + others)
                else:
                    alike = long_similarity(data, starts[i], starts[i + 1], begin, end, ngram, places, pool)
                if alike < threshold:
                    continue
                _note(mode, state, i, j)
                if mode == 0:
                    left, right = grown(left, found), grown(right, found)
                    similarities = grown(similarities, found)
                    left[found], right[found], similarities[found] = i, j, alike
                    found += 1
        first = last
    return left[:found], right[:found], similarities[:found]


def _compare_band_plain(
    texts: Texts,
    found_by: Banded,
    order: Counts,
    in_order: Keys,
    band: int,
    ngram: int,
    threshold: float,
    most: int,
    mode: int,
    state: Counts,
) -> tuple[Any, Any, Any]:
    """The same, read as strings."""
    found: list[tuple[int, int, float]] = []
    keys = found_by.keys
    edges = np.flatnonzero(np.diff(in_order, prepend=in_order[:1] + 1, append=in_order[-1:] + 1)).tolist()
    for first, last in itertools.pairwise(edges):
        for x in range(first, last - 1):
            for y in range(x + 1, last):
                i, j = int(order[x]), int(order[y])
                skipped = first_shared(keys, i, j) != band or not _to_be_compared(mode, state, i, j)
                if skipped or thumbs_apart(found_by.thumbs, i, j) > most:
                    continue
                alike = similarity(texts[i], texts[j], ngram)
                if alike >= threshold:
                    _note(mode, state, i, j)
                    if mode == ALL:
                        found.append((i, j, alike))
    left, right, similarities = zip(*found, strict=True) if found else ((), (), ())
    return np.array(left, np.int64), np.array(right, np.int64), np.array(similarities, np.float64)
