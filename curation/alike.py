"""Texts that are nearly the same, within one list and between the parts of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from curation.across import ShingleSets, pairs_across, shingle_sets
from curation.near.join import similar_components, similar_pairs
from curation.near.texts import Texts
from tamiz.settings import NearSettings

__all__ = ["Alike"]


class Alike:
    """One text of each of many pairs. `same` gives for each its first appearance, equal but for form."""

    def __init__(self, texts: Sequence[str], near: NearSettings) -> None:
        self._near = near
        self._sets: ShingleSets | None = None
        self._normal = Texts.of(texts, self._threads)
        first: dict[bytes, int] = {}
        data, starts = self._normal.data.tobytes(), self._normal.starts.tolist()
        spans = itertools.pairwise(starts)
        self.same = [first.setdefault(data[start:end], place) for place, (start, end) in enumerate(spans)]

    @property
    def _threads(self) -> int:
        return os.cpu_count() or 1

    def components(self) -> list[int]:
        """For each text the first that it is connected with by nearly same ones; a few at the threshold are missed."""
        places = self._distinct(range(len(self.same)))
        near = self._near
        found = similar_components(
            self._normal.take(places), near.threshold, ngram=near.ngram, num_perm=near.num_perm, threads=self._threads
        )
        component = dict(zip(places.tolist(), places[found].tolist(), strict=True))
        return [component[first] for first in self.same]

    def within(self, places: Sequence[int]) -> Iterator[tuple[int, int, float]]:
        """Different texts at these places that are nearly the same, by their first appearance, each pair once."""
        near, distinct = self._near, self._distinct(places)
        found = similar_pairs(
            self._normal.take(distinct), near.threshold, ngram=near.ngram, num_perm=near.num_perm, threads=self._threads
        )
        left, right = distinct[found.left].tolist(), distinct[found.right].tolist()
        yield from zip(left, right, found.similarity.tolist(), strict=True)

    def across(self, left: Sequence[int], right: Sequence[int]) -> Iterator[tuple[int, int, float]]:
        """Places (left, right) of nearly the same texts, equal ones of a side by the first; nothing is missed."""
        mine, others = self._first_of(left), self._first_of(right)
        if not mine or not others:
            return
        if self._sets is None:
            self._sets = shingle_sets(self._normal, self._near.ngram)
        sides = np.array(list(mine), np.int64), np.array(list(others), np.int64)
        found = pairs_across(self._sets, sides[0], sides[1], self._near.threshold)
        for one, other, similarity in zip(*(column.tolist() for column in found), strict=True):
            yield mine[one], others[other], similarity

    def _first_of(self, places: Sequence[int]) -> dict[int, int]:
        """For each different text of these places the first of them that has it."""
        first: dict[int, int] = {}
        for place in places:
            first.setdefault(self.same[place], place)
        return first

    def _distinct(self, places: Sequence[int]) -> npt.NDArray[np.int64]:
        return np.array(sorted({self.same[place] for place in places}), np.int64)
