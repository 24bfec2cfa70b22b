"""The truth, found without the code under test: exhaustive similarities, and each removal looked at once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from duplicate_corpus import HARD, TEMPLATES, LabelledPair
from duplicate_peers import shingle_list

__all__ = ["Quality", "exhaustive_pairs", "jaccard", "quality_of"]

Ints = npt.NDArray[np.int64]
BLOCK = 512


def exhaustive_pairs(texts: Sequence[str], threshold: float, ngram: int) -> set[tuple[int, int]]:
    """All (earlier, later) of folded texts whose shingles have that Jaccard similarity: every one against every one."""
    from scipy.sparse import csr_array

    number: dict[str, int] = defaultdict(lambda: len(number))
    rows = [sorted({number[one] for one in shingle_list(text, ngram)}) for text in texts]
    sizes = np.array([len(row) for row in rows])
    places = np.concatenate([[0], np.cumsum(sizes)])
    matrix = csr_array((np.ones(places[-1], np.float32), np.concatenate(rows), places), (len(texts), len(number)))
    across = matrix.T.tocsr()
    found = set()
    for start in range(0, len(texts), BLOCK):
        shared = (matrix[start : start + BLOCK] @ across).tocoo()
        left, right, both = shared.row + start, shared.col, shared.data.astype(np.int64)
        alike = (left < right) & (both / (sizes[left] + sizes[right] - both) >= threshold)
        found |= set(zip(left[alike].tolist(), right[alike].tolist(), strict=True))
    return found


def jaccard(one: str, other: str, ngram: int) -> float:
    """Of two folded texts."""
    mine, others = set(shingle_list(one, ngram)), set(shingle_list(other, ngram))
    return len(mine & others) / len(mine | others)


@dataclass(slots=True)
class Quality:
    """How right the removals are against the labels.

    A removal is right when the kept pair is a copy of the removed one. An original is lost when neither it nor a
    copy of it is kept.
    """

    originals: int
    copies: int
    removed: int = 0
    right: int = 0
    lost: int = 0
    hard: int = 0
    hard_removed: int = 0
    templates: int = 0
    templates_removed: int = 0
    by_edit: dict[str, tuple[int, int]] = field(default_factory=dict)  # copies of the kind, found
    by_hard: dict[str, tuple[int, int]] = field(default_factory=dict)  # originals of the kind, removed for another
    wrong: list[tuple[int, int]] = field(default_factory=list)  # removed, kept

    @property
    def precision(self) -> float:
        return self.right / self.removed if self.removed else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.copies

    @property
    def hard_share(self) -> float:
        return self.hard_removed / max(1, self.hard)

    @property
    def template_share(self) -> float:
        return self.templates_removed / max(1, self.templates)


def quality_of(pairs: Sequence[LabelledPair], removed: Ints, kept: Ints) -> Quality:
    """`removed[n]` was left out for `kept[n]`; places in `pairs`.

    Recall by edit counts a copy as found when it, or the text it is a copy of, was removed for the other.
    """
    result = Quality(sum(not pair.copy for pair in pairs), sum(pair.copy for pair in pairs), removed=len(removed))
    gone = np.zeros(len(pairs), bool)
    gone[removed] = True
    alive = {pair.origin for place, pair in enumerate(pairs) if not gone[place]}
    result.lost = result.originals - len(alive)
    rightly, wrongly = _judged(pairs, removed, kept)
    result.right, result.wrong = len(rightly), wrongly
    taken = {place for place, _ in rightly} | {place for _, place in rightly}
    for edit, places in _by_kind(pairs, copies=True):
        result.by_edit[edit] = (len(places), sum(place in taken for place in places))
    misled = {place for place, _ in wrongly}
    for kind, places in _by_kind(pairs, copies=False):
        if kind in HARD:
            count = sum(place in misled for place in places)
            result.by_hard[kind] = (len(places), count)
            result.hard, result.hard_removed = result.hard + len(places), result.hard_removed + count
            if kind in TEMPLATES:
                result.templates += len(places)
                result.templates_removed += count
    return result


def _judged(
    pairs: Sequence[LabelledPair], removed: Ints, kept: Ints
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    right, wrong = [], []
    for one, other in zip(removed.tolist(), kept.tolist(), strict=True):
        (right if pairs[one].origin == pairs[other].origin else wrong).append((one, other))
    return right, wrong


def _by_kind(pairs: Sequence[LabelledPair], *, copies: bool) -> Iterator[tuple[str, list[int]]]:
    places = defaultdict(list)
    for place, pair in enumerate(pairs):
        if pair.copy == copies:
            places[pair.kind].append(place)
    yield from sorted(places.items())
