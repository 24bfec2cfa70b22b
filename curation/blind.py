"""Answers of models side by side, and a vote on them that does not know whose they are.

A comparison is a file that `tamiz compare` wrote. Its questions come to every person in an order of their own, and
the two answers on sides of their own, always the same for that person: a vote can be looked at and changed.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.runs import Broken
from tamiz.project import Project
from tamiz.votes import Choice, Vote

__all__ = ["Agreement", "Comparison", "Item", "Score", "Showing", "agreement", "comparisons", "scores", "showings"]
__all__ += ["wilson"]

Z95 = 1.959963984540054  # the normal distribution's 97.5th percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A test question with the site's answer and what each model said."""

    id: str
    question: str
    truth: str
    lang: str
    url: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a file of `tamiz compare` holds. `scores` are the metrics by model, `trainable` what an adapter changed."""

    name: str
    made_at: str
    dataset_version: str
    models: tuple[str, ...]
    scores: Mapping[str, Mapping[str, float]]
    trainable: Mapping[str, int]
    notes: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def answering(self) -> tuple[str, ...]:
        """The models that have answers to vote on."""
        return tuple(model for model in self.models if self.items and all(model in one.answers for one in self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """Two answers to one question as one person sees them: which model stands on which side they are not told."""

    item: Item
    left: str
    right: str

    @property
    def same(self) -> bool:
        """Both models said the same: there is nothing to choose."""
        return " ".join(self.item.answers[self.left].split()) == " ".join(self.item.answers[self.right].split())

    def vote(self, comparison: str, by: str, choice: Choice) -> Vote:
        return Vote(comparison=comparison, item=self.item.id, by=by, left=self.left, right=self.right, choice=choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Votes on two models: wins of each, ties that were good and bad, and the first one's share of the wins with
    its 95 % interval (Wilson); None where nobody preferred one."""

    first: str
    second: str
    wins: int
    losses: int
    both: int
    neither: int

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.both + self.neither

    @property
    def share(self) -> float | None:
        decided = self.wins + self.losses
        return self.wins / decided if decided else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.wins, self.wins + self.losses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two people who voted on the same two answers said the same, of how many such meetings; `kappa` takes
    away what chance would give (Fleiss' for pairs of votes), None where it is not defined."""

    people: int
    meetings: int
    same: int
    kappa: float | None


def comparisons(project: Project) -> list[Comparison | Broken]:
    """The project's comparisons, the newest first; files that cannot be read at the end."""
    if not project.comparisons.is_dir():
        return []
    found = [_comparison(path) for path in sorted(project.comparisons.glob("*.json")) if not path.is_symlink()]
    good = [one for one in found if isinstance(one, Comparison)]
    broken = [one for one in found if isinstance(one, Broken)]
    return [*sorted(good, key=lambda one: one.made_at, reverse=True), *broken]


def showings(comparison: Comparison, by: str) -> list[Showing]:
    """Every question with every two models, in this person's order, each on this person's sides."""
    pairs = list(itertools.combinations(comparison.answering, 2))
    shown = []
    for item, (one, other) in itertools.product(comparison.items, pairs):
        number = _number(comparison.name, by, item.id, one, other)
        left, right = (one, other) if number % 2 else (other, one)
        shown.append((number, Showing(item=item, left=left, right=right)))
    return [showing for _, showing in sorted(shown, key=lambda each: each[0])]


def scores(comparison: Comparison, votes: Sequence[Vote]) -> list[Score]:
    """The votes on each two models, in the order of the comparison's models; a base comes second."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for vote in votes:
        counted[(*vote.models, vote.preferred or vote.choice)] += 1
    found = []
    for second, first in itertools.combinations(comparison.answering, 2):
        one, other = sorted((first, second))
        of = {what: counted[one, other, what] for what in (first, second, "both", "neither")}
        score = Score(
            first=first,
            second=second,
            wins=of[first],
            losses=of[second],
            both=of["both"],
            neither=of["neither"],
        )
        found.append(score)
    return found


def agreement(votes: Sequence[Vote]) -> Agreement:
    """Agreement of people over the answers that at least two of them voted on."""
    told: dict[tuple[str, tuple[str, str]], list[str]] = {}
    for vote in votes:
        told.setdefault((vote.item, vote.models), []).append(vote.preferred or vote.choice)
    many = {key: said for key, said in told.items() if len(said) > 1}
    meetings = sum(math.comb(len(said), 2) for said in many.values())
    same = sum(math.comb(count, 2) for said in many.values() for count in Counter(said).values())
    return Agreement(
        people=len({vote.by for vote in votes}), meetings=meetings, same=same, kappa=_kappa(list(many.values()))
    )


def wilson(wins: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson; it stays between 0 and 1, and says little of few.

    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not of:
        return 0.0, 1.0
    share, z = wins / of, Z95
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - half) / (1 + z * z / of)), min(1.0, (middle + half) / (1 + z * z / of))


def _kappa(said: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' kappa for any number of people an item: each item weighs the same, chance is that of all votes."""
    if not said:
        return None
    observed = [sum(math.comb(n, 2) for n in Counter(one).values()) / math.comb(len(one), 2) for one in said]
    totals = Counter(itertools.chain.from_iterable(said))
    chance = sum((n / totals.total()) ** 2 for n in totals.values())
    return None if chance == 1 else (sum(observed) / len(observed) - chance) / (1 - chance)


def _number(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest()[:8], "big")


def _comparison(path: Path) -> Comparison | Broken:
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        items = [Item(**{name: one[name] for name in Item.__slots__}) for one in told["items"]]
        if not all(isinstance(text, str) for item in items for text in item.answers.values()):
            raise ValueError("an answer is no text")
        return Comparison(
            name=path.stem,
            made_at=str(told["made_at"]),
            dataset_version=str(told["dataset_version"]),
            models=tuple(map(str, told["models"])),
            scores={str(model): dict(metrics) for model, metrics in told["scores"].items()},
            trainable=dict(told["trainable"]),
            notes=tuple(map(str, told["notes"])),
            items=tuple(items),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return Broken(name=path.name, reason=f"it cannot be read ({error!r})")
