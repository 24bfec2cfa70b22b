"""Questions that are asked more than once and are kept with different answers: for people to look at."""

from __future__ import annotations

import itertools

import numpy as np

from curation.duplicates import Duplicates
from curation.near.pairs import EXACT
from curation.near.texts import Texts

__all__ = ["contradictions", "variants"]


def contradictions(found: Duplicates) -> list[tuple[int, int]]:
    """Kept pairs with nearly the same question whose answers are nearly the same too, but say different things.

    24 hours in the one, 48 hours in the other. By pair number, most similar first.
    """
    edges, decision = found.edges, found.decision
    stands = np.where(decision.rule == EXACT, decision.kept_by, np.arange(len(decision.rule)))
    # Of the very same texts another pair than the first may be kept: it stands for them.
    for pair in np.flatnonzero(found.kept & (found.node != np.arange(len(found.node)))).tolist():
        stands[found.node[pair]] = pair
    left, right = stands[edges.left], stands[edges.right]
    chosen = (edges.differs > 0) & found.kept[left] & found.kept[right]
    order = np.lexsort((right[chosen], left[chosen], -edges.answer[chosen], -edges.question[chosen]))
    return [(int(left[chosen][n]), int(right[chosen][n])) for n in order]


def variants(found: Duplicates) -> list[list[int]]:
    """Kept pairs that have the very same question, in normal form, and different answers; the largest group first."""
    kept = np.flatnonzero(found.kept)
    hashes = _hashes(found.prepared.questions)[kept]
    order = np.argsort(hashes, kind="stable")
    ends = np.flatnonzero(np.diff(hashes[order])) + 1
    groups = [kept[members].tolist() for members in np.split(order, ends) if len(members) > 1]
    texts = found.prepared.questions
    same = [[pair for pair in group if texts[pair] == texts[group[0]]] for group in groups if texts[group[0]]]
    return sorted((group for group in same if len(group) > 1), key=lambda group: (-len(group), group[0]))


def _hashes(texts: Texts) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    data, starts = memoryview(texts.data), texts.starts.tolist()  # type: ignore[arg-type]
    spans = itertools.pairwise(starts)
    return np.fromiter((hash(data[start:end].tobytes()) for start, end in spans), np.int64, len(texts))
