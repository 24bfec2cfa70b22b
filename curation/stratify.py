"""Groups to parts: sizes first, then languages, labels and sources, as far as whole groups allow."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

from curation.sums import closest_sums
from tamiz.records import Pair, Split
from tamiz.settings import ExportSettings
from tamiz.wording import plural

__all__ = ["PARTS", "divide", "shares", "size_notes"]

PARTS: tuple[Split, ...] = get_args(Split)
SIZE = ""  # the stratum that every pair is in
LEAST_GROUPS = 3
STRATUM_WEIGHT = 0.2
ALLOWED = 0.02  # of all pairs; a size further from its aim is missed
PROPOSALS = (2000, 40, 20_000)  # at least, for each group, at most
ROUNDING = 1e-9


def divide(
    members: Mapping[str, Sequence[Pair]], fixed: Mapping[str, Split], settings: ExportSettings
) -> dict[str, Split]:
    """The part of every group, by name; those of `fixed` keep theirs. The same in whatever order they come."""
    division = _Division(members, fixed, settings)
    division.fill()
    division.improve()
    if division.missed > 0:
        division.fit_sizes()
        division.improve()
    return division.where


def shares(settings: ExportSettings) -> dict[Split, float]:
    return {"train": 1 - settings.validation - settings.test, "validation": settings.validation, "test": settings.test}


def allowed(total: int) -> float:
    """How many pairs a part may be away from its aim: 2 points of the whole, and half a pair in any case."""
    return max(ALLOWED * total, 0.5)


def size_notes(
    members: Mapping[str, Sequence[Pair]],
    where: Mapping[str, Split],
    fixed: Mapping[str, Split],
    settings: ExportSettings,
) -> tuple[str, ...]:
    """What to say of each part whose size is missed, and why."""
    sizes = Counter[str]()
    for group, part in where.items():
        sizes[part] += len(members[group])
    total = sum(sizes.values())
    notes = []
    for part, share in shares(settings).items():
        if abs(sizes[part] - share * total) > allowed(total):
            asked = f"{share:.0%} of {total:,} would be {share * total:.1f}"
            why = _why(members, where, fixed, {one: sizes[one] - s * total for one, s in shares(settings).items()})
            notes.append(f"{part} has {plural(sizes[part], 'pair')}, {asked}: {why}")
    return tuple(notes)


def _why(
    members: Mapping[str, Sequence[Pair]],
    where: Mapping[str, Split],
    fixed: Mapping[str, Split],
    surplus: Mapping[Split, float],
) -> str:
    """The reason for a missed size: the part that has most too many, and what in it cannot be taken apart."""
    over = max(PARTS, key=lambda part: surplus[part])
    inside = [group for group, part in where.items() if part == over]
    kept = sum(len(members[group]) for group in inside if group in fixed)
    largest = max(inside, key=lambda group: (len(members[group]), group))
    size = len(members[largest])
    if kept > size and kept > surplus[over]:
        return f"{plural(kept, 'pair is', 'pairs are')} in {over} since earlier exports, or tied to pairs that are"
    if size > 1:
        return f"the group of pair {largest} in {over} has {size:,} pairs that must not be torn apart"
    return "so few pairs cannot be divided closer"


class _Division:
    """Groups and where they are, with running counts of every stratum."""

    def __init__(
        self, members: Mapping[str, Sequence[Pair]], fixed: Mapping[str, Split], settings: ExportSettings
    ) -> None:
        self.members, self.fixed, self.settings = members, fixed, settings
        self.counted = {group: _strata(pairs) for group, pairs in members.items()}
        total, spread = Counter({SIZE: 0}), Counter[str]()
        for strata in self.counted.values():
            total.update(strata)
            spread.update(strata.keys())
        # a label that one or two groups hold cannot be shared out
        self.strata = {stratum for stratum in total if stratum == SIZE or spread[stratum] >= LEAST_GROUPS}
        self.aims = {part: {s: share * n for s, n in total.items()} for part, share in shares(settings).items()}
        self.open = [part for part, share in shares(settings).items() if share > 0]
        self.allowed, self.empty = allowed(total[SIZE]), 3.0 * total[SIZE]
        self.have: dict[Split, Counter[str]] = {part: Counter() for part in PARTS}
        self.where: dict[str, Split] = {}
        for group, part in fixed.items():
            self._put(group, part)
        self.free = sorted((group for group in members if group not in fixed), key=self._turn)
        self.missed = 0.0

    def _turn(self, group: str) -> tuple[int, str]:
        """The largest first, equal ones by lot."""
        return -len(self.members[group]), hashlib.sha256(f"{self.settings.seed}:{group}".encode()).hexdigest()

    def _put(self, group: str, part: Split) -> None:
        if group in self.where:
            self.have[self.where[group]].subtract(self.counted[group])
        self.have[part].update(self.counted[group])
        self.where[group] = part

    def fill(self) -> None:
        """Each group to where it brings sizes and strata closest to the aim."""
        for group in self.free:
            adds = self.counted[group]
            self._put(group, min(self.open, key=lambda part: self._distance(part, adds)))
        self.missed = self._score({})[0]

    def _distance(self, part: Split, adds: Mapping[str, int]) -> float:
        """How much these pairs there change the distance from the aim (chi-squared), the size before the strata."""
        have, aim = self.have[part], self.aims[part]
        return sum(
            (1.0 if stratum == SIZE else STRATUM_WEIGHT)
            * n
            * (2 * (have[stratum] - aim[stratum]) + n)
            / max(aim[stratum], 1.0)
            for stratum, n in adds.items()
            if stratum in self.strata
        )

    def _score(self, moves: Mapping[str, Split]) -> tuple[float, float]:
        """After these moves: how far sizes are outside of what is allowed, and how much farther all is from its aim.

        A part that gets nothing is missed by more than any other.
        """
        changes: dict[Split, Counter[str]] = {part: Counter() for part in PARTS}
        for group, part in moves.items():
            changes[self.where[group]].subtract(self.counted[group])
            changes[part].update(self.counted[group])
        missed = 0.0
        for part in PARTS:
            size = self.have[part][SIZE] + changes[part][SIZE]
            missed += max(0.0, abs(size - self.aims[part][SIZE]) - self.allowed)
            missed += self.empty if part in self.open and not size else 0.0
        return missed, sum(self._distance(part, adds) for part, adds in changes.items() if adds)

    def improve(self) -> None:
        """Move and swap groups while that helps; which are tried follows from the seed."""
        if len(self.open) < 2 or len(self.free) < 2:
            return
        chance = random.Random(self.settings.seed)  # noqa: S311  not a secret
        least, each, most = PROPOSALS
        for _ in range(min(most, max(least, each * len(self.free)))):
            one, other, part = chance.choice(self.free), chance.choice(self.free), chance.choice(self.open)
            here = self.where[one]
            if part == here:
                continue
            moves = {one: part} if self.where[other] != part else {one: part, other: here}
            missed, farther = self._score(moves)
            if missed < self.missed - ROUNDING or (missed < self.missed + ROUNDING and farther < -ROUNDING):
                self._move(moves, missed)

    def _move(self, moves: Mapping[str, Split], missed: float) -> None:
        for group, part in moves.items():
            self._put(group, part)
        self.missed = missed

    def fit_sizes(self) -> None:
        """Give every group the part that makes the sizes as close as they can be, where that can be computed."""
        names: tuple[Split, ...] = ("train", "test", "validation")
        kept = {
            part: sum(len(self.members[one]) for one, where in self.fixed.items() if where == part) for part in names
        }
        aims = [self.aims[part][SIZE] - kept[part] if part in self.open else None for part in names[1:]]
        least = [int(part in self.open and not kept[part]) for part in names]
        sizes = [len(self.members[group]) for group in self.free]
        chosen = closest_sums(sizes, (aims[0], aims[1]), self.allowed, (least[0], least[1], least[2]))
        if chosen is None:
            return
        moves = {group: names[number] for group, number in zip(self.free, chosen, strict=True)}
        missed = self._score(moves)[0]
        if missed < self.missed - ROUNDING:
            self._move(moves, missed)


def _strata(pairs: Sequence[Pair]) -> Counter[str]:
    counted = Counter({SIZE: len(pairs)})
    for pair in pairs:
        counted.update((f"lang {pair.lang}", f"label {pair.label}", f"source {pair.source}"))
    return counted
