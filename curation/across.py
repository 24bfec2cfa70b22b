"""All texts of two lists that are nearly the same, each pair of them: exhaustive, for a proof.

Two sets that share a share t of what they have together share one of their rarest members: of n members, one of
the first n - ceil(t n) + 1 in any order that is the same for all (the prefix filter: Bayardo, Ma, Srikant, Scaling
up all pairs similarity search, 2007). So only texts that share one of those are compared, and none is missed.
Where these are many, WORDS words of bits for each set, one bit for each member, bound what two sets can share from
above: every bit in which they differ is a member that only one of them has.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import compiled
from curation.near.texts import Texts, folded, in_blocks

__all__ = ["ShingleSets", "pairs_across", "shingle_sets"]

CHUNK = 50_000  # texts that are cut into shingles together
WORDS = 4
EDGE = 1e-9  # a share that is the threshold but for rounding reaches it
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """The shingles of many texts, each set in the same order: the rarest of all texts first.

    members  (shingles,) int32, the rank of each
    starts   (n + 1,) int64, where the set of each text starts
    bits     (n, WORDS) uint64, the bit of each of its members
    """

    members: npt.NDArray[np.int32]
    starts: Numbers
    bits: npt.NDArray[np.uint64]


def shingle_sets(texts: Texts, ngram: int) -> ShingleSets:
    """The character n-grams of every text, as curation.near.signatures cuts them."""
    found = [_hashed(texts, first, min(first + CHUNK, len(texts)), ngram) for first in range(0, len(texts), CHUNK)]
    known, counts = _frequencies([hashes for hashes, _ in found])
    ranks = np.empty(len(known), np.int32)
    ranks[np.argsort(counts, kind="stable")] = np.arange(len(known), dtype=np.int32)
    sets, sizes = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for hashes, lengths in found:
        ranked = ranks[np.searchsorted(known, hashes)]
        owner = np.repeat(np.arange(len(lengths)), lengths)
        sets.append(ranked[np.lexsort((ranked, owner))])
        sizes.append(lengths)
    members, starts = np.concatenate(sets), np.concatenate(sizes).cumsum()
    return ShingleSets(members, starts, _bits(members, starts))


def _bits(members: npt.NDArray[np.int32], starts: Numbers) -> npt.NDArray[np.uint64]:
    bits = np.zeros((len(starts) - 1, WORDS), np.uint64)
    owner = np.repeat(np.arange(len(bits)), np.diff(starts))
    place = members.astype(np.uint64) % np.uint64(64 * WORDS)  # ranks: neighbours in rank are as frequent
    np.bitwise_or.at(bits, (owner, place // np.uint64(64)), np.uint64(1) << (place % np.uint64(64)))
    return bits


def _hashed(texts: Texts, first: int, last: int, ngram: int) -> tuple[npt.NDArray[np.uint64], Numbers]:
    """The hashed shingles of these texts, sorted and without repeats in each, and how many each has."""
    strings = [f" {folded(texts[number])} ".ljust(ngram) for number in range(first, last)]
    codes = np.frombuffer("".join(strings).encode("utf-32-le"), np.uint32).astype(np.uint64)
    hashes = np.zeros(len(codes) - ngram + 1, np.uint64)
    for place in range(ngram):
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + len(hashes)]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    lengths = np.fromiter(map(len, strings), np.int64, len(strings))
    counts = lengths - ngram + 1
    owner = np.repeat(np.arange(len(strings)), counts)
    within = np.arange(len(owner)) - np.repeat(counts.cumsum() - counts, counts)
    hashes = hashes[np.repeat(lengths.cumsum() - lengths, counts) + within]
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    new = np.ones(len(hashes), np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
    return hashes[new], np.bincount(owner[new], minlength=len(strings))


def _frequencies(many: Sequence[npt.NDArray[np.uint64]]) -> tuple[npt.NDArray[np.uint64], Numbers]:
    """The different hashes, sorted, and in how many texts each is."""
    each = [np.unique(hashes, return_counts=True) for hashes in many]
    if not each:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    known, place = np.unique(np.concatenate([hashes for hashes, _ in each]), return_inverse=True)
    counts = np.bincount(place, weights=np.concatenate([many for _, many in each]), minlength=len(known))
    return known, counts.astype(np.int64)


def pairs_across(
    sets: ShingleSets, left: Numbers, right: Numbers, threshold: float
) -> tuple[Numbers, Numbers, npt.NDArray[np.float64]]:
    """Texts of `left` and of `right`, by number, of at least this Jaccard similarity: (left, right, similarity)."""
    rare, holder = _prefixes(sets, right, threshold)
    threads = os.cpu_count() or 1

    def work(first: int, last: int) -> tuple[Any, Any, Any]:
        mine = left[first:last]
        return _compare(sets.members, sets.starts, sets.bits, mine, right, rare, holder, threshold - EDGE)

    found = in_blocks(work, len(left), threads, 64)
    one, other, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, other, similarity


def _prefixes(sets: ShingleSets, numbers: Numbers, threshold: float) -> tuple[npt.NDArray[np.int32], Numbers]:
    """The rarest shingles of each of these, sorted, and the place in `numbers` that each belongs to."""
    sizes = sets.starts[numbers + 1] - sets.starts[numbers]
    lengths = sizes - np.ceil((threshold - EDGE) * sizes).astype(np.int64) + 1
    holder = np.repeat(np.arange(len(numbers)), lengths)
    within = np.arange(len(holder)) - np.repeat(lengths.cumsum() - lengths, lengths)
    rare = sets.members[sets.starts[numbers][holder] + within]
    order = np.argsort(rare, kind="stable")
    return rare[order], holder[order]


@compiled
def _apart(bits: Any, one: int, other: int) -> int:
    """In how many bits two sets differ."""
    found = 0
    for word in range(WORDS):
        x = bits[one, word] ^ bits[other, word]
        x = (x & np.uint64(0x5555555555555555)) + ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
        x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        x = x + (x >> np.uint64(8))
        x = x + (x >> np.uint64(16))
        found += int((x + (x >> np.uint64(32))) & np.uint64(0x7F))
    return found


@compiled
def _shared(members: Any, at: int, end: int, other: int, stop: int, least: int) -> int:
    """How many members two sets share; some number below `least` where it cannot be reached."""
    both = 0
    while at < end and other < stop:
        if both + min(end - at, stop - other) < least:
            return both
        if members[at] == members[other]:
            both += 1
            at += 1
            other += 1
        elif members[at] < members[other]:
            at += 1
        else:
            other += 1
    return both


@compiled
def _compare(
    members: Any, starts: Any, bits: Any, left: Any, right: Any, rare: Any, holder: Any, threshold: float
) -> tuple:  # type: ignore[type-arg]
    room = 64
    one, other, similarity = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.float64)
    seen = np.full(len(right), -1, np.int64)
    found = 0
    for turn in range(len(left)):
        begin, end = starts[left[turn]], starts[left[turn] + 1]
        size = end - begin
        for at in range(begin, end - math.ceil(threshold * size) + 1):
            place = np.searchsorted(rare, members[at])
            while place < len(rare) and rare[place] == members[at]:
                candidate = holder[place]
                place += 1
                if seen[candidate] == turn:
                    continue
                seen[candidate] = turn
                start, stop = starts[right[candidate]], starts[right[candidate] + 1]
                count = stop - start
                if min(size, count) < threshold * max(size, count):
                    continue
                least = math.ceil(threshold / (1 + threshold) * (size + count))
                if size + count - _apart(bits, left[turn], right[candidate]) < 2 * least:
                    continue
                both = _shared(members, begin, end, start, stop, least)
                alike = both / (size + count - both)
                if alike < threshold:
                    continue
                if found == len(one):
                    one, other = np.concatenate((one, one)), np.concatenate((other, other))
                    similarity = np.concatenate((similarity, similarity))
                one[found], other[found], similarity[found] = left[turn], right[candidate], alike
                found += 1
    return one[:found], other[:found], similarity[:found]
