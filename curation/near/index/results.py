"""What an index tells: which pair repeats which, what a change made of that, and what a new pair would repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from curation.near.index.search import Flags
from curation.near.index.view import Records, View

__all__ = ["Changes", "Match", "Repeat", "Rule", "changes_between", "repeats_of"]

Rule = Literal["exact", "near"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The pair `id` repeats the kept pair `kept`; similarities are shares from 0 to 1, exact."""

    id: str
    kept: str
    rule: Rule
    question: float
    answer: float

    @property
    def confidence(self) -> float:
        """The lower of the two similarities."""
        return min(self.question, self.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Pair number `pair` of those that were asked about says the same as the pair `id` of the index.

    `kept` is the pair that is kept in the place of that one: itself, or the one that it repeats.
    """

    pair: int
    id: str
    kept: str
    rule: Rule
    question: float
    answer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What adding or removing pairs changed.

    `repeats` are pairs that repeat another one now and did not, or another one than before; `kept` are the ids of
    pairs that were in the index before, repeated another, and are kept now. Neither names what was removed.
    """

    pairs: int
    repeats: tuple[Repeat, ...]
    kept: tuple[str, ...]


def repeats_of(view: View, found: Records) -> Iterator[Repeat]:
    """These records with their ids."""
    for row, kept, rule, question, answer in found.tolist():
        yield Repeat(
            id=view.ids[row],
            kept=view.ids[kept],
            rule="exact" if rule == 1 else "near",
            question=question,
            answer=answer,
        )


def changes_between(view: View, before: Records, after: Records, live: Flags, pairs: int) -> Changes:
    """What is other after than before, among the pairs that are live after."""
    was = np.full(len(live), -1, np.int64)
    was[before["row"]] = before["kept"]
    fresh = after[was[after["row"]] != after["kept"]]
    now = np.zeros(len(live), np.bool_)
    now[after["row"]] = True
    kept = np.flatnonzero((was >= 0) & ~now & (live > 0))
    return Changes(
        pairs=pairs, repeats=tuple(repeats_of(view, fresh)), kept=tuple(view.ids[row] for row in kept.tolist())
    )
