"""The rows of a table in train, validation and test, with no project: what `tamiz split` does to a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from curation.gather import FrozenConflict, left_out_notes
from curation.near.texts import normal
from curation.proof import Proof
from curation.siblings import Siblings
from curation.split import Frozen, check_splits, split_pairs
from curation.stratify import PARTS
from tamiz.errors import InputError
from tamiz.records import Pair, PairKind, Split
from tamiz.settings import ExportSettings, NearSettings

__all__ = ["REASON", "SplitRows", "split_rows"]

Row = Mapping[str, Any]
REASON = "left_out_because"
SAME_ROW = "id"  # the tie of an edited row and what it was, as a message calls it
NO_TEXT = "no question or no answer"
WAY_OUT = "Split without --frozen to divide all anew; test scores from before then no longer compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRows:
    """Every row once: in a part, or in `left_out` with its reason in the column REASON.

    `kept` rows have the part of an earlier result; `notes` say what could not be as asked for.
    """

    parts: dict[Split, list[dict[str, Any]]]
    left_out: list[dict[str, Any]]
    notes: tuple[str, ...]
    proof: Proof
    siblings: Siblings
    kept: int = 0


@dataclass(slots=True)
class _Table:
    """Rows as pairs. The same row has the same pair id wherever it stands; equal rows are counted."""

    question_field: str
    answer_field: str
    group_fields: Sequence[str]
    called: str = "row {}"
    pairs: list[Pair] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    ties: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    without: list[Row] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row, number: int) -> Pair | None:
        question, answer = (str(row.get(name) or "") for name in (self.question_field, self.answer_field))
        pair = _pair(row, question, answer, self.seen) if question.strip() and answer.strip() else None
        if pair is None:
            self.without.append(row)
            return None
        self.pairs.append(pair)
        self.rows[pair.id] = row
        self.names[pair.id] = self.called.format(_row_name(row) or number)
        values = ((name, row.get(name)) for name in self.group_fields)
        self.ties[pair.id] = [(name, _text(value)) for name, value in values if value not in (None, "")]
        return pair


def split_rows(
    rows: Sequence[Row],
    settings: ExportSettings,
    near: NearSettings | None = None,
    *,
    question_field: str = "question",
    answer_field: str = "answer",
    group_fields: Sequence[str] = (),
    earlier: Mapping[Split, Sequence[Row]] | None = None,
) -> SplitRows:
    """Divide the rows; those with the same value of a group field, or nearly the same text, stay together.

    Rows of `earlier`, an earlier result, keep their part: found by `id`, else by question and answer. A new or
    edited row that would bring two parts of it together, or a row that lacks a text, is left out. Columns lang,
    label and source are shared out evenly where rows have them. FrozenConflict if rows of `earlier` that
    nobody edited may not be apart, and if no row could be kept.
    """
    _need(rows, [question_field, answer_field, *group_fields])
    near = near or NearSettings()
    table = _Table(question_field, answer_field, group_fields)
    for number, row in enumerate(rows, start=1):
        table.add(row, number)
    frozen, gone, known = _frozen(table, earlier or {})
    names = table.names | gone.names
    try:
        splits = split_pairs(table.pairs, settings, near, frozen=frozen, more_ties=table.ties | gone.ties)
    except FrozenConflict as error:
        raise FrozenConflict(_by_name(str(error), names)) from None
    reasons = {one.pair: _by_name(f"{one.reason}: {' and '.join(one.ties)}", names) for one in splits.left_out}
    left_out = [{**row, REASON: NO_TEXT} for row in table.without]
    left_out += [{**table.rows[pair.id], REASON: reasons[pair.id]} for pair in table.pairs if pair.id in reasons]
    part_of = {pair.id: part for part in PARTS for pair in splits.parts[part]}
    return SplitRows(
        parts={part: [dict(table.rows[p.id]) for p in table.pairs if part_of.get(p.id) == part] for part in PARTS},
        left_out=left_out,
        notes=tuple(_by_name(note, names) for note in (*splits.notes, *left_out_notes(splits.left_out))),
        proof=check_splits(splits, near),
        siblings=splits.siblings,
        kept=len(known & part_of.keys()),
    )


def _frozen(table: _Table, earlier: Mapping[Split, Sequence[Row]]) -> tuple[Frozen, _Table, set[str]]:
    """The parts of an earlier result, its rows that are no longer as they were, and the pairs that it knows.

    An edited row is a new one beside the row that it was, and both share a tie: it follows that one's part, and
    where its new text leads to another part it is left out, and not the rows that it was edited towards.
    """
    repeated = _repeated([row for rows in earlier.values() for row in rows]) | _repeated(table.rows.values()) | {""}
    by_id, by_text = _by_id_and_text(table, earlier, repeated)
    parts: dict[str, Split] = {}
    known, edited, ids, texts = set(), set(), set(), set()
    for pair in table.pairs:
        row = table.rows[pair.id]
        name, text = _row_name(row), _texts(table, row)
        before = by_id.get(name)
        if before is not None and _is_edited(table, row, before[1]):
            edited.add(name)
            table.ties[pair.id].append((SAME_ROW, name))
        elif before is not None or text in by_text:
            parts[pair.id] = before[0] if before is not None else by_text[text]
        if before is not None or text in by_text:
            known.add(pair.id)
        ids.add(name)
        texts.add(text)
    fields = (table.question_field, table.answer_field, table.group_fields)
    gone = _Table(*fields, called="row {} of the earlier result", seen=table.seen)
    for part, rows in earlier.items():
        for number, row in enumerate(rows, start=1):
            name = _row_name(row)
            here = name in ids - edited if name not in repeated else _texts(table, row) in texts
            departed = None if here else gone.add(row, number)
            if departed is not None:
                parts[departed.id] = part
                gone.ties[departed.id] += [(SAME_ROW, name)] if name in edited else []
    return Frozen(parts=parts, departed=gone.pairs, way_out=WAY_OUT), gone, known


def _by_id_and_text(
    table: _Table, earlier: Mapping[Split, Sequence[Row]], repeated: set[str]
) -> tuple[dict[str, tuple[Split, Row]], dict[tuple[str, str], Split]]:
    """The rows of an earlier result by their id, those whose id is `repeated` excepted, and parts by the texts."""
    by_id: dict[str, tuple[Split, Row]] = {}
    by_text: dict[tuple[str, str], Split] = {}
    for part, rows in earlier.items():
        for row in rows:
            by_text.setdefault(_texts(table, row), part)
            if _row_name(row) not in repeated:
                by_id.setdefault(_row_name(row), (part, row))
    return by_id, by_text


def _is_edited(table: _Table, row: Row, before: Row) -> bool:
    """Whether a row has another text than before, or another value in a group's column that it had before too."""
    groups = [name for name in table.group_fields if name in before]
    moved = any(_text(row.get(name) or "") != _text(before[name] or "") for name in groups)
    return moved or _texts(table, row) != _texts(table, before)


