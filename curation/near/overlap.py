"""The exact Jaccard similarity of two texts' shingles, in kernels that read the texts themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.letters import fold_tables
from curation.near.same import WIDE
from curation.near.shingles import (
    BIG,
    ROOM,
    TABLE,
    exact_size,
    part_of,
    place_of,
    put,
    shingle_keys,
    shingles_from,
    slot_of,
    slots,
)
from curation.near.signatures import Counts, shingle_set
from curation.near.texts import Texts

__all__ = [
    "hold",
    "long_share",
    "long_similarity",
    "most_missing",
    "scratch",
    "share_and_size",
    "similarities",
    "similarity",
]


def similarity(one: str, other: str, ngram: int = 3) -> float:
    """The Jaccard similarity of two normal texts: the plain definition.

    >>> round(similarity("cómo pago", "como pago"), 2), round(similarity("cómo pago", "cuánto pago"), 2)
    (1.0, 0.38)
    """
    mine, others = shingle_set(one, ngram), shingle_set(other, ngram)
    both = len(mine & others)
    return both / (len(mine) + len(others) - both)


def similarities(texts: Texts, left: Counts, right: Counts, ngram: int = 3) -> Any:
    """The similarity of each left text to the right one beside it, (n,) float64; left ones in runs are fastest."""
    if not HAS_NUMBA:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return np.array([similarity(texts[one], texts[other], ngram) for one, other in pairs], np.float64)
    return _similarities(texts.data, texts.starts, left, right, ngram, *fold_tables("accents"))


@compiled
def scratch() -> tuple:  # type: ignore[type-arg]
    """What `hold` and `share_and_size` work in.

    Window, marks, keys; the table of one set, its stamps and turns; the slot of each shingle of the window, and how
    many shingles these are where the window has the whole text and every character is one byte, else 0.
    """
    return (
        np.empty(ROOM, np.uint8),
        np.zeros(ROOM, np.int32),
        np.empty(ROOM, np.int64),
        np.zeros(TABLE, np.int64),
        np.zeros(TABLE, np.int32),
        np.zeros(TABLE, np.int32),
        np.empty(ROOM, np.int32),
        np.zeros(1, np.int64),
    )


@compiled
def hold(data: Any, begin: int, end: int, ngram: int, places: Any, pool: Any, held: Any, stamp: int) -> tuple[int, int]:
    """Put a text's shingles into the held set: (how many, the mask of the set); -1 where they do not fit."""
    window, marks, keys, table, stamps, _, slot_at, whole = held
    mask = slots(end - begin + ngram + 2, TABLE)
    at, have, size, count, windows = begin, 0, 0, 0, 0
    while at <= end:
        at, have, count = shingles_from(data, at, end, ngram, places, pool, window, marks, have)
        shingle_keys(window, marks, have, ngram, 0 * count, count, keys)
        windows += 1
        for n in range(count):
            if size == TABLE // 2:
                return -1, mask
            slot = place_of(keys[n], table, stamps, stamp, mask)
            if stamps[slot] != stamp:
                stamps[slot], table[slot] = stamp, keys[n]
                size += 1
            slot_at[n] = slot
    whole[0] = count if windows == 1 and marks[have] == have else 0
    return size, mask


@compiled
def _same_ends(one: Any, size1: int, other: Any, size2: int) -> tuple[int, int]:
    """How many bytes at the beginning of both are the same, and how many of what is left of both at the end."""
    least, head, tail = min(size1, size2), 0, 0
    while head + WIDE <= least:
        mine, others, apart = one[head : head + WIDE], other[head : head + WIDE], np.uint8(0)
        for n in range(WIDE):
            apart |= mine[n] ^ others[n]
        if apart:
            break
        head += WIDE
    while head < least and one[head] == other[head]:
        head += 1
    least -= head
    while tail + WIDE <= least:
        mine, others = one[size1 - tail - WIDE : size1 - tail], other[size2 - tail - WIDE : size2 - tail]
        apart = np.uint8(0)
        for n in range(WIDE):
            apart |= mine[n] ^ others[n]
        if apart:
            break
        tail += WIDE
    while tail < least and one[size1 - tail - 1] == other[size2 - tail - 1]:
        tail += 1
    return head, tail


