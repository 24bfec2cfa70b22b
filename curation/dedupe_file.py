"""Copies taken out of a file of any length, with no project: what `tamiz dedupe` does.

The file is read twice. The first pass remembers of every pair what it is compared by, in plain arrays, and no string;
the second writes each row where it was decided to go. With `against` a pass before these looks for rows that repeat
those of other files. Every row that is seen is kept, removed or malformed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.contaminated_file import Contaminated, find_contaminated
from curation.contamination import RULES, RepeatRule
from curation.duplicates import Duplicates, compare
from curation.near.pairs import EXACT, NEAR
from curation.pair_columns import PairColumns
from curation.pair_files import PairFile
from curation.preference import POLICIES, PreferenceColumns, id_ranks
from curation.removal_sample import DECIDED_ANEW, Sample
from curation.report import ReportSettings, removal_page
from curation.row_files import Columns, all_or_none, row_writer
from curation.tables import check_ending
from curation.word_changes import changed_words
from tamiz.errors import InputError
from tamiz.files import naming
from tamiz.progress import progress
from tamiz.rows import Row
from tamiz.settings import NearSettings
from tamiz.wording import plural

__all__ = ["Deduped", "dedupe_file", "malformed_path"]

EVIDENCE = {
    "kept_id": "",
    "rule": "",
    "similarity_question": 0.5,
    "similarity_answer": 0.5,
    "differs": "",
    "why": "",
}
AGAINST = {"against": ""}
THRESHOLDS = (0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
BY_ID = "stands before by its id"  # what a preference says where no policy tells pairs apart
OURS = "dedupe_"  # before a column of ours where the table has one of that name


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduped:
    """What became of the rows of a file, in numbers: seen = kept + removed + malformed.

    `exact` and `near` are removed as copies of a kept row, `against` by rule as repeats of another file's rows.
    `malformed_file` lists the rows that could not be read, where there are any. With a report, `at` says how many
    copies would be removed at other thresholds, of more than DECIDED_ANEW pairs at least how many.
    """

    seen: int
    kept: int
    removed: int
    malformed: int
    exact: int
    near: int
    output: Path
    removed_file: Path
    malformed_file: Path | None = None
    report: Path | None = None
    against: Mapping[RepeatRule, int] = field(default_factory=dict)
    at: Mapping[float, int] = field(default_factory=dict)


def malformed_path(removed: Path) -> Path:
    """Where rows that cannot be read are listed: beside the removed ones."""
    return removed.with_name(f"{removed.stem}.malformed.jsonl")


def dedupe_file(
    source: Path,
    output: Path,
    removed: Path,
    *,
    report: Path | None = None,
    against: Sequence[Path] = (),
    rules: Sequence[RepeatRule] = RULES,
    question_field: str = "question",
    answer_field: str = "answer",
    near: NearSettings | None = None,
    keep: Sequence[str] = POLICIES,
    threads: int = 0,
) -> Deduped:
    """Divide the rows of a file into `output` and `removed`, by their endings; all files appear or none.

    A removed row has all its columns and kept_id, rule, similarity_question, similarity_answer, differs, why, and
    `against` where it repeats a row of these files. `kept_id` is the id of the row that stays, or its number from 1.
    An empty `answer_field` compares questions alone. `keep` names policies, see curation.preference; 0 threads:
    all cores. InputError where a file cannot be read or written, lacks a column, or changes meanwhile.
    """
    near = near or NearSettings()
    threads = threads or os.cpu_count() or 1
    malformed = malformed_path(removed)
    targets = [output, removed, malformed, *([report] if report else [])]
    _check_paths(source, against, targets)
    table = PairFile(source, question_field, answer_field)
    typed = ".parquet" in (check_ending(output), check_ending(removed))
    with all_or_none(targets) as temporary:
        contaminated = find_contaminated(table, against, near, rules) if against else None
        first = _First(table, near, keep, threads, typed)
        first.read(contaminated)
        with progress(f"comparing {plural(len(first.pairs.rows), 'pair')}"):
            found = compare(first.pairs.prepared(), near, order=first.order(), threads=threads)
        sample = Sample.of(found, first.pairs, contaminated) if report else Sample()
        _Second(first, found, contaminated, sample).write(temporary, (check_ending(output), check_ending(removed)))
        result = _counted(first, found, contaminated, targets, report)
        if report:
            settings = ReportSettings(near=near, keep=keep, fields=(question_field, answer_field), against=against)
            page = removal_page(result, sample, source, settings, contaminated)
            with naming(temporary[3]):
                temporary[3].write_text(page, encoding="utf-8")
    return result


def _counted(
    first: _First, found: Duplicates, contaminated: Contaminated | None, targets: Sequence[Path], report: Path | None
) -> Deduped:
    rules = found.decision.rule
    against = contaminated.found.counts() if contaminated is not None else {}
    copies = len(found)
    return Deduped(
        seen=first.seen,
        kept=len(found.kept) - copies,
        removed=copies + sum(against.values()),
        malformed=first.malformed,
        exact=int(np.count_nonzero(rules == EXACT)),
        near=int(np.count_nonzero(rules == NEAR)),
        output=targets[0],
        removed_file=targets[1],
        malformed_file=targets[2] if first.malformed else None,
        report=report,
        against=against,
        at=_at_thresholds(found) if report else {},
    )


def _at_thresholds(found: Duplicates) -> dict[float, int]:
    """How many copies would be removed at higher thresholds; of many pairs at least how many, not decided anew."""
    least = found.near.threshold
    sure = np.minimum(found.decision.question, found.decision.answer)[~found.kept]
    counts = {least: len(found)}
    for threshold in (one for one in THRESHOLDS if one > least):
        few = len(found.kept) <= DECIDED_ANEW
        counts[threshold] = len(found.at(threshold)) if few else int(np.count_nonzero(sure >= threshold))
    return counts


def _check_paths(source: Path, against: Sequence[Path], targets: Sequence[Path]) -> None:
    """InputError where a file that is read would be written, or one be written twice."""
    for target in targets[:2]:
        check_ending(target)
    read = {path.resolve(): path for path in (source, *against)}
    written: set[Path] = set()
    for target in targets:
        same = target.exists() and any(path.exists() and target.samefile(path) for path in read.values())
        if same or target.resolve() in read:
            raise InputError(f"{target} is read and would be written; give another name for the result")
        if target.resolve() in written:
            raise InputError(f"{target} would be written twice; give every result a name of its own")
        if target.is_dir():
            raise InputError(f"{target} is a folder; give the name of a file")
        written.add(target.resolve())


class _First:
    """The first pass: every pair as what it is compared by, and the columns of the table."""

    def __init__(self, table: PairFile, near: NearSettings, keep: Sequence[str], threads: int, typed: bool) -> None:
        self.table = table
        self.pairs = PairColumns(near, threads)
        self.columns = Columns.of(table.path, typed=typed)
        self.preference = PreferenceColumns(keep)
        self.seen = self.state = self.malformed = 0

    def read(self, contaminated: Contaminated | None) -> None:
        trouble = ""
        title = f"reading {self.table.path.name}"
        rows = self.table.rows(title)
        if contaminated is not None:
            rows = self.table.rows_again(title, contaminated.seen, contaminated.state)
        for number, row, pair in rows:
            self.columns.see(row.values)
            if isinstance(pair, str):
                self.malformed += 1
                trouble = trouble or f"{row.place}: {pair}"
            elif contaminated is None or number not in contaminated:
                self.pairs.add(number, row.values.get("id"), *pair)
                self.preference.add(row.values, pair[1])
        self.seen, self.state = self.table.seen, self.table.state
        self.table.need_columns(self.columns.names)
        if self.seen and self.malformed == self.seen:
            raise InputError(f"{self.table.path} has no row that can be used ({trouble}). Nothing was written")

    def order(self) -> npt.NDArray[np.int64]:
        """The pairs, the preferred ones first; where no policy tells them apart by id, without ids as they come."""
        return self.preference.order(id_ranks(self.pairs.names()) if self.pairs.all_named else None)

    def why(self, kept: int, removed: int) -> str:
        why = self.preference.why(kept, removed)
        return why if self.pairs.all_named or why != BY_ID else "came first"


def _malformed(number: int, row: Row, reason: str) -> dict[str, Any]:
    """What is listed of a row that cannot be used: its values, or its text where that is not even a row."""
    listed = {"row": number + 1, "place": row.place, "reason": reason, "values": row.values}
    if row.raw_length:
        listed["text"] = row.raw
    if row.raw_length > len(row.raw):
        listed["text_cut"] = f"the first {len(row.raw):,} of {row.raw_length:,} characters"
    return listed


class _Second:
    """The second pass: every row goes where it was decided to go."""

    def __init__(self, first: _First, found: Duplicates, contaminated: Contaminated | None, sample: Sample) -> None:
        self._first = first
        self._found = found
        self._contaminated = contaminated
        self._sample = sample
        self._pair_of = np.full(first.seen, -1, np.int64)
        self._pair_of[first.pairs.rows] = np.arange(len(first.pairs.rows))
        evidence = EVIDENCE | (AGAINST if contaminated is not None else {})
        taken = set(first.columns.names)
        self._evidence = {name: OURS + name if name in taken else name for name in evidence}
        self._examples = {self._evidence[name]: example for name, example in evidence.items()}

    def write(self, paths: Sequence[Path], endings: tuple[str, str]) -> None:
        table, columns = self._first.table, self._first.columns
        with ExitStack() as stack:
            keep = stack.enter_context(row_writer(paths[0], endings[0], columns))
            remove = stack.enter_context(row_writer(paths[1], endings[1], columns, self._examples))
            title = f"writing {table.path.name}"
            list_malformed = stack.enter_context(row_writer(paths[2], ".jsonl", Columns()))
            for number, row, pair in table.rows_again(title, self._first.seen, self._first.state):
                if isinstance(pair, str):
                    list_malformed(_malformed(number, row, pair))
                    continue
                evidence = self._why_removed(number)
                self._sample.see(number, row.values, pair, evidence)
                if evidence is None:
                    keep(row.values)
                else:
                    remove({**row.values, **{column: evidence.get(name) for name, column in self._evidence.items()}})
        if not self._first.malformed:
            paths[2].unlink()

    def _why_removed(self, number: int) -> dict[str, Any] | None:
        if self._contaminated is not None and number in self._contaminated:
            return self._contaminated.evidence(number)
        pair = int(self._pair_of[number])
        if self._found.decision.kept_by[pair] < 0:
            return None
        removed = self._found.removed(pair)
        texts, has_answers = self._found.prepared, bool(self._first.table.answer_field)
        words = {
            "question": changed_words(texts.questions[pair], texts.questions[removed.kept]),
            "answer": changed_words(texts.answers[pair], texts.answers[removed.kept]),
        }
        return {
            "kept_id": self._first.pairs.name(removed.kept),
            "rule": removed.rule,
            "similarity_question": round(removed.question, 4),
            "similarity_answer": round(removed.answer, 4) if has_answers else None,
            "differs": "; ".join(f"{name}: {changed}" for name, changed in words.items() if changed),
            "why": f"the kept one {self._first.why(removed.kept, pair)}",
        }
