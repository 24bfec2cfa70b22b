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
from curation.near.letters import fold_tables
from curation.near.shingles import ROOM, TABLE, put, shingle_keys, shingles_from, slots, spread, spread_hashes
from curation.near.texts import Texts, folded, in_blocks

__all__ = ["Counts", "Signatures", "permutations", "shingle_set", "signatures"]

Signatures = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int64]

SEED = 1
HIGHEST = 0xFFFFFFFF
HELD = 1024  # shingles that the plain path permutes together
REPETITIVE = 2000  # bytes from which a text repeats its shingles so often that it pays to take each once


@functools.cache
def permutations(num_perm: int) -> npt.NDArray[np.uint32]:
    """The factors and summands, (2, num_perm), that datasketch draws for seed 1 in its scheme affine32."""
    draw = np.random.RandomState(SEED)
    factors = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    summands = draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return np.array([factors, summands])


def signatures(
    texts: Texts,
    ngram: int = 3,
    num_perm: int = 128,
    threads: int = 1,
    *,
    wanted: npt.NDArray[np.bool_] | None = None,
) -> Signatures:
    """The signatures, (n, num_perm) uint32; of texts that are not wanted anything."""
    if not HAS_NUMBA:
        return _signatures_plain(texts, ngram, num_perm)
    result = np.empty((len(texts), num_perm), np.uint32)
    wanted = np.ones(len(texts), np.bool_) if wanted is None else wanted
    tables, perms = fold_tables("accents"), permutations(num_perm)

    def work(first: int, last: int) -> None:
        _sketch(
            texts.data, texts.starts[first : last + 1], ngram, perms, *tables, wanted[first:last], result[first:last]
        )

    in_blocks(work, len(texts), threads, 64)
    return result


def shingle_set(text: str, ngram: int) -> set[str]:
    """The shingles of a normal text: the plain definition that the kernels are held to."""
    padded = f" {folded(text)} ".ljust(ngram)
    return {padded[n : n + ngram] for n in range(len(padded) - ngram + 1)}


def _signatures_plain(texts: Texts, ngram: int, num_perm: int) -> Signatures:
    import xxhash

    factors, summands = permutations(num_perm)
    result = np.empty((len(texts), num_perm), np.uint32)
    for number in range(len(texts)):
        shingles = shingle_set(texts[number], ngram)
        lowest = np.full(num_perm, HIGHEST, np.uint32)
        hashes = np.array([spread(xxhash.xxh32_intdigest(one.encode())) for one in shingles], np.uint32)
        for start in range(0, len(hashes), HELD):
            part = hashes[start : start + HELD, None]
            np.minimum(lowest, (part * factors + summands).min(axis=0), out=lowest)
        result[number] = lowest
    return result


@compiled
def _permute(hashes: Any, count: int, factors: Any, summands: Any, lowest: Any) -> None:
    """Eight hashes at a time, so that a permutation is loaded once for eight of them."""
    u = np.uint32
    m = 0
    while m + 8 <= count:
        h0, h1, h2, h3 = hashes[m], hashes[m + 1], hashes[m + 2], hashes[m + 3]
        h4, h5, h6, h7 = hashes[m + 4], hashes[m + 5], hashes[m + 6], hashes[m + 7]
        for n in range(len(lowest)):
            f, s = factors[n], summands[n]
            one = min(min(u(h0 * f + s), u(h1 * f + s)), min(u(h2 * f + s), u(h3 * f + s)))
            two = min(min(u(h4 * f + s), u(h5 * f + s)), min(u(h6 * f + s), u(h7 * f + s)))
            lowest[n] = min(lowest[n], min(one, two))
        m += 8
    while m < count:
        h = hashes[m]
        for n in range(len(lowest)):
            lowest[n] = min(lowest[n], u(h * factors[n] + summands[n]))
        m += 1


@compiled
def _sketch(data: Any, bounds: Any, ngram: int, perms: Any, places: Any, pool: Any, chosen: Any, result: Any) -> None:
    window, marks = np.empty(ROOM, np.uint8), np.zeros(ROOM, np.int32)
    keys, hashes = np.empty(ROOM, np.int64), np.empty(ROOM, np.uint32)
    table, stamps = np.zeros(TABLE, np.int64), np.zeros(TABLE, np.int32)
    factors, summands = perms[0], perms[1]
    stamp = 0
    for number in range(len(bounds) - 1):
        if not chosen[number]:
            continue
        lowest = result[number]
        lowest[:] = np.uint32(0xFFFFFFFF)
        at, end, have = bounds[number], bounds[number + 1], 0
        once, unique = end - at > REPETITIVE, 0
        stamp += 1
        mask = slots(end - at + ngram + 2, TABLE)
        while at <= end:
            at, have, count = shingles_from(data, at, end, ngram, places, pool, window, marks, have)
            spread_hashes(window, marks, have, count, ngram, hashes)
            if once:
                shingle_keys(window, marks, have, ngram, 0 * count, count, keys)
                new = 0
                for n in range(count):
                    if unique == TABLE // 2:  # as full as it may be: begin anew, some are taken twice then
                        stamp += 1
                        unique = 0
                    if put(keys[n], table, stamps, stamp, mask):
                        unique += 1
                        hashes[new] = hashes[n]
                        new += 1
                count = new
            _permute(hashes, count, factors, summands, lowest)
