"""Groups of pairs that may not be torn apart, around those that have had a part since an earlier export.

A pair's part never changes. So a new or edited pair that is tied to two parts is left out, and two pairs of
different parts that are tied to each other, though neither changed, are a conflict that only a person can solve.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curation.ties import TEXTS, Ties
from tamiz.errors import TamizError
from tamiz.records import Split
from tamiz.wording import plural

__all__ = ["FrozenConflict", "Groups", "LeftOut", "gather", "left_out_notes"]

NAMED = 5  # conflicts that a message names, and pairs that are left out


class FrozenConflict(TamizError):
    """Pairs that were assigned to different parts may no longer be apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A pair that is in no part: the reason in general, and its ties in particular."""

    pair: str
    reason: str
    ties: tuple[str, ...] = ()


def left_out_notes(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """A line for each of the first pairs that no part could take, and one for all others."""
    notes = [f"pair {one.pair} is left out: it {one.reason}; it has {' and '.join(one.ties)}" for one in left_out]
    if len(notes) <= NAMED:
        return tuple(notes)
    more = plural(len(notes) - NAMED, "more is", "more are")
    return (*notes[:NAMED], f"{more} left out so; the file left_out names all")


@dataclass(slots=True)
class Groups:
    """The group of every pair that is in one, by place; groups with a part; pairs that are in none."""

    of: dict[int, int] = field(default_factory=dict)
    part: dict[int, Split] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


class Link(NamedTuple):
    """A pair that another is tied to: the tie's number and kind, and how similar the texts are (1: it is shared)."""

    tie: int
    kind: str
    other: str
    similarity: float

    def __str__(self) -> str:
        if self.kind not in TEXTS:
            return f"the same {self.kind} as pair {self.other}"
        same = "the same" if self.similarity == 1 else f"nearly the same ({self.similarity:.2f})"
        return f"{same} {self.kind} as pair {self.other}"


def gather(ties: Ties, frozen: Mapping[str, Split], *, way_out: str) -> Groups:
    """Groups of all pairs, whatever their order. `frozen` has the part of pairs, here or once made into these.

    FrozenConflict names frozen pairs that are tied to each other in different parts, and `way_out`.
    """
    gathering = _Gathering(ties, frozen)
    places = sorted(range(len(ties.ids)), key=ties.ids.__getitem__)
    for place in places:
        if ties.ids[place] in frozen:
            gathering.add(place)
    if gathering.conflicts:
        raise FrozenConflict(_conflict(gathering.conflicts, way_out))
    new = [place for place in places if ties.ids[place] not in frozen]
    dissent = gathering.dissenting(new)
    for place in sorted(new, key=lambda place: (place in dissent, ties.ids[place])):
        gathering.add(place)
    return gathering.groups()


class _Gathering:
    """Sets of ties that grow with every pair that is added (union-find over the numbers of ties)."""

    def __init__(self, ties: Ties, frozen: Mapping[str, Split]) -> None:
        self.ties, self.frozen = ties, frozen
        self.parent = list(range(len(ties.names)))
        self.part: dict[int, Split] = {}
        self.holder: dict[int, str] = {}  # the first pair that has a tie
        self.added: list[int] = []
        self.left_out: list[LeftOut] = []
        self.conflicts: list[str] = []
        here = set(ties.ids)
        for pair, part in frozen.items():
            number = ties.numbers.get(("origin", pair))
            if pair not in here and number is not None:  # an origin that the store no longer has
                self.part[number], self.holder[number] = part, pair

    def root(self, tie: int) -> int:
        while self.parent[tie] != tie:
            self.parent[tie] = self.parent[self.parent[tie]]
            tie = self.parent[tie]
        return tie

    def links(self, place: int) -> list[Link]:
        """How a pair is tied to those that were added before it."""
        found = []
        for tie in self.ties.of[place]:
            kind = self.ties.names[tie][0]
            if tie in self.holder:
                found.append(Link(tie, kind, self.holder[tie], 1.0))
            for other, similarity in self.ties.near.get(tie, {}).items():
                if other in self.holder:
                    found.append(Link(other, kind, self.holder[other], similarity))
        return found

    def parts(self, links: list[Link]) -> dict[Split, Link]:
        """The parts that these lead to, each with the first link to it."""
        found: dict[Split, Link] = {}
        for link in links:
            part = self.part.get(self.root(link.tie))
            if part is not None:
                found.setdefault(part, link)
        return found

    def dissenting(self, places: list[int]) -> set[int]:
        """Pairs that are tied to another part than most that share a page or another tie with them.

        They come last, so that one of a page is left out and not all others of it.
        """
        if not self.part:
            return set()
        own = {place: set(self.parts(self.links(place))) for place in places}
        votes: dict[int, Counter[Split]] = defaultdict(Counter)
        for place, parts in own.items():
            for tie in self.ties.of[place]:
                votes[tie].update(parts)
        return {
            place
            for place, parts in own.items()
            if any(part != _most(votes[tie]) for part in parts for tie in self.ties.of[place])
        }

    def add(self, place: int) -> None:
        links = self.links(place)
        parts = self.parts(links)
        mine = self.ties.ids[place]
        fixed = self.frozen.get(mine)
        if fixed is not None:
            self._refuse_others(mine, fixed, parts)
            links = [link for link in links if self.part.get(self.root(link.tie), fixed) == fixed]
        elif len(parts) > 1:
            reason = f"would join {' and '.join(sorted(parts))}, whose pairs keep their parts"
            self.left_out.append(LeftOut(pair=mine, reason=reason, ties=_said(parts)))
            return
        part = fixed or next(iter(parts), None)
        free = [tie for tie in self.ties.of[place] if self.part.get(self.root(tie), part) == part]
        roots = {self.root(tie) for tie in (*free, *(link.tie for link in links))}
        whole = min(roots)
        for root in roots:
            self.parent[root] = whole
        if part is not None:
            self.part[whole] = part
        for tie in free:
            self.holder.setdefault(tie, mine)
        self.added.append(place)

    def _refuse_others(self, mine: str, fixed: Split, parts: Mapping[Split, Link]) -> None:
        for part, link in parts.items():
            if part != fixed:
                self.conflicts.append(f"pair {mine} ({fixed}) has {link} ({part})")

    def groups(self) -> Groups:
        groups = Groups(left_out=sorted(self.left_out, key=lambda one: one.pair))
        for place in self.added:
            group = self.root(self.ties.numbers["origin", self.ties.ids[place]])
            groups.of[place] = group
            if group in self.part:
                groups.part[group] = self.part[group]
        return groups


def _most(votes: Counter[Split]) -> Split:
    return min(votes, key=lambda part: (-votes[part], part))


def _said(parts: Mapping[Split, Link]) -> tuple[str, ...]:
    return tuple(f"{link} ({part})" for part, link in sorted(parts.items()))


def _conflict(conflicts: list[str], way_out: str) -> str:
    more = f"; and {len(conflicts) - NAMED:,} more" if len(conflicts) > NAMED else ""
    return (
        f"pairs of different parts of the split may no longer be apart: {'; '.join(conflicts[:NAMED])}{more}. {way_out}"
    )
