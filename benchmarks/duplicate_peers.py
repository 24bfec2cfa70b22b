"""What others do from normal text to duplicate flags, with the same shingles: datasketch, rensa, chained candidates.

Each takes folded texts and gives a flag for each: something like it was there. The shingles are the character
n-grams of " text ", and each tool gets them in the form that it is quickest with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

__all__ = ["PEERS", "SYMMETRIC", "chained", "keep_first", "shingle_list"]

Flags = npt.NDArray[np.bool_]
Peer = Callable[[Sequence[str], float, int], Flags]
NUM_PERM = 128


def shingle_list(text: str, ngram: int) -> list[str]:
    padded = f" {text} ".ljust(ngram)
    return [padded[n : n + ngram] for n in range(len(padded) - ngram + 1)]


def datasketch_each(texts: Sequence[str], threshold: float, ngram: int) -> Flags:
    """datasketch as its documentation shows it: update() for each shingle."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    flags = np.zeros(len(texts), bool)
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
        for shingle in set(shingle_list(text, ngram)):
            sketch.update(shingle.encode())
        flags[number] = bool(index.query(sketch))
        index.insert(number, sketch)
    return flags


def datasketch_bulk(texts: Sequence[str], threshold: float, ngram: int) -> Flags:
    """datasketch as fast as it goes in one thread: the bulk generator, a set for each text, no check of keys."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    flags = np.zeros(len(texts), bool)
    shingles = ([one.encode() for one in set(shingle_list(text, ngram))] for text in texts)
    sketches = MinHash.generator(shingles, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
    for number, sketch in enumerate(sketches):
        flags[number] = bool(index.query(sketch))
        index.insert(number, sketch, check_duplication=False)
    return flags


def rensa_matrix(texts: Sequence[str], threshold: float, ngram: int) -> Flags:
    """rensa's bulk form with strings: a matrix of R-MinHash signatures, flags by shared bands."""
    from rensa import RMinHash, RMinHashLSH

    matrix = RMinHash.digest_matrix_from_token_sets([shingle_list(text, ngram) for text in texts], NUM_PERM, 42)
    return np.array(RMinHashLSH(threshold, NUM_PERM, _bands(threshold)).query_duplicate_flags_matrix_one_shot(matrix))


def rensa_rho(texts: Sequence[str], threshold: float, ngram: int) -> Flags:
    """rensa's quickest form, which samples the shingles."""
    from rensa import RMinHash, RMinHashLSH

    matrix = RMinHash.digest_matrix_from_token_sets_rho([shingle_list(text, ngram) for text in texts], NUM_PERM, 42)
    return np.array(RMinHashLSH(threshold, NUM_PERM, _bands(threshold)).query_duplicate_flags_matrix_one_shot(matrix))


def rensa_deduplicator(texts: Sequence[str], threshold: float, ngram: int) -> Flags:
    """rensa's deduplicator with strings, which checks its candidates by the signatures."""
    from rensa import RMinHashDeduplicator

    tool = RMinHashDeduplicator(threshold, NUM_PERM, True, _bands(threshold))
    kept = tool.add_pairs((str(number), shingle_list(text, ngram)) for number, text in enumerate(texts))
    return ~np.array(kept)


def _bands(threshold: float) -> int:
    """As many bands as its 128 values divide into evenly, with the S-curve nearest the threshold."""
    return min((8, 16, 32), key=lambda bands: abs((1 / bands) ** (bands / NUM_PERM) - threshold))


PEERS: Mapping[str, Peer] = {
    "datasketch per shingle": datasketch_each,
    "datasketch bulk": datasketch_bulk,
    "rensa strings, deduplicator": rensa_deduplicator,
    "rensa strings, matrix": rensa_matrix,
    "rensa strings, rho (sampling)": rensa_rho,
}
# These flag both of two texts that are alike, the others the later one.
SYMMETRIC = ("rensa strings, matrix", "rensa strings, rho (sampling)")


def chained(signatures: npt.NDArray[np.uint32], threshold: float) -> npt.NDArray[np.int64]:
    """The cluster of each text where candidates are joined as they come, unverified, as common pipelines do.

    Bands and rows are those that datasketch takes for the threshold.
    """
    from datasketch import MinHashLSH

    index: Any = MinHashLSH(threshold=threshold, num_perm=signatures.shape[1])
    edges = []
    for band in range(index.b):
        rows = np.ascontiguousarray(signatures[:, band * index.r : (band + 1) * index.r])
        _, first, bucket = np.unique(rows.view(f"V{rows.shape[1] * 4}").ravel(), return_index=True, return_inverse=True)
        edges.append((first[bucket], np.arange(len(rows))))
    return keep_first(len(signatures), np.concatenate([e[0] for e in edges]), np.concatenate([e[1] for e in edges]))


def keep_first(size: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Connected components: for each of `size` texts the first one of its component."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    first = np.full(labels.max() + 1, size, np.int64)
    np.minimum.at(first, labels, np.arange(size))
    return first[labels]
