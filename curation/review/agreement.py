"""How far people agree where several were asked: percent agreement, Cohen's kappa for two, Fleiss' for any number.

Kappa is the agreement beyond chance: 1 is full agreement, 0 is what chance would give. Where it is not defined,
`why` says so and there is no number:

too_few      nobody, or nobody else, has given an opinion on the same pair
one_answer   everybody always gave the same answer, so chance would agree every time too

Cohen, A coefficient of agreement for nominal scales, 1960; Fleiss, Measuring nominal scale agreement among many
raters, 1971, with a varying number of raters as in Gwet, Handbook of Inter-Rater Reliability, 4th edition.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isclose

from tamiz.opinions import Opinion, every_opinion
from tamiz.people import permit
from tamiz.store import Store

__all__ = ["Agreement", "AgreementReport", "agreement_of", "cohen_kappa", "fleiss_kappa", "review_agreement"]

Ratings = Mapping[str, Mapping[str, str]]  # {pair: {person: answer}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of `pairs` with several opinions: the share of couples of opinions that agree, and kappa or why there is none."""

    pairs: int
    percent: float | None
    kappa: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport:
    """All together (Fleiss), each two people (Cohen), and each language and source (Fleiss)."""

    overall: Agreement
    people: dict[tuple[str, str], Agreement]
    langs: dict[str, Agreement]
    sources: dict[str, Agreement]


def review_agreement(store: Store, by: str) -> AgreementReport:
    """How far the opinions that stand agree, disputes and what became of them included."""
    permit(store, by, "look")
    return agreement_of(every_opinion(store))


def agreement_of(opinions: Iterable[tuple[Opinion, str, str]]) -> AgreementReport:
    """The same from opinions, each with the language and the source of its pair."""
    every: dict[str, dict[str, str]] = defaultdict(dict)
    place: dict[str, tuple[str, str]] = {}
    for opinion, lang, source in opinions:
        every[opinion.pair][opinion.actor.removeprefix("person:")] = opinion.decision
        place[opinion.pair] = lang, source
    several = {pair: said for pair, said in every.items() if len(said) > 1}
    groups: tuple[dict[str, dict[str, Mapping[str, str]]], ...] = (defaultdict(dict), defaultdict(dict))
    for pair, said in several.items():
        for group, name in zip(groups, place[pair], strict=True):
            group[name][pair] = said
    langs, sources = ({name: _all(said) for name, said in sorted(group.items())} for group in groups)
    return AgreementReport(overall=_all(several), people=_two_by_two(several), langs=langs, sources=sources)


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> Agreement:
    """The agreement of two people on the same pairs, in the same order.

    >>> cohen_kappa(["accept", "accept", "reject", "reject"], ["accept", "reject", "reject", "reject"]).kappa
    0.5
    """
    number = len(first)
    if not number:
        return Agreement(pairs=0, percent=None, kappa=None, why="too_few")
    observed = sum(one == other for one, other in zip(first, second, strict=True)) / number
    mine, theirs = Counter(first), Counter(second)
    chance = sum(mine[answer] * theirs[answer] for answer in mine) / number**2
    return _beyond(number, observed, chance)


def fleiss_kappa(counts: Sequence[Mapping[str, int]]) -> Agreement:
    """The agreement of any number of people, from how many gave each answer about each pair; two or more each.

    >>> fleiss_kappa([{"accept": 3}, {"reject": 3}, {"accept": 2, "reject": 1}]).kappa
    0.55
    """
    rated = [(sum(said.values()), said) for said in counts]
    rated = [(number, said) for number, said in rated if number > 1]
    if not rated:
        return Agreement(pairs=0, percent=None, kappa=None, why="too_few")
    shares = [sum(n * (n - 1) for n in said.values()) / (number * (number - 1)) for number, said in rated]
    answers: Counter[str] = Counter()
    for _, said in rated:
        answers.update(said)
    total = answers.total()
    chance = sum((n / total) ** 2 for n in answers.values())
    return _beyond(len(rated), sum(shares) / len(shares), chance)


def _beyond(pairs: int, observed: float, chance: float) -> Agreement:
    if isclose(chance, 1.0):
        return Agreement(pairs=pairs, percent=observed, kappa=None, why="one_answer")
    return Agreement(pairs=pairs, percent=observed, kappa=round((observed - chance) / (1 - chance), 12))


def _all(said: Ratings) -> Agreement:
    return fleiss_kappa([Counter(answers.values()) for answers in said.values()])


def _two_by_two(said: Ratings) -> dict[tuple[str, str], Agreement]:
    both: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for answers in said.values():
        for one, other in combinations(sorted(answers), 2):
            both[one, other].append((answers[one], answers[other]))
    return {names: cohen_kappa(*zip(*rows, strict=True)) for names, rows in sorted(both.items())}
