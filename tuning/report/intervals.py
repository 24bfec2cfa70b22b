"""How sure a figure is: intervals from resampling the test questions, group by group, the same draw for all models.

Questions of one page or thread are no independent witnesses: a group is drawn whole. Two models are compared on the
same draws (a paired bootstrap), so that questions which are hard for both do not blur their difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

__all__ = ["RESAMPLES", "Draws", "Interval", "difference", "interval", "told_ends"]

Array = npt.NDArray[np.float64]
Value = Callable[[Array], Array]  # (draws, statistics) sums to (draws,) values; NaN where there is none

RESAMPLES = 2000
SHARE = 0.95
MORE_DIGITS = 3  # what is still 0 then is nothing but the rounding of floats
AT_ONCE = 2_000_000  # weights in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def above(self) -> bool:
        """The whole interval lies above 0."""
        return self.low > 0

    @property
    def below(self) -> bool:
        return self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Which rows belong together, and the seed of the draws: equal draws are equal weights.

    >>> Draws.of(["a", "a", "b"], seed=13).groups
    2
    """

    places: tuple[int, ...]  # the number of each row's group
    seed: int
    groups: int

    @classmethod
    def of(cls, groups: Sequence[str], *, seed: int) -> Draws:
        numbers: dict[str, int] = {}
        places = tuple(numbers.setdefault(group, len(numbers)) for group in groups)
        return cls(places=places, seed=seed, groups=len(numbers))

    def sums(self, rows: Array) -> tuple[Array, Array]:
        """The sums of the statistics over all rows (1, statistics), and over each draw (RESAMPLES, statistics).

        rows  (rows, statistics)
        """
        by_group = np.zeros((self.groups, rows.shape[1]))
        np.add.at(by_group, np.asarray(self.places, dtype=np.int64), rows)
        drawn = [weights @ by_group for weights in _weights(self.groups, self.seed)]
        return by_group.sum(axis=0, keepdims=True), np.concatenate(drawn)


def _weights(groups: int, seed: int) -> Iterable[npt.NDArray[np.int64]]:
    """How often each group comes in each draw, (draws, groups) in slices; those of few groups are kept."""
    return _kept_weights(groups, seed) if groups * RESAMPLES <= AT_ONCE else _new_weights(groups, seed)


@lru_cache(maxsize=8)
def _kept_weights(groups: int, seed: int) -> tuple[npt.NDArray[np.int64], ...]:
    return tuple(_new_weights(groups, seed))


def _new_weights(groups: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    draw, step = np.random.default_rng(seed), max(1, AT_ONCE // groups)
    chances = np.full(groups, 1 / groups)
    for first in range(0, RESAMPLES, step):
        yield draw.multinomial(groups, chances, size=min(step, RESAMPLES - first))


def interval(rows: Array, value: Value, draws: Draws) -> Interval | None:
    """The value over all rows with its percentile interval; None where it is not defined for them.

    >>> ones = np.ones((4, 2))
    >>> interval(ones, lambda sums: sums[:, 0] / sums[:, 1], Draws.of("abcd", seed=1))
    Interval(value=1.0, low=1.0, high=1.0)
    """
    if not len(rows):
        return None
    whole, drawn = draws.sums(rows)
    return _ends(value(whole), value(drawn))


def difference(after: Array, before: Array, value: Value, draws: Draws) -> Interval | None:
    """How much the value of `after` is above that of `before`, on the same rows and the same draws."""
    if not len(after):
        return None
    (whole_after, drawn_after), (whole_before, drawn_before) = draws.sums(after), draws.sums(before)
    return _ends(value(whole_after) - value(whole_before), value(drawn_after) - value(drawn_before))


def told_ends(value: float, low: float, high: float, form: str) -> tuple[str, str, str]:
    """A change and its ends in a format such as "+.1f", with more digits where an end that is not 0 would read as 0.

    >>> told_ends(2.83, 0.04, 5.31, "+.1f")
    ('+2.83', '+0.04', '+5.31')
    >>> told_ends(2.83, 0.0, 5.31, "+.1f")
    ('+2.8', '+0.0', '+5.3')
    """
    start, end, kind = form.rpartition(".")[0], int(form[-2]), form[-1]
    for digits in range(end, end + MORE_DIGITS + 1):
        told = [format(one, f"{start}.{digits}{kind}") for one in (value, low, high)]
        if not any(one and not re.search("[1-9]", text) for one, text in zip((low, high), told[1:], strict=True)):
            return told[0], told[1], told[2]
    return format(value, form), format(low, form), format(high, form)


def _ends(whole: Array, drawn: Array) -> Interval | None:
    """Draws in which the value is not defined (no number among their questions) say nothing and are left out."""
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(whole[0]) or not len(known):
        return None
    low, high = np.quantile(known, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return Interval(value=float(whole[0]), low=float(low), high=float(high))
