"""MinHash signatures of texts, bit by bit those of datasketch 2.

A text's shingles are the character n-grams of " text ", folded, in UTF-8. A signature equals that of
datasketch's `MinHash(num_perm, seed=1, hashfunc=xxhash.xxh32_intdigest)` over these shingles, so that signatures
can be handed to its indexes and back; a test holds the two together.

Broder, On the resemblance and containment of documents (1997); xxHash: github.com/Cyan4973/xxHash, XXH32.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.shingles import ROOM, TABLE, exact_size, put, shingles_from, slots, spread, xxh32
from curation.near.texts import Texts, fold_tables, folded, in_blocks

__all__ = ["Counts", "Signatures", "permutations", "set_sizes", "shingle_set", "signatures", "sketched"]

Signatures = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int64]

SEED = 1
HIGHEST = 0xFFFFFFFF
HELD = 1024  # shingles that the plain path permutes together


@functools.cache
def permutations(num_perm: int) -> npt.NDArray[np.uint32]:
    """The factors and summands, (2, num_perm), that datasketch draws for seed 1 in its scheme affine32."""
    draw = np.random.RandomState(SEED)
    factors = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    summands = draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return np.array([factors, summands])


def signatures(texts: Texts, ngram: int = 3, num_perm: int = 128, threads: int = 1) -> Signatures:
    """The signatures, (n, num_perm) uint32."""
    return sketched(texts, ngram, num_perm, threads)[0]


def set_sizes(texts: Texts, ngram: int = 3, threads: int = 1) -> Counts:
    """How many different shingles each text has, (n,) int64; exact."""
    return sketched(texts, ngram, 0, threads)[1]


def sketched(texts: Texts, ngram: int, num_perm: int, threads: int = 1) -> tuple[Signatures, Counts]:
    """Signatures and exact set sizes in one pass."""
    if not HAS_NUMBA:
        return _sketched_plain(texts, ngram, num_perm)
    result = np.empty((len(texts), num_perm), np.uint32)
    sizes = np.zeros(len(texts), np.int64)
    tables = fold_tables("accents")

    def work(first: int, last: int) -> None:
        bounds = texts.starts[first : last + 1]
        _sketch(texts.data, bounds, ngram, permutations(num_perm), *tables, result[first:last], sizes[first:last])

    in_blocks(work, len(texts), threads, 64)
    return result, sizes


def shingle_set(text: str, ngram: int) -> set[str]:
    """The shingles of a normal text: the plain definition that the kernels are held to."""
    padded = f" {folded(text)} ".ljust(ngram)
    return {padded[n : n + ngram] for n in range(len(padded) - ngram + 1)}


def _sketched_plain(texts: Texts, ngram: int, num_perm: int) -> tuple[Signatures, Counts]:
    import xxhash

    factors, summands = permutations(num_perm)
    result = np.empty((len(texts), num_perm), np.uint32)
    sizes = np.zeros(len(texts), np.int64)
    for number in range(len(texts)):
        shingles = shingle_set(texts[number], ngram)
        sizes[number] = len(shingles)
        lowest = np.full(num_perm, HIGHEST, np.uint32)
        hashes = np.array([spread(xxhash.xxh32_intdigest(one.encode())) for one in shingles], np.uint32)
        for start in range(0, len(hashes), HELD):
            part = hashes[start : start + HELD, None]
            np.minimum(lowest, (part * factors + summands).min(axis=0), out=lowest)
        result[number] = lowest
    return result, sizes


@compiled
def _permute(hashes: Any, count: int, factors: Any, summands: Any, lowest: Any) -> None:
    for n in range(len(lowest)):
        factor, summand, least = factors[n], summands[n], lowest[n]
        for m in range(count):
            value = np.uint32(hashes[m] * factor + summand)
            least = min(least, value)
        lowest[n] = least


@compiled
def _sketch(data: Any, bounds: Any, ngram: int, perms: Any, places: Any, pool: Any, result: Any, sizes: Any) -> None:
    window, marks, keys = np.empty(ROOM, np.uint8), np.zeros(ROOM, np.int32), np.empty(ROOM, np.int64)
    fresh = np.empty(ROOM, np.uint32)
    table, stamps = np.zeros(TABLE, np.int64), np.zeros(TABLE, np.int32)
    stamp = 0
    hashed = len(perms[0]) > 0
    for number in range(len(bounds) - 1):
        lowest = result[number]
        lowest[:] = np.uint32(0xFFFFFFFF)
        at, end, have = bounds[number], bounds[number + 1], 0
        unique, whole = 0, True
        stamp += 1
        mask = slots(end - at + ngram + 2, TABLE)
        while at <= end:
            at, have, count = shingles_from(data, at, end, ngram, places, pool, window, marks, have, keys)
            new = 0
            for n in range(count):
                if unique == TABLE // 2:  # as full as it may be: begin anew; the exact count comes later
                    stamp += 1
                    unique, whole = 0, False
                if put(keys[n], table, stamps, stamp, mask):
                    unique += 1
                    if hashed:
                        fresh[new] = spread(xxh32(window, marks[n], marks[n + ngram] - marks[n]))
                        new += 1
            _permute(fresh, new, perms[0], perms[1], lowest)
        sizes[number] = unique if whole else exact_size(data, bounds[number], end, ngram, places, pool)
