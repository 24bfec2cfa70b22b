"""The nearest of many vectors, exactly, in memory that grows with their number and not with its square.

Rows are compared with the rows before them only. Vectors have length 1, so their product is the cosine.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.texts import in_blocks

__all__ = ["Nearest", "nearest_dense", "nearest_sparse"]

BLOCK = 4_000_000  # similarities that are held at once
LANES = 8  # of the compiled search; each has an accumulator of a float a vector


@dataclass(frozen=True, slots=True)
class Nearest:
    """`columns[row]` are the nearest earlier rows, best first (-1: no more), `similarities[row]` how near."""

    columns: npt.NDArray[np.int32]
    similarities: npt.NDArray[np.float32]

    @classmethod
    def none(cls, count: int, most: int) -> Nearest:
        return cls(np.full((count, most), -1, dtype=np.int32), np.zeros((count, most), dtype=np.float32))

    def take(self, start: int, similarities: npt.NDArray[np.float32], threshold: float) -> None:
        """Keep the best of a block: row i of `similarities` is row start + i against the rows from 0 on."""
        rows, columns = np.nonzero(similarities >= threshold)
        earlier = columns < rows + start
        rows, columns = rows[earlier], columns[earlier]
        values = similarities[rows, columns]
        order = np.lexsort((columns, -values, rows))
        rows, columns, values = rows[order], columns[order], values[order]
        places = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = places < self.columns.shape[1]
        self.columns[rows[kept] + start, places[kept]] = columns[kept]
        self.similarities[rows[kept] + start, places[kept]] = values[kept]


def nearest_dense(vectors: npt.NDArray[np.float32], *, threshold: float, most: int, first: int = 0) -> Nearest:
    """The `most` nearest earlier rows of every row from `first` on, if they are at least this similar."""
    found = Nearest.none(len(vectors), most)
    start = first
    while start < len(vectors):
        end = min(len(vectors), start + max(1, BLOCK // len(vectors)))
        found.take(start, vectors[start:end] @ vectors[:end].T, threshold)
        start = end
    return found


def nearest_sparse(vectors: Any, *, threshold: float, most: int, first: int = 0) -> Nearest:
    """The same for a scipy CSR matrix of float32; compiled where numba is installed."""
    found = Nearest.none(vectors.shape[0], most)
    if not HAS_NUMBA:
        _by_blocks(vectors, found, threshold, first)
        return found
    vectors.sort_indices()
    turned = vectors.tocsc()  # the rows that have a feature, in their order
    rows, holders = (vectors.indptr, vectors.indices, vectors.data), (turned.indptr, turned.indices, turned.data)

    def work(begin: int, end: int) -> None:
        for lane in range(begin, end):
            _search(rows, holders, first + lane, threshold, found.columns, found.similarities)

    in_blocks(work, LANES, os.cpu_count() or 1)
    return found


def _by_blocks(vectors: Any, found: Nearest, threshold: float, first: int) -> None:
    count, start = vectors.shape[0], first
    turned = vectors.T.tocsr()
    while start < count:
        end = min(count, start + max(1, BLOCK // count))
        found.take(start, (vectors[start:end] @ turned).toarray(), threshold)
        start = end


@compiled
def _search(rows: Any, turned: Any, first: int, threshold: float, columns: Any, similarities: Any) -> None:
    """One lane, row by row over the postings of its features: every LANES-th row, since later ones cost more."""
    starts, features, weights = rows
    heads, holders, shares = turned
    count, most = columns.shape
    sums = np.zeros(count, dtype=np.float32)
    for row in range(first, count, LANES):
        for place in range(starts[row], starts[row + 1]):
            feature, weight = features[place], weights[place]
            for posting in range(heads[feature], heads[feature + 1]):
                other = holders[posting]
                if other >= row:
                    break
                sums[other] += weight * shares[posting]
        for other in range(row):
            value = sums[other]
            sums[other] = 0
            if value >= threshold and value > similarities[row, most - 1]:
                at = most - 1
                while at > 0 and similarities[row, at - 1] < value:
                    columns[row, at] = columns[row, at - 1]
                    similarities[row, at] = similarities[row, at - 1]
                    at -= 1
                columns[row, at] = other
                similarities[row, at] = value
