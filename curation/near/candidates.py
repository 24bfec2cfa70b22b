"""Candidates: pairs of texts that agree in a band and whose thumbs leave it open that they are similar. Kernels.

Of one bucket all are held against all, in lanes over their thumbs, which are laid out in the order of the buckets
first. Most similar pairs agree in many bands: sorting brings these together, which is quicker than to look for each
in which band it came first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import agree, first_shared, in_order_of, ones_in
from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.join import grown

__all__ = ["Codes", "agreeing", "candidates", "ends_of", "first_in_band", "outside_hot", "unique"]

Codes = npt.NDArray[np.uint64]  # of two texts: the first one's number in the upper half, the second one's in the lower

LANES = 32  # thumbs that are held against one together
FEW = 4  # up to so many are held against one by one
LARGEST = 20_000  # members of a bucket; beyond that to hold all against all takes longer than it saves
LOW = 0xFFFFFFFF


def unique(codes: Codes) -> Codes:
    """The codes in ascending order, each once; what is given may be changed."""
    found: Codes = _unique(codes) if HAS_NUMBA else np.unique(codes)
    return found


@compiled
def _unique(codes: Any) -> Any:
    """By eleven bits at a time, but for those that are the same in all."""
    count, ones, others = len(codes), codes, np.empty(len(codes), np.uint64)
    places = np.zeros((6, 2049), np.uint64)
    for n in range(count):
        code = ones[n]
        for turn in range(6):
            places[turn, ((code >> np.uint64(11 * turn)) & np.uint64(2047)) + np.uint64(1)] += np.uint64(1)
    for turn in range(6):
        row, shift = places[turn], np.uint64(11 * turn)
        if count and row[((ones[0] >> shift) & np.uint64(2047)) + np.uint64(1)] == count:
            continue
        for digit in range(2048):
            row[digit + 1] += row[digit]
        for n in range(count):
            code = ones[n]
            digit = (code >> shift) & np.uint64(2047)
            others[row[digit]] = code
            row[digit] += np.uint64(1)
        ones, others = others, ones
    found = 0
    for n in range(count):
        if n == 0 or ones[n] != ones[found - 1]:
            ones[found] = ones[n]
            found += 1
    return ones[:found].copy()


@compiled
def ends_of(code: Any) -> Any:
    """The two texts of a code."""
    return np.int64(code >> np.uint64(32)), np.int64(code & np.uint64(LOW))


@compiled
def _columns(keys: Any, nodes: Any, first: int, last: int) -> Any:
    columns = np.empty((last - first, len(nodes)), np.uint32)
    for n in range(len(nodes)):
        row = keys[nodes[n]]
        for band in range(last - first):
            columns[band, n] = row[first + band]
    return columns


@compiled
def _lay_out(entries: Any, nodes: Any, thumbs: Any, members: Any, firsts: Any, seconds: Any) -> None:
    """The texts and their thumbs in the order of the buckets."""
    for n in range(len(entries)):
        node = nodes[entries[n] & np.uint64(LOW)]
        members[n], firsts[n], seconds[n] = node, thumbs[node, 0], thumbs[node, 1]


@compiled
def _of_bucket(members: Any, firsts: Any, seconds: Any, one: int, last: int, most: int, codes: Any, found: Any) -> Any:
    """Add the codes of `one` with what comes after it, before `last`, and differs from it in at most so many values.

    members         (n,) uint64, the texts in the order of the buckets
    firsts, seconds their thumbs; these go on for LANES places, which are looked at and not counted
    codes           has room for all, and for one more
    returns         how many codes there are then
    """
    first, second, at, code = firsts[one], seconds[one], one + 1, members[one] << np.uint64(32)
    if last - at > FEW:
        while at < last:
            others, more, left = firsts[at : at + LANES], seconds[at : at + LANES], min(last - at, LANES)
            hits: Any = 0
            for n in range(LANES):
                hits += (np.int64(ones_in((first ^ others[n]) | (second ^ more[n]))) <= most) & (n < left)
            if hits:
                for n in range(left):
                    codes[found] = code | members[at + n]
                    found += np.int64(ones_in((first ^ others[n]) | (second ^ more[n]))) <= most
            at += LANES
    while at < last:
        codes[found] = code | members[at]
        found += np.int64(ones_in((first ^ firsts[at]) | (second ^ seconds[at]))) <= most
        at += 1
    return found


@compiled
def candidates(keys: Any, thumbs: Any, nodes: Any, first_band: int, last_band: int, most: int, hot_size: int) -> Any:
    """The codes of what agrees in one of these bands, in no order, and the members of buckets that are too large.

    keys     (n, bands) uint32, of the questions
    thumbs   (n, 2) uint64, of the answers: the questions in one bucket are mostly similar, the answers tell more
    nodes    (m,) int64, the texts to look at, ascending
    most     in how many values thumbs may differ
    hot_size a bucket of more texts is too large where as many are candidates as all of so many would be: that there
             are many of one question costs little while their answers tell them apart
    returns  codes, members of hot buckets, where each bucket's begin, of which band each is
    """
    count = len(nodes)
    columns = _columns(keys, nodes, first_band, last_band)
    members, codes, found = np.empty(count, np.uint64), np.empty(1024, np.uint64), 0
    firsts, seconds = np.zeros(count + LANES, np.uint64), np.zeros(count + LANES, np.uint64)
    hot, starts, bands = np.empty(64, np.int64), np.zeros(64, np.int64), np.empty(64, np.int64)
    held, buckets = 0, 0
    for band in range(first_band, last_band):
        entries = in_order_of(columns[band - first_band])
        _lay_out(entries, nodes, thumbs, members, firsts, seconds)
        first = 0
        while first < count:
            last, key = first + 1, entries[first] >> np.uint64(32)
            while last < count and entries[last] >> np.uint64(32) == key:
                last += 1
            before, size = found, last - first
            crowded, one = size > max(LARGEST, hot_size), first
            while not crowded and one < last - 1:
                while found + last - one > len(codes):
                    codes = grown(codes, len(codes))
                found = _of_bucket(members, firsts, seconds, one, last, most, codes, found)
                crowded = size > hot_size and 2 * (found - before) > hot_size * (size - 1)
                one += 1
            if crowded:
                found = before
                for place in range(first, last):
                    hot = grown(hot, held)
                    hot[held] = members[place]
                    held += 1
                bands, starts = grown(bands, buckets), grown(starts, buckets + 1)
                bands[buckets] = band
                buckets += 1
                starts[buckets] = held
            first = last
    return codes[:found], hot[:held], starts[: buckets + 1], bands[:buckets]


@compiled
def agreeing(codes: Any, thumbs: Any, least: int) -> Any:
    """Which of these have thumbs that agree in so many values, (n,) bool."""
    result = np.zeros(len(codes), np.bool_)
    for n in range(len(codes)):
        one, other = ends_of(codes[n])
        result[n] = agree(thumbs, one, other) >= least
    return result


@compiled
def first_in_band(codes: Any, keys: Any, band: int) -> Any:
    """Which of these agree in no band before this one, (n,) bool."""
    result = np.zeros(len(codes), np.bool_)
    for n in range(len(codes)):
        one, other = ends_of(codes[n])
        result[n] = first_shared(keys, one, other) == band
    return result


@compiled
def outside_hot(codes: Any, keys: Any, row_of: Any, is_hot: Any) -> Any:
    """Which of these do not agree for the first time in a hot bucket, (n,) bool.

    row_of  (texts,) int64, the row of a text in `is_hot`; -1: it is in no hot bucket
    is_hot  (rows, bands) bool, whether the text's bucket of this band is hot
    """
    result = np.ones(len(codes), np.bool_)
    for n in range(len(codes)):
        one, other = ends_of(codes[n])
        if row_of[one] >= 0 and row_of[other] >= 0:
            result[n] = not is_hot[row_of[one], first_shared(keys, one, other)]
    return result
