"""Train, validation and test, so that nothing in one has been seen in another.

What belongs together stays together: pairs of one page or thread, pairs made from each other, and pairs
whose question or answer is nearly the same, also by way of others.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from curation.groups import Groups
from curation.similar import join_similar, question_text, shingles, similar_across
from tamiz.errors import TamizError
from tamiz.records import Pair, Split
from tamiz.settings import ExportSettings, NearSettings

if TYPE_CHECKING:
    from curation.similar import Shingles

__all__ = ["SplitError", "Splits", "check_splits", "split_pairs"]

PARTS: tuple[Split, ...] = get_args(Split)
MOST_COMPARED = 60_000_000  # pairs of texts in the exact check; above, what the index finds has to do
ROUNDS = 10
SIZE = ""  # the stratum that every pair is in
LEAST_GROUPS = 3
STRATUM_WEIGHT = 0.2


class SplitError(TamizError):
    """Two parts of a split share a group or nearly the same text. This is an error of tamiz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The pairs of each part, by id, and the group of every pair. `notes` say what the groups made impossible."""

    parts: dict[Split, tuple[Pair, ...]]
    groups: dict[str, str]
    notes: tuple[str, ...]

    def sizes(self) -> dict[str, int]:
        return {part: len(self.parts[part]) for part in PARTS}


def split_pairs(pairs: Sequence[Pair], settings: ExportSettings, near: NearSettings | None = None) -> Splits:
    """Divide the pairs; the same pairs, settings and seed give the same parts in whatever order they come.

    Languages and labels keep their shares as far as the groups allow. SplitError if a check of the
    result finds the same group, or nearly the same question or answer, in two parts.
    """
    near = near or NearSettings()
    ordered = sorted({pair.id: pair for pair in pairs}.values(), key=lambda pair: pair.id)
    ids = [pair.id for pair in ordered]
    texts = (
        [shingles(question_text(pair), near.ngram) for pair in ordered],
        [shingles(pair.answer, near.ngram) for pair in ordered],
    )
    groups = _same_origin(ordered)
    for field in texts:
        join_similar(field, ids, groups, near)
    for _ in range(ROUNDS):
        where = _assign(ordered, groups, settings)
        leaks = [leak for field in texts for leak in _across(field, [where[pair] for pair in ids], near.threshold)]
        if not leaks:
            break
        for one, other in leaks:
            groups.join(ids[one], ids[other])
    else:
        raise SplitError("near-duplicates remain across the parts of the split. Export with another [export] seed")
    parts = {part: tuple(pair for pair in ordered if where[pair.id] == part) for part in PARTS}
    return Splits(parts=parts, groups={pair: groups.of(pair) for pair in ids}, notes=_notes(parts, settings))


def _same_origin(pairs: Iterable[Pair]) -> Groups:
    groups = Groups()
    for pair in pairs:
        groups.join(pair.id, f"~group {pair.source} {pair.group}")
        if pair.page:
            groups.join(pair.id, f"~page {pair.page}")
        for origin in pair.made_from:
            groups.join(pair.id, origin)
    return groups


def _assign(pairs: Sequence[Pair], groups: Groups, settings: ExportSettings) -> dict[str, Split]:
    """Groups to parts, the largest first, each to where it brings sizes, languages and labels closest to the aim."""
    members: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        members[groups.of(pair.id)].append(pair)
    counted = {group: sum((_strata(pair) for pair in pairs), Counter[str]()) for group, pairs in members.items()}
    total: Counter[str] = sum(counted.values(), Counter())
    spread = Counter(stratum for strata in counted.values() for stratum in strata)
    aims = {part: {s: share * n for s, n in total.items()} for part, share in _shares(settings).items()}
    have: dict[Split, Counter[str]] = {part: Counter() for part in aims}
    chosen: dict[Split, list[str]] = {part: [] for part in aims}

    def turn(group: str) -> tuple[int, str]:
        return -len(members[group]), hashlib.sha256(f"{settings.seed}:{group}".encode()).hexdigest()

    for group in sorted(members, key=turn):
        # a label that one or two groups hold cannot be shared out
        adds = {s: n for s, n in counted[group].items() if s == SIZE or spread[s] >= LEAST_GROUPS}
        part = min(aims, key=lambda part: _cost(adds, have[part], aims[part]))
        have[part] += counted[group]
        chosen[part].append(group)
    _fill_empty(chosen, members)
    return {pair.id: part for part, names in chosen.items() for name in names for pair in members[name]}


def _cost(adds: Mapping[str, int], have: Mapping[str, int], aim: Mapping[str, float]) -> float:
    """How much these pairs there change the distance from the aim (chi-squared), the size before the strata."""
    return sum(
        (1.0 if stratum == SIZE else STRATUM_WEIGHT)
        * n
        * (2 * (have[stratum] - aim[stratum]) + n)
        / max(aim[stratum], 1.0)
        for stratum, n in adds.items()
    )


def _shares(settings: ExportSettings) -> dict[Split, float]:
    shares: dict[Split, float] = {
        "train": 1 - settings.validation - settings.test,
        "validation": settings.validation,
        "test": settings.test,
    }
    return {part: share for part, share in shares.items() if share > 0}


def _strata(pair: Pair) -> Counter[str]:
    return Counter((SIZE, f"lang {pair.lang}", f"label {pair.label}"))


def _fill_empty(chosen: dict[Split, list[str]], members: dict[str, list[Pair]]) -> None:
    """Give a part that got nothing the smallest group of the training part, while that keeps another."""
    for part in ("test", "validation"):
        if part in chosen and not chosen[part] and len(chosen["train"]) > 1:
            smallest = min(chosen["train"], key=lambda group: (len(members[group]), group))
            chosen["train"].remove(smallest)
            chosen[part].append(smallest)


def _across(texts: Sequence[Shingles], where: Sequence[Split], threshold: float) -> Iterator[tuple[int, int]]:
    """Places of nearly the same texts in different parts; exact up to MOST_COMPARED."""
    places = {part: [n for n, here in enumerate(where) if here == part] for part in PARTS}
    borders: tuple[tuple[Split, Split], ...] = (("test", "train"), ("validation", "train"), ("test", "validation"))
    for one, other in borders:
        mine, others = places[one], places[other]
        if len(mine) * len(others) > MOST_COMPARED:
            continue
        for left, right in similar_across([texts[n] for n in mine], [texts[n] for n in others], threshold):
            yield mine[left], others[right]


def check_splits(splits: Splits, near: NearSettings) -> None:
    """The proof: SplitError if two parts share a group, or a question or answer that is nearly the same."""
    where = {pair.id: part for part in PARTS for pair in splits.parts[part]}
    part_of: dict[str, str] = {}
    for pair, part in where.items():
        if part_of.setdefault(splits.groups[pair], part) != part:
            raise SplitError(f"the group of pair {pair} is in two parts of the split. Please report this")
    pairs = [pair for part in PARTS for pair in splits.parts[part]]
    for take in (question_text, lambda pair: pair.answer):
        texts = [shingles(take(pair), near.ngram) for pair in pairs]
        for one, other in _across(texts, [where[pair.id] for pair in pairs], near.threshold):
            raise SplitError(
                f"pairs {pairs[one].id} and {pairs[other].id} are nearly the same, in two parts of the split"
            )


def _notes(parts: dict[Split, tuple[Pair, ...]], settings: ExportSettings) -> tuple[str, ...]:
    total = sum(len(pairs) for pairs in parts.values())
    notes = []
    for part, share in _shares(settings).items():
        size = len(parts[part])
        if abs(size - share * total) > max(2.0, 0.1 * total):
            notes.append(f"{part} has {size} of {total} pairs: groups that must not be torn apart are too large")
    return tuple(notes)
