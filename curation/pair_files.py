"""Questions and answers in the rows of a file, which is read more than once and must not change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.row_files import stream_rows
from tamiz.errors import InputError
from tamiz.progress import progress
from tamiz.rows import Row

__all__ = ["PairFile", "PairRow", "pair_of"]

SHOWN_EVERY = 5_000  # rows
PairRow = tuple[int, Row, tuple[str, str] | str]


def pair_of(row: Mapping[str, Any], question_field: str, answer_field: str) -> tuple[str, str] | str:
    """The question and answer of a row, or why it has none. An empty answer is one; "" as a field has none."""
    question = row.get(question_field)
    answer = row.get(answer_field) if answer_field else ""
    if type(question) is str and type(answer) is str:  # nearly always
        return (question, answer) if question.strip() else f"no {question_field}"
    for name, value in ((question_field, question), (answer_field, answer)):
        if isinstance(value, (list, dict)):
            return f"{name} is no text"
    asked = "" if question is None else str(question)
    if not asked.strip():
        return f"no {question_field}"
    return asked, "" if answer is None else str(answer)


@dataclass(slots=True)
class PairFile:
    """A file of pairs. After a pass, `seen` is how many rows it has, and `state` tells their texts from others."""

    path: Path
    question_field: str = "question"
    answer_field: str = "answer"
    seen: int = 0
    state: int = 0

    def rows(self, title: str) -> Iterator[PairRow]:
        """Every row with its number from 0 and its question and answer, or why it has none."""
        number, state = -1, 0
        with progress(title) as job:
            for number, row in enumerate(stream_rows(self.path)):
                pair = row.trouble or pair_of(row.values, self.question_field, self.answer_field)
                state = hash((state, pair, str(row.values.get("id"))))
                yield number, row, pair
                if number % SHOWN_EVERY == SHOWN_EVERY - 1:
                    job.update(number + 1, note="rows")
            job.update(number + 1, number + 1, note="rows")
        self.seen, self.state = number + 1, state

    def rows_again(self, title: str, seen: int, state: int) -> Iterator[PairRow]:
        """The same rows as in an earlier pass; InputError where the file is another one by now."""
        changed = InputError(f"{self.path} changed while it was read; nothing was written. Run this again")
        for row in self.rows(title):
            if row[0] >= seen:
                raise changed
            yield row
        if (self.seen, self.state) != (seen, state):
            raise changed

    def need_columns(self, columns: Sequence[str], *, answers: bool = True) -> None:
        """InputError, with the columns that there are, where none bears the name of a field."""
        named = [self.question_field, *([self.answer_field] if answers and self.answer_field else [])]
        for name in named:
            if columns and name not in columns:
                shown = ", ".join(map(str, columns[:30]))
                hint = '; --answer-field "" compares questions alone' if name == self.answer_field else ""
                raise InputError(f"{self.path} has no column {name!r}; the columns are: {shown}{hint}")
