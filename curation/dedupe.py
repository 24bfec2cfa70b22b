"""Copies: which pairs say the same as another, and which of the two is the better one.

A pair is compared with kept pairs only, so its witness is always one that stays and is itself similar
enough: no chains. The better copy is kept: an accepted answer before one with more votes, before a
longer answer, before the one that came first.

Two long answers that are nearly the same make a copy even where the question is worded another way; the
confidence, which is the lower of the two similarities, says so. Written rules take the sure ones, people see the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from curation.groups import families
from curation.guards import answer_difference, names, question_difference, replaced_words
from curation.similar import Index, jaccard, normal, question_text, shingles
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings, NearSettings

__all__ = ["Copy", "ExactStep", "NearStep", "find_copies", "rank"]

VERSION = 1
REWORDED = 0.45  # least similarity of two questions whose long answers are nearly the same
LONG = 80  # characters of an answer that is not said to many questions
MOST_SAME = 200  # pairs of nearly the same answer that a question is compared with, the best ones
DOUBTFUL = 0.45
CopyKind = Literal["exact_duplicate", "near_duplicate", "same_question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """`pair` is a copy of the kept pair `of`; with same_question, only its question is. Similarities are shares."""

    kind: CopyKind
    pair: Pair
    of: Pair
    question: float
    answer: float
    replaced: str = ""

    @property
    def confidence(self) -> float:
        """The lower similarity; at most DOUBTFUL where a word of the question was replaced."""
        if self.kind == "same_question":
            return round(self.question, 4)
        return round(min(self.question, self.answer, DOUBTFUL if self.replaced else 1.0), 4)


@dataclass(frozen=True, slots=True)
class _Entry:
    pair: Pair
    question: str
    answer: str
    family: str

    @property
    def key(self) -> tuple[str, str]:
        return self.question, self.answer

    @property
    def asked(self) -> str:
        return question_text(self.pair)


def rank(pair: Pair) -> tuple[int, int, int]:
    """The order of preference between copies; the smallest is kept."""
    return (0 if pair.accepted else 1, -(pair.votes or 0), -len(pair.answer))


def _why(kept: Pair, copy: Pair, settled: bool) -> str:
    if settled:
        return "the other one is accepted already"
    reasons = ("is the accepted answer", "has more votes", "has the longer answer")
    compared = zip(reasons, rank(kept), rank(copy), strict=True)
    return "the other one " + next((reason for reason, mine, other in compared if mine != other), "came first")


def _entries(settled: Sequence[Pair], pairs: Sequence[Pair]) -> list[_Entry]:
    """Best first: what is settled, then the others by rank and arrival."""
    family = families([*settled, *pairs])
    ordered = [*settled, *sorted(pairs, key=rank)]
    return [_Entry(p, normal(question_text(p)), normal(p.answer), family.of(p.id)) for p in ordered]


def find_exact(entries: Sequence[_Entry], settled: int = 0) -> Iterator[Copy]:
    """Copies with the same normal question and answer, and same questions with another answer."""
    kept: dict[tuple[str, str], _Entry] = {}
    asked: dict[str, list[_Entry]] = {}
    for number, entry in enumerate(entries):
        first = kept.setdefault(entry.key, entry)
        copy = first is not entry and first.family != entry.family and number >= settled
        if copy:
            yield Copy(kind="exact_duplicate", pair=entry.pair, of=first.pair, question=1.0, answer=1.0)
            continue
        others = asked.setdefault(entry.question, [])
        witness = next((e for e in others if e.family != entry.family and e.answer != entry.answer), None)
        if witness is not None and number >= settled:
            yield Copy(kind="same_question", pair=entry.pair, of=witness.pair, question=1.0, answer=0.0)
        others.append(entry)


@dataclass(frozen=True, slots=True)
class _Hashed:
    entry: _Entry
    question: Any
    answer: Any


def find_near(entries: Sequence[_Entry], near: NearSettings, settled: int = 0) -> Iterator[Copy]:
    """Copies with a similar question and answer, and similar questions with another answer.

    Questions and answers are indexed apart; every candidate is verified with the exact similarity of
    both. Exact copies are no candidates of anything: find_exact has them.
    """
    indexes = Index(near), Index(near)
    kept: dict[int, _Hashed] = {}
    for number, entry in enumerate(entries):
        here = _Hashed(entry, shingles(entry.question, near.ngram), shingles(entry.answer, near.ngram))
        sketches = indexes[0].sketch(here.question), indexes[1].sketch(here.answer)
        found: list[Copy] = []
        if number >= settled:
            others = set(indexes[0].candidates(sketches[0]))
            if len(entry.answer) >= LONG:
                others.update(indexes[1].candidates(sketches[1])[:MOST_SAME])
            compared = (_compared(here, kept[other], near.threshold) for other in sorted(others))
            found = [copy for copy in compared if copy is not None]
        copies = [copy for copy in found if copy.kind != "same_question"]
        if copies:
            best = max(copies, key=lambda copy: (copy.kind == "exact_duplicate", copy.confidence))
            if best.kind == "near_duplicate":
                yield best
            continue
        if found:
            yield max(found, key=lambda copy: copy.confidence)
        kept[number] = here
        indexes[0].add(number, sketches[0])
        if len(entry.answer) >= LONG:
            indexes[1].add(number, sketches[1])


def _compared(one: _Hashed, other: _Hashed, threshold: float) -> Copy | None:
    """What the first is of the second, verified: a copy, the same question, or nothing."""
    mine, kept = one.entry, other.entry
    if mine.family == kept.family:
        return None
    if mine.key == kept.key:
        return Copy(kind="exact_duplicate", pair=mine.pair, of=kept.pair, question=1.0, answer=1.0)
    question = jaccard(one.question, other.question, min(threshold, REWORDED))
    if question < min(threshold, REWORDED) or question_difference(mine.asked, kept.asked):
        return None
    answer = jaccard(one.answer, other.answer)
    same_answer = answer >= threshold and not answer_difference(mine.pair.answer, kept.pair.answer)
    words = replaced_words(mine.asked, kept.asked)
    if words and same_answer and names(words[0], mine.pair.answer) != names(words[0], kept.pair.answer):
        return None  # it is what the answer speaks about
    if same_answer and (question >= threshold or min(len(mine.answer), len(kept.answer)) >= LONG):
        kind: CopyKind = "near_duplicate"
    elif question >= threshold and not words and mine.question != kept.question:  # the same one: find_exact has it
        kind = "same_question"
    else:
        return None
    replaced = " / ".join(words or ())
    return Copy(kind=kind, pair=mine.pair, of=kept.pair, question=question, answer=answer, replaced=replaced)


def find_copies(pairs: Sequence[Pair], near: NearSettings, *, at_least: float = 0.5) -> list[Copy]:
    """All copies among these pairs that are at least this sure, exact ones first; every `of` is kept."""
    entries = _entries((), pairs)
    exact = [c for c in find_exact(entries) if c.kind == "exact_duplicate"]
    gone = {copy.pair.id for copy in exact}
    rest = [entry for entry in entries if entry.pair.id not in gone]
    near_copies = {
        c.pair.id: c for c in find_near(rest, near) if c.kind == "near_duplicate" and c.confidence >= at_least
    }
    # the exact copy of a pair that is itself a copy is a copy of the kept one, as similar to it
    pointed = [replace(near_copies[c.of.id], pair=c.pair) if c.of.id in near_copies else c for c in exact]
    return [*pointed, *near_copies.values()]


class _Comparing:
    """What both steps share: the settled pairs come first, and nothing is found about them."""

    name: str

    def __init__(self) -> None:
        self._settled: list[Pair] = []

    def remember(self, pairs: Iterable[Pair]) -> None:
        self._settled = list(pairs)

    def _find(self, entries: Sequence[_Entry], settled: int) -> Iterable[Copy]:
        raise NotImplementedError

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        known = {pair.id for pair in batch}
        settled = [pair for pair in self._settled if pair.id not in known]
        accepted = {pair.id for pair in settled}
        for copy in self._find(_entries(settled, batch), len(settled)):
            alike = f"question {copy.question:.2f} alike, answer {copy.answer:.2f}"
            if copy.kind == "exact_duplicate":
                alike = "same question and answer"
            elif copy.kind == "same_question" and copy.question == 1:
                alike = "same question, other answer"
            elif copy.replaced:
                alike += f", with other words: {copy.replaced}"
            yield Finding(
                pair=copy.pair.id,
                step=self.name,
                kind=copy.kind,
                confidence=copy.confidence,
                witness=copy.of.id,
                note=f"{alike}; {_why(copy.of, copy.pair, copy.of.id in accepted)}",
            )


class ExactStep(_Comparing):
    """Findings exact_duplicate and, for people, same_question; compared after `curation.similar.normal`."""

    name = "exact"

    def __init__(self, settings: CurationSettings) -> None:
        super().__init__()
        self.settings = {"version": VERSION}

    def _find(self, entries: Sequence[_Entry], settled: int) -> Iterable[Copy]:
        return find_exact(entries, settled)


class NearStep(_Comparing):
    """Findings near_duplicate and, for people, same_question; numbers, codes and negations must agree."""

    name = "near"

    def __init__(self, settings: CurationSettings) -> None:
        super().__init__()
        self._near = settings.near
        self.settings = {"version": VERSION, **asdict(settings.near)}

    def _find(self, entries: Sequence[_Entry], settled: int) -> Iterable[Copy]:
        return find_near(entries, self._near, settled)