@compiled
def share_and_size(
    data: Any,
    begin: int,
    end: int,
    ngram: int,
    places: Any,
    pool: Any,
    held: Any,
    stamp: int,
    mask: int,
    other: Any,
    turn: int,
    missing: int,
) -> tuple[int, int]:
    """How many different shingles a text shares with the held set, and how many others it has.

    Each is counted once: what is shared is marked with the turn in the held set, what is not is put into a set in the
    scratch `other` under the turn as its stamp. It gives up with (0, 1) once more than `missing` are not in the held
    set, and with (-1, 0) where the text is too long. Copies mostly begin and end alike: what lies there is not looked
    up, since the slots of the held text's shingles are known.
    """
    table, stamps, turns, slot_at, whole = held[3], held[4], held[5], held[6], held[7][0]
    window, marks, keys, others, other_stamps = other[0], other[1], other[2], other[3], other[4]
    other_mask = slots(end - begin + ngram + 2, TABLE)
    at, have, both, apart, head, tail = begin, 0, 0, 0, 0, 0
    while at <= end:
        fresh = have == 0
        at, have, count = shingles_from(data, at, end, ngram, places, pool, window, marks, have)
        if fresh and at > end and whole and marks[have] == have:
            head, tail = _same_ends(held[0], whole + ngram - 1, window, have)
            head, tail = max(0, head - ngram + 1), max(0, tail - ngram + 1)
        shingle_keys(window, marks, have, ngram, head, count - tail, keys)
        for n in range(head, count - tail):
            slot = slot_of(keys[n], table, stamps, stamp, mask)
            if slot >= 0:
                if turns[slot] != turn:
                    turns[slot] = turn
                    both += 1
            elif apart == TABLE // 2:
                return -1, 0
            elif put(keys[n], others, other_stamps, turn, other_mask):
                apart += 1
                if apart > missing:
                    return 0, 1
    for n in range(head + tail):
        slot = slot_at[n if n < head else whole - tail + n - head]
        if turns[slot] != turn:
            turns[slot] = turn
            both += 1
    return both, apart


@compiled
def most_missing(size: int, positions: int, threshold: float) -> int:
    """How many shingles of a text of so many positions may be missing in a set of this size.

    Of m that are missing and s that are shared, s / (size + m) has to reach the threshold, and s is at most the size
    of the set and what is left of the positions.
    """
    return int(min(size * (1.0 - threshold) / threshold, (positions - threshold * size) / (1.0 + threshold)) + 1e-9)


@compiled
def long_share(data: Any, begin1: int, end1: int, begin2: int, end2: int, ngram: int, places: Any, pool: Any) -> int:
    """How many different shingles two long texts share, part by part, in bounded memory."""
    window, marks, keys = np.empty(ROOM, np.uint8), np.zeros(ROOM, np.int32), np.empty(ROOM, np.int64)
    table, stamps, turns = np.zeros(BIG, np.int64), np.zeros(BIG, np.int32), np.zeros(BIG, np.int32)
    parts = 1 + (end1 - begin1) // (BIG // 2)
    both = 0
    for part in range(parts):
        at, have = begin1, 0
        while at <= end1:
            at, have, count = shingles_from(data, at, end1, ngram, places, pool, window, marks, have)
            shingle_keys(window, marks, have, ngram, 0 * count, count, keys)
            for n in range(count):
                if part_of(keys[n], parts) == part:
                    put(keys[n], table, stamps, part + 1, BIG - 1)
        at, have = begin2, 0
        while at <= end2:
            at, have, count = shingles_from(data, at, end2, ngram, places, pool, window, marks, have)
            shingle_keys(window, marks, have, ngram, 0 * count, count, keys)
            for n in range(count):
                slot = slot_of(keys[n], table, stamps, part + 1, BIG - 1) if part_of(keys[n], parts) == part else -1
                if slot >= 0 and turns[slot] != part + 1:
                    turns[slot] = part + 1
                    both += 1
    return both


@compiled
def _similarities(data: Any, starts: Any, left: Any, right: Any, ngram: int, places: Any, pool: Any) -> Any:
    held, other = scratch(), scratch()
    result = np.empty(len(left), np.float64)
    last, size, mask, stamp = -1, 0, 0, 0
    for n in range(len(left)):
        i, j = left[n], right[n]
        begin, end = starts[j], starts[j + 1]
        if i != last:
            stamp += 1
            size, mask = hold(data, starts[i], starts[i + 1], ngram, places, pool, held, stamp)
            last = i
        both, others = -1, 0
        if size >= 0:
            both, others = share_and_size(
                data, begin, end, ngram, places, pool, held, stamp, mask, other, n + 1, end - begin + ngram
            )
        if both >= 0:
            result[n] = both / (size + others)
        else:
            result[n] = long_similarity(data, starts[i], starts[i + 1], begin, end, ngram, places, pool)
    return result


@compiled
def long_similarity(
    data: Any, begin1: int, end1: int, begin2: int, end2: int, ngram: int, places: Any, pool: Any
) -> float:
    one = exact_size(data, begin1, end1, ngram, places, pool)
    two = exact_size(data, begin2, end2, ngram, places, pool)
    both = long_share(data, begin1, end1, begin2, end2, ngram, places, pool)
    return both / (one + two - both)
