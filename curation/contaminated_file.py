"""Rows of a file that repeat rows of other files: the check between what is learned and what is tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.contamination import RULES, Checker, Contamination, Repeat, RepeatRule
from curation.pair_files import PairFile
from curation.row_files import Columns
from tamiz.errors import InputError
from tamiz.settings import NearSettings

__all__ = ["Contaminated", "OtherRow", "Shown", "check_file", "find_contaminated"]

TOGETHER = 20_000  # rows that are compared together


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A row of one of the other files; `name` is its id, or its number from 1."""

    file: Path
    name: Any
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row that repeats another, to look at."""

    name: Any
    question: str
    answer: str
    repeat: Repeat
    other: OtherRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Contaminated:
    """Which rows of `source` repeat one of the others.

    `skipped` counts rows of the others, by file, that could not be read; `fields` are the question's and the answer's.
    """

    source: Path
    seen: int
    state: int
    found: Contamination
    others: Sequence[OtherRow]
    malformed: int
    skipped: Mapping[str, int]
    fields: tuple[str, str]

    def __contains__(self, number: object) -> bool:
        return number in self.found.repeats

    def evidence(self, number: int) -> dict[str, Any]:
        """Why a row is contaminated, as columns."""
        repeat = self.found.repeats[number]
        other = self.others[repeat.other]
        what = {"pair": "question and answer", "question": "the question", "answer": "the answer"}[repeat.rule]
        return {
            "kept_id": other.name,
            "rule": repeat.rule,
            "similarity_question": repeat.question or None,
            "similarity_answer": repeat.answer or None,
            "differs": "",
            "why": f"{other.file.name} has nearly the same: {what}",
            "against": str(other.file),
        }

    def boilerplate(self) -> list[tuple[str, int]]:
        """Answers that many different questions got, with how many rows share nothing but them."""
        counted = sorted(self.found.boilerplate.items(), key=lambda item: (-item[1], item[0]))
        return [(self.others[other].answer, count) for other, count in counted]

    def shown(self, limit: int) -> list[Shown]:
        """The first rows that repeat another, with their texts; the file is read once more for them."""
        repeats = dict(list(self.found.repeats.items())[:limit])
        result: list[Shown] = []
        if not repeats:
            return result
        table = PairFile(self.source, *self.fields)
        for number, row, pair in table.rows_again("reading again", self.seen, self.state):
            if number in repeats and not isinstance(pair, str):
                repeat = repeats[number]
                name = row.values.get("id")
                name = number + 1 if name in (None, "") else name
                result.append(Shown(name, *pair, repeat, self.others[repeat.other]))
        return result


def check_file(
    source: Path,
    against: Sequence[Path],
    *,
    question_field: str = "question",
    answer_field: str = "answer",
    near: NearSettings | None = None,
    rules: Sequence[RepeatRule] = RULES,
) -> Contaminated:
    """Which rows of a file repeat rows of the others; nothing is written. See curation.contamination for the rule."""
    return find_contaminated(PairFile(source, question_field, answer_field), against, near or NearSettings(), rules)


def find_contaminated(
    table: PairFile, against: Sequence[Path], near: NearSettings, rules: Sequence[RepeatRule] = RULES
) -> Contaminated:
    """The same for a table that is open already. The others are held in memory, the table is not."""
    others, skipped = [], {}
    for path in against:
        if path.resolve() == table.path.resolve():
            raise InputError(f"{path} is compared with itself; give the file that it must not share rows with")
        mine, bad = _read_others(PairFile(path, table.question_field, table.answer_field))
        others += mine
        if bad:
            skipped[str(path)] = bad
    checker = Checker([(other.question, other.answer) for other in others], near, rules)
    columns = Columns()
    malformed = 0
    numbers: list[int] = []
    pairs: list[tuple[str, str]] = []
    for number, row, pair in table.rows(f"checking {table.path.name}"):
        columns.see(row.values)
        if isinstance(pair, str):
            malformed += 1
        else:
            numbers.append(number)
            pairs.append(pair)
        if len(pairs) == TOGETHER:
            checker.look(numbers, pairs)
            numbers, pairs = [], []
    checker.look(numbers, pairs)
    table.need_columns(columns.names)
    if malformed == table.seen:
        raise InputError(f"{table.path} has no row that can be compared. Check the file and the names of its columns")
    return Contaminated(
        source=table.path,
        seen=table.seen,
        state=table.state,
        found=checker.found(table.seen),
        others=others,
        malformed=malformed,
        skipped=skipped,
        fields=(table.question_field, table.answer_field),
    )


def _read_others(table: PairFile) -> tuple[list[OtherRow], int]:
    """The rows of a file that has questions, and how many have none; answers are compared where it has them."""
    others: list[OtherRow] = []
    columns = Columns()
    for number, row, pair in table.rows(f"reading {table.path.name}"):
        columns.see(row.values)
        if not isinstance(pair, str):
            name = row.values.get("id")
            others.append(OtherRow(table.path, number + 1 if name in (None, "") else name, *pair))
    table.need_columns(columns.names, answers=False)
    if not others:
        raise InputError(f"{table.path} has no row with a question, so nothing can be compared with it. Check the file")
    return others, table.seen - len(others)
