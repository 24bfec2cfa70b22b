"""Rows that repeat rows of another table: what a test asks must not be among what was learned.

Every question and every answer is compared with every one of the other table, exhaustively, so none is missed that
is at least as similar as the threshold; guards have to agree, as between duplicates. An answer that many different
questions got (boilerplate: "Thank you, we will call you") says nothing about a test and is told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from curation.across import pairs_across, shingle_sets
from curation.guards import ANSWER_LEEWAY, QUESTION_LEEWAY
from curation.near.compiled import compiled
from curation.near.differences import difference, new_scratch, tables
from curation.near.texts import Texts
from tamiz.settings import NearSettings

__all__ = ["BOILERPLATE", "RULES", "Checker", "Contamination", "Repeat", "RepeatRule", "find_contamination"]

RepeatRule = Literal["pair", "question", "answer"]
RULES: tuple[RepeatRule, ...] = get_args(RepeatRule)
BOILERPLATE = 10  # different questions that got an answer, from which it says nothing about any of them
TOGETHER = 20_000  # rows that are compared together
MOST_FOUND = 4_000_000  # pairs of texts that may be found at a time
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Row number `row` repeats row number `other` of the other table; similarities are shares, 0: below the threshold.

    `rule` says what is nearly the same: the question, the answer, or both (pair).
    """

    row: int
    other: int
    rule: RepeatRule
    question: float
    answer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """The rows that repeat another table, by row, and those that share boilerplate answers only.

    `boilerplate` gives for a row of the other table how many rows share nothing with it but its answer, which
    BOILERPLATE or more different questions got.
    """

    seen: int
    repeats: dict[int, Repeat]
    boilerplate: dict[int, int]

    def __len__(self) -> int:
        return len(self.repeats)

    def counts(self) -> dict[RepeatRule, int]:
        """How many rows, by rule."""
        rules = [repeat.rule for repeat in self.repeats.values()]
        return {rule: rules.count(rule) for rule in RULES}


def find_contamination(
    rows: Sequence[tuple[str, str]],
    others: Sequence[tuple[str, str]],
    *,
    near: NearSettings | None = None,
    rules: Sequence[RepeatRule] = RULES,
) -> Contamination:
    """The rows, each a question and its answer, that repeat one of the others. An empty answer repeats nothing.

    >>> found = find_contamination([("How do I pay?", "By card.")], [("How do I pay", "In cash, at the desk.")])
    >>> found.repeats[0].rule
    'question'
    """
    checker = Checker(others, near or NearSettings(), rules)
    for first in range(0, len(rows), TOGETHER):
        chunk = rows[first : first + TOGETHER]
        checker.look(range(first, first + len(chunk)), chunk)
    return checker.found(len(rows))


@dataclass(slots=True)
class _Side:
    """The different texts of one column of the other table, and which rows have each."""

    texts: Texts
    rows: list[list[int]]
    place: list[int]

    @classmethod
    def of(cls, strings: Sequence[str]) -> _Side:
        normal = Texts.of(strings)
        known: dict[bytes, int] = {}
        data, starts = normal.data.tobytes(), normal.starts.tolist()
        place = [known.setdefault(data[starts[n] : starts[n + 1]], len(known)) for n in range(len(normal))]
        rows: list[list[int]] = [[] for _ in known]
        for row, at in enumerate(place):
            rows[at].append(row)
        return cls(normal.take(np.array([mine[0] for mine in rows], np.int64)), rows, place)


