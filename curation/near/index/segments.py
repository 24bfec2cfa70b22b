"""Sorted keys, by which pairs that were added before are found: a segment for what was added together.

A segment has a lane for each band, one for whole texts, and one for ids. Segments are merged as they grow, each at
least twice as large as the next one, so that there are few: about as many as the index has doubled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.bands import Keys, ordered
from curation.near.compiled import compiled
from curation.near.signatures import Counts

__all__ = ["Lane", "Segment", "fresh_lanes", "lane_parts", "to_merge"]


@dataclass(frozen=True, slots=True)
class Lane:
    """Keys in ascending order, (n,) uint32, and the row that each is of, (n,) int32."""

    keys: Keys
    rows: npt.NDArray[np.int32]

    def places(self, keys: Keys) -> tuple[Counts, Counts]:
        """Where each of these keys begins and ends; ascending ones are fastest."""
        return np.searchsorted(self.keys, keys, "left"), np.searchsorted(self.keys, keys, "right")


@dataclass(frozen=True, slots=True)
class Segment:
    """The lanes of the bands, then the one of the texts, then the one of the ids."""

    lanes: tuple[Lane, ...]

    @classmethod
    def read(cls, values: Keys, sizes: Sequence[int]) -> Segment:
        """The segment in a file of `lane_parts`."""
        lanes, at = [], 0
        for size in sizes:
            lanes.append(Lane(values[at : at + size], values[at + size : at + 2 * size].view(np.int32)))
            at += 2 * size
        return cls(tuple(lanes))

    @property
    def texts(self) -> Lane:
        return self.lanes[-2]

    @property
    def ids(self) -> Lane:
        return self.lanes[-1]


def fresh_lanes(keys: Keys, texts: Keys, nodes: Counts, ids: Keys, first: int) -> Iterator[Lane]:
    """The lanes of pairs whose rows begin with `first`.

    keys, texts  (n, bands) and (n,) uint32, of the pairs whose texts are new
    nodes        (n,) int64, the rows of these, counted from `first`
    ids          (m,) uint32, of all pairs
    """
    for band in range(keys.shape[1]):
        yield _lane(keys[:, band], nodes + first)
    yield _lane(texts, nodes + first)
    yield _lane(ids, np.arange(first, first + len(ids)))


def to_merge(sizes: Sequence[int], fresh: int) -> int:
    """How many of the last segments a new one is to be merged with.

    >>> to_merge([100, 20], 8), to_merge([100, 20], 11), to_merge([100, 20], 50)
    (0, 1, 2)
    """
    merged = 0
    for size in reversed(sizes):
        if size >= 2 * fresh:
            break
        fresh, merged = fresh + size, merged + 1
    return merged


def lane_parts(segments: Sequence[Iterable[Lane]], sizes: list[int]) -> Iterator[npt.NDArray[Any]]:
    """What a file of all these is made of, lane by lane; `sizes` gets how long the lanes are."""
    for lanes in zip(*segments, strict=True):
        merged = lanes[0]
        for lane in lanes[1:]:
            merged = Lane(*_merged(merged.keys, merged.rows, lane.keys, lane.rows))
        sizes.append(len(merged.keys))
        yield merged.keys
        yield merged.rows


def _lane(keys: Keys, rows: Counts) -> Lane:
    order, in_order = ordered(keys)
    return Lane(in_order, rows[order].astype(np.int32))


@compiled
def _merged(keys1: Any, rows1: Any, keys2: Any, rows2: Any) -> Any:
    count = len(keys1) + len(keys2)
    keys, rows = np.empty(count, np.uint32), np.empty(count, np.int32)
    one, other = 0, 0
    for n in range(count):
        if other == len(keys2) or (one < len(keys1) and keys1[one] <= keys2[other]):
            keys[n], rows[n] = keys1[one], rows1[one]
            one += 1
        else:
            keys[n], rows[n] = keys2[other], rows2[other]
            other += 1
    return keys, rows
