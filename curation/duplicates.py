"""Pairs that say the same as another, and which of them is kept.

The same question with the same answer, nearly, is a copy. The same question with another answer is a variant or a
contradiction and goes to people; the same answer to another question is wanted variety. Numbers, codes, negations,
opposites and replaced words make texts different however alike the letters are.

Pairs are taken in the order of preference, and each is compared with kept pairs only: what is removed is itself
similar enough to the very pair that is kept in its place. No chains.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from curation.near.pairs import (
    EXACT,
    HOT,
    KEPT,
    Decision,
    Edges,
    Prepared,
    all_edges,
    decide,
    prepare,
    same_texts,
)
from curation.near.signatures import Counts
from tamiz.errors import InputError
from tamiz.settings import NearSettings

__all__ = ["Duplicates", "Removed", "compare", "find_duplicates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Pair number `pair` repeats the kept pair number `kept`; similarities are shares from 0 to 1."""

    pair: int
    kept: int
    rule: Literal["exact", "near"]
    question: float
    answer: float

    @property
    def confidence(self) -> float:
        """The lower of the two similarities."""
        return min(self.question, self.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What was found among n pairs, with all that it was decided by.

    Arrays are by pair number; see curation.near.pairs for their shapes. `edges` are all pairs of pairs that
    are similar, so `at` decides anew with a higher threshold and compares nothing again.
    """

    prepared: Prepared
    node: Counts
    edges: Edges
    order: Counts
    near: NearSettings
    decision: Decision
    settled: npt.NDArray[np.bool_] | None = None
    family: Counts | None = None

    def __len__(self) -> int:
        return int(np.count_nonzero(self.decision.rule))

    def __iter__(self) -> Iterator[Removed]:
        """What is removed, in the order of the pairs."""
        for pair in np.flatnonzero(self.decision.rule).tolist():
            yield self.removed(pair)

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """(n,) bool."""
        kept: npt.NDArray[np.bool_] = self.decision.rule == KEPT
        return kept

    def removed(self, pair: int) -> Removed:
        """Why this pair is removed; KeyError for one that is kept."""
        found = self.decision
        if found.rule[pair] == KEPT:
            raise KeyError(f"pair {pair} is kept")
        return Removed(
            pair=pair,
            kept=int(found.kept_by[pair]),
            rule="exact" if found.rule[pair] == EXACT else "near",
            question=float(found.question[pair]),
            answer=float(found.answer[pair]),
        )

    def at(self, threshold: float) -> Duplicates:
        """The same with a higher threshold. InputError for one below that of the search."""
        if not threshold <= 1:
            raise InputError(f"a threshold of {threshold} is no share; give one up to 1, such as 0.8")
        if threshold < self.near.threshold:
            raise InputError(
                f"these pairs were compared at a threshold of {self.near.threshold}; {threshold} needs a new search"
            )
        found = (self.prepared, self.node, self.edges, self.order)
        return _decided(*found, self.near, threshold, self.settled, self.family)


def find_duplicates(
    questions: Sequence[str],
    answers: Sequence[str],
    *,
    near: NearSettings | None = None,
    order: Counts | None = None,
    settled: npt.NDArray[np.bool_] | None = None,
    family: Counts | None = None,
    threads: int = 0,
) -> Duplicates:
    """The copies among these pairs, raw texts; the same whatever the number of threads (0: all cores).

    order    (n,) int64, pairs by number, the preferred ones first; as they come by default
    settled  (n,) bool, pairs that are kept whatever they repeat; first in the order
    family   (n,) int64, pairs of one family are near copies of others only
    """
    if len(questions) != len(answers):
        raise InputError(f"there are {len(questions)} questions and {len(answers)} answers; give one answer for each")
    near = near or NearSettings()
    threads = threads or os.cpu_count() or 1
    prepared = prepare(
        questions,
        answers,
        threshold=near.threshold,
        ngram=near.ngram,
        num_perm=near.num_perm,
        threads=threads,
    )
    return compare(prepared, near, order=order, settled=settled, family=family, threads=threads)


def compare(
    prepared: Prepared,
    near: NearSettings,
    *,
    order: Counts | None = None,
    settled: npt.NDArray[np.bool_] | None = None,
    family: Counts | None = None,
    threads: int = 1,
    hot: int = HOT,
) -> Duplicates:
    """The copies among pairs that are prepared."""
    node = same_texts(prepared)
    nodes = np.flatnonzero(node == np.arange(len(node)))

    settings = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm, "hot": hot}
    edges = all_edges(prepared, nodes, **settings, threads=threads)  # type: ignore[arg-type]
    order = np.arange(len(prepared)) if order is None else order
    return _decided(prepared, node, edges, order, near, near.threshold, settled, family)


def _decided(
    prepared: Prepared,
    node: Counts,
    edges: Edges,
    order: Counts,
    near: NearSettings,
    threshold: float,
    settled: npt.NDArray[np.bool_] | None,
    family: Counts | None,
) -> Duplicates:
    decision = decide(
        prepared,
        node,
        edges,
        order,
        threshold=threshold,
        ngram=near.ngram,
        num_perm=near.num_perm,
        settled=settled,
        family=family,
    )
    return Duplicates(
        prepared=prepared,
        node=node,
        edges=edges,
        order=order,
        near=near,
        decision=decision,
        settled=settled,
        family=family,
    )
