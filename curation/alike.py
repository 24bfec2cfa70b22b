"""Texts that are nearly the same, within one list and between the parts of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from curation.near.join import similar_components, similar_pairs
from curation.near.texts import Texts
from curation.similar import jaccard, shingles, similar_across
from tamiz.settings import NearSettings

__all__ = ["Alike"]


class Alike:
    """One text of each of many pairs. `same` gives for each its first appearance, equal but for form."""

    def __init__(self, texts: Sequence[str], near: NearSettings) -> None:
        self._near = near
        self._raw = texts
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
        hashes = {same: shingles(self._raw[same], self._near.ngram) for same in {*mine, *others}}
        sides = [hashes[same] for same in mine], [hashes[same] for same in others]
        places = list(mine.values()), list(others.values())
        for one, other in similar_across(*sides, self._near.threshold):
            yield places[0][one], places[1][other], jaccard(sides[0][one], sides[1][other])

    def _first_of(self, places: Sequence[int]) -> dict[int, int]:
        """For each different text of these places the first of them that has it."""
        first: dict[int, int] = {}
        for place in places:
            first.setdefault(self.same[place], place)
        return first

    def _distinct(self, places: Sequence[int]) -> npt.NDArray[np.int64]:
        return np.array(sorted({self.same[place] for place in places}), np.int64)
