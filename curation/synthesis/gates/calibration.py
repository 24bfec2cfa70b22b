"""How far a judge, or the gates, agree with the reviewers: computed per recipe and model, with an interval.

Kappa is the agreement beyond chance. Its interval is the bootstrap's: pairs drawn again, with the same seed in every
run. A judge on few pairs has a wide one, and `trusted` says whether even its lower end is good enough.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from curation.review.agreement import cohen_kappa

__all__ = ["GOOD", "Calibrated", "Rated", "calibrate", "calibration_table"]

Opinion = Literal["accept", "reject"]
GOOD = 0.6  # kappa from which agreement is called substantial: Landis and Koch, 1977
LEAST = 10  # pairs, below which no interval says anything
DRAWS = 1000
SEED = 20
INSIDE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A pair that both have judged. An edit by a reviewer is a rejection of what was made."""

    pair: str
    recipe: str
    model: str
    judge: Opinion
    reviewer: Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The agreement on the pairs of a recipe and model. `low` and `high` bound kappa; None where it has no value, and
    `why` says why: too_few, or one_answer. `let_through` are pairs that only the reviewers rejected, `held_back` those
    that only the judge did."""

    recipe: str
    model: str
    pairs: int
    agree: float | None
    kappa: float | None
    low: float | None
    high: float | None
    let_through: int
    held_back: int
    why: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the judge agrees with the reviewers well enough, as far as is known."""
        return self.low is not None and self.low >= GOOD


def calibrate(rated: Iterable[Rated]) -> list[Calibrated]:
    """The agreement for each recipe and model in order, and for all together (recipe "") where there are several."""
    groups: defaultdict[tuple[str, str], list[Rated]] = defaultdict(list)
    for one in rated:
        groups[one.recipe, one.model].append(one)
    told = [_calibrated(recipe, model, rows) for (recipe, model), rows in sorted(groups.items())]
    every = [one for rows in groups.values() for one in rows]
    return [*told, _calibrated("", "", every)] if len(told) > 1 else told


def calibration_table(told: Sequence[Calibrated]) -> str:
    """The same as a table in Markdown."""
    lines = [
        "| recipe | model | pairs | agree | kappa | 95% interval | let through | held back |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in told:
        agree = "" if one.agree is None else f"{one.agree:.0%}"
        kappa = one.why if one.kappa is None else f"{one.kappa:.2f}"
        inside = "" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"
        name = one.recipe or "all"
        lines.append(
            f"| {name} | {one.model} | {one.pairs} | {agree} | {kappa} | {inside} | {one.let_through} |"
            f" {one.held_back} |"
        )
    return "\n".join(lines)


def _calibrated(recipe: str, model: str, rows: Sequence[Rated]) -> Calibrated:
    both = Counter((one.judge, one.reviewer) for one in rows)
    found = cohen_kappa([one.judge for one in rows], [one.reviewer for one in rows])
    low, high = _interval(sorted(rows, key=lambda one: one.pair)) if found.kappa is not None else (None, None)
    return Calibrated(
        recipe=recipe,
        model=model,
        pairs=len(rows),
        agree=found.percent,
        kappa=found.kappa,
        low=low,
        high=high,
        let_through=both["accept", "reject"],
        held_back=both["reject", "accept"],
        why=found.why or ("too_few" if low is None else ""),
    )


def _interval(rows: Sequence[Rated]) -> tuple[float | None, float | None]:
    """The middle INSIDE of the kappas of DRAWS samples; a sample in which all agree on one answer counts as 1."""
    if len(rows) < LEAST:
        return None, None
    chance, kappas = random.Random(SEED), []  # noqa: S311
    for _ in range(DRAWS):
        drawn = chance.choices(rows, k=len(rows))
        found = cohen_kappa([one.judge for one in drawn], [one.reviewer for one in drawn])
        kappas.append(1.0 if found.kappa is None else found.kappa)
    kappas.sort()
    cut = int(DRAWS * (1 - INSIDE) / 2)
    return kappas[cut], kappas[-1 - cut]