@dataclass(slots=True)
class Checker:
    """Compares rows with another table, some rows at a time."""

    others: Sequence[tuple[str, str]]
    near: NearSettings
    rules: Sequence[RepeatRule] = RULES
    _asked: _Side = field(init=False)
    _answered: _Side = field(init=False)
    _repeats: dict[int, Repeat] = field(default_factory=dict)
    _questions_of: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self._asked = _Side.of([question for question, _ in self.others])
        self._answered = _Side.of([answer for _, answer in self.others])
        for row, answer in enumerate(self._answered.place):
            self._note_question(answer, hash(self._asked.texts[self._asked.place[row]]))

    def look(self, numbers: Sequence[int], rows: Sequence[tuple[str, str]]) -> None:
        """Compare these rows, which have these numbers."""
        if not rows:
            return
        asked, answered = _Side.of([question for question, _ in rows]), _Side.of([answer for _, answer in rows])
        questions = _matches(asked.texts, self._asked.texts, self.near, QUESTION_LEEWAY)
        answers = _matches(answered.texts, self._answered.texts, self.near, ANSWER_LEEWAY)
        for place, number in enumerate(numbers):
            same_question = questions.get(asked.place[place], {})
            same_answer = answers.get(answered.place[place], {})
            if same_answer:
                text = hash(asked.texts[asked.place[place]])
                for answer in list(same_answer)[:BOILERPLATE]:
                    self._note_question(answer, text)
            if same_question or same_answer:
                repeat = self._best(number, same_question, same_answer)
                if repeat is not None:
                    self._repeats[repeat.row] = repeat

    def found(self, seen: int) -> Contamination:
        """What was found among so many rows."""
        repeats: dict[int, Repeat] = {}
        boilerplate: defaultdict[int, int] = defaultdict(int)
        for row, repeat in sorted(self._repeats.items()):
            many = len(self._questions_of[self._answered.place[repeat.other]]) >= BOILERPLATE
            if repeat.rule == "answer" and many:
                boilerplate[self._answered.rows[self._answered.place[repeat.other]][0]] += 1
            else:
                repeats[row] = repeat
        return Contamination(seen=seen, repeats=repeats, boilerplate=dict(boilerplate))

    def _note_question(self, answer: int, question: int) -> None:
        if len(self._questions_of[answer]) < BOILERPLATE:
            self._questions_of[answer].add(question)

    def _best(self, row: int, questions: Mapping[int, float], answers: Mapping[int, float]) -> Repeat | None:
        """The best of what this row repeats, of the first rule that says so; ties by the other's number."""
        found: list[tuple[float, int, RepeatRule, float, float]] = []
        if "pair" in self.rules and questions and answers:
            for question, asked in questions.items():
                for other in self._asked.rows[question]:
                    answered = answers.get(self._answered.place[other], 0.0)
                    if answered:
                        found.append((min(asked, answered), other, "pair", asked, answered))
        if not found and "question" in self.rules and questions:
            question, asked = max(questions.items(), key=lambda match: (match[1], -match[0]))
            found.append((asked, self._asked.rows[question][0], "question", asked, 0.0))
        if not found and "answer" in self.rules and answers:
            answer, answered = max(answers.items(), key=lambda match: (match[1], -match[0]))
            found.append((answered, self._answered.rows[answer][0], "answer", 0.0, answered))
        if not found:
            return None
        _, other, rule, asked, answered = max(found, key=lambda one: (one[0], -one[1]))
        return Repeat(row=row, other=other, rule=rule, question=round(asked, 4), answer=round(answered, 4))


def _matches(texts: Texts, others: Texts, near: NearSettings, leeway: int) -> dict[int, dict[int, float]]:
    """For each text, those of the others that say the same, with the similarity; an empty text says nothing."""
    both = Texts.joined([others, texts])
    full = np.diff(both.starts) > 0
    right = np.flatnonzero(full[: len(others)])
    left = len(others) + np.flatnonzero(full[len(others) :])
    matches: dict[int, dict[int, float]] = {}
    if not len(left) or not len(right):
        return matches
    sets = shingle_sets(both, near.ngram)
    block = max(2_000, MOST_FOUND // len(right))
    for first in range(0, len(left), block):
        one, other, similarity = pairs_across(sets, left[first : first + block], right, near.threshold)
        same = np.zeros(len(one), np.bool_)
        _say_the_same(both.data, both.starts, other, one, leeway, tables(), new_scratch(), same)
        columns = (one[same] - len(others), other[same], similarity[same])
        for text, match, share in zip(*(column.tolist() for column in columns), strict=True):
            matches.setdefault(text, {})[match] = share
    return matches


@compiled
def _say_the_same(
    data: Any, starts: Any, left: Any, right: Any, leeway: int, words: Any, scratch: Any, same: Any
) -> None:
    for n in range(len(left)):
        i, j = left[n], right[n]
        why = difference(data, starts[i], starts[i + 1], starts[j], starts[j + 1], leeway, words, scratch)
        same[n] = why == 0