def _repeated(rows: Iterable[Row]) -> set[str]:
    """Ids that more than one row has: they name no row, and its text has to do."""
    return {name for name, count in Counter(_row_name(row) for row in rows).items() if count > 1}


def _texts(table: _Table, row: Row) -> tuple[str, str]:
    return normal(str(row.get(table.question_field) or "")), normal(str(row.get(table.answer_field) or ""))


def _row_name(row: Row) -> str:
    """The row's id as text, or "" where it has none."""
    return _text(row["id"]) if row.get("id") not in (None, "") else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _pair(row: Row, question: str, answer: str, seen: Counter[str]) -> Pair | None:
    """A pair that only its own row makes, and no place in the file; None where nothing is left of a text."""
    name = f"row {_row_name(row)} {question}\n{answer}"
    seen[name] += 1
    lang, kind = str(row.get("lang") or ""), str(row.get("kind") or "")
    known: PairKind = kind if kind in get_args(PairKind) else "table"  # type: ignore[assignment]
    try:
        return Pair(
            question=question,
            answer=answer,
            lang=lang if re.fullmatch("[a-z]{2,3}", lang) else "und",
            url=f"row {_row_name(row)} {seen[name]}",
            kind=known,
            group=f"{name} {seen[name]}",
            label=str(row.get("label") or ""),
            source=str(row.get("source") or ""),
        )
    except ValueError:  # a text of marks that no text can hold
        return None


def _by_name(text: str, names: Mapping[str, str]) -> str:
    """A message of ours with rows in the place of pairs."""
    named = re.sub("pair ([0-9a-f]{32})", lambda match: names.get(match[1], match[0]), text)
    return named.replace("no pair is left", "no row is left").replace("pairs", "rows")


def _need(rows: Sequence[Row], fields: Sequence[str]) -> None:
    columns = {name for row in rows for name in row}
    missing = [field for field in fields if field not in columns]
    if rows and missing:
        raise InputError(f"there is no column {missing[0]!r}; the columns are: {', '.join(sorted(map(str, columns)))}")
