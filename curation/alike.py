"""Texts that are nearly the same, within one list and between the parts of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from curation.similar import Index, jaccard, shingles, similar_across
from tamiz.settings import NearSettings

if TYPE_CHECKING:
    from curation.similar import Shingles

__all__ = ["Alike"]


class Alike:
    """One text of each of many pairs. `same` gives for each its first appearance, equal but for form."""

    def __init__(self, texts: Sequence[str], near: NearSettings) -> None:
        self._near = near
        self._hashes: list[Shingles] = [shingles(text, near.ngram) for text in texts]
        first: dict[bytes, int] = {}
        self.same = [first.setdefault(text.tobytes(), place) for place, text in enumerate(self._hashes)]

    def within(self) -> Iterator[tuple[int, int, float]]:
        """Places of different texts that are nearly the same, each verified; a few at the threshold are missed."""
        index = Index(self._near)
        for place, text in enumerate(self._hashes):
            if self.same[place] != place:
                continue
            sketch = index.sketch(text)
            for other in index.candidates(sketch):
                similarity = jaccard(text, self._hashes[other], self._near.threshold)
                if similarity >= self._near.threshold:
                    yield other, place, similarity
            index.add(place, sketch)

    def across(self, left: Sequence[int], right: Sequence[int]) -> Iterator[tuple[int, int, float]]:
        """All places (left, right) whose texts are nearly the same; nothing is missed."""
        mine, others = [self._hashes[n] for n in left], [self._hashes[n] for n in right]
        for one, other in similar_across(mine, others, self._near.threshold):
            yield left[one], right[other], jaccard(mine[one], others[other])
