"""How far the review has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

__all__ = ["Left", "Progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many pairs are where. `new` ones have still to be sieved; they are nobody's turn yet.

    `disputed` ones wait for somebody who decides between reviewers that disagree.
    """

    new: int = 0
    waiting: int = 0
    skipped: int = 0
    disputed: int = 0
    accepted: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Progress:
        """From the store's counts by state."""
        return cls(**{field.name: counts.get(field.name, 0) for field in fields(cls)})

    @property
    def open(self) -> int:
        return self.waiting + self.skipped

    @property
    def decided(self) -> int:
        return self.accepted + self.rejected

    @property
    def share(self) -> float:
        """The part of the sieved pairs that is decided, 0 to 1."""
        return self.decided / max(self.open + self.disputed + self.decided, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Why somebody has nothing to do though pairs are open.

    `others` is how many are open for other people: held by them just now, or assigned to them. `said` is how many
    this person has given an opinion on and that wait for somebody else's. `assigned` says that they have only a part
    of the pairs.
    """

    others: int
    said: int
    assigned: bool
