"""One step on the rows of a table, with no project: what `tamiz clean`, `spell` and `dedupe` do to a file.

A row is a mapping of column names to values; every column is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.dedupe import Copy, find_copies
from curation.edits import apply_findings, usable
from curation.steps import LearningStep, Step
from tamiz.errors import InputError
from tamiz.records import Finding, Pair
from tamiz.settings import NearSettings

__all__ = ["Deduped", "change_rows", "dedupe"]

Row = Mapping[str, Any]
NOTHING = "-"  # stands in for a text that a row does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduped:
    """`kept` rows as they came, and `removed` ones with kept_id, rule, similarity_question and similarity_answer."""

    kept: list[dict[str, Any]]
    removed: list[dict[str, Any]]


def change_rows(
    rows: Sequence[Row],
    step: Step,
    *,
    fields: Sequence[str] = ("question", "answer"),
    lang: str = "und",
    at_least: float = 0.0,
) -> list[dict[str, Any]]:
    """The rows with what the step proposes changed in these fields, and all its proposals in `changes`.

    A change is {field, start, before, after, rule, confidence, applied}; `start` counts characters of the
    text without space around it. Those below `at_least` or overlapping a surer one are not applied.
    """
    _need(rows, fields)
    texts = [(number, field, str(row.get(field) or "")) for number, row in enumerate(rows) for field in fields]
    pairs = [(number, field, _as_pair(number, field, text, lang)) for number, field, text in texts if text.strip()]
    if isinstance(step, LearningStep):
        step.learn([pair for _, _, pair in pairs])
    found: dict[str, list[Finding]] = {}
    for finding in step.look([pair for _, _, pair in pairs]):
        found.setdefault(finding.pair, []).append(finding)
    changed: list[dict[str, Any]] = [{**row, "changes": []} for row in rows]
    for number, field, pair in pairs:
        slot = "question" if field == "question" else "answer"
        mine = [finding for finding in found.get(pair.id, []) if finding.field == slot and finding.after is not None]
        sure = [finding for finding in mine if finding.confidence >= at_least]
        applied = {finding.id for finding in usable(pair, sure)}
        made = apply_findings(pair, sure, f"step:{step.name}")
        if made is not pair:
            changed[number][field] = getattr(made, slot)
        changed[number]["changes"] += [
            {
                "field": field,
                "start": finding.start,
                "before": finding.before,
                "after": finding.after,
                "rule": finding.witness or finding.kind,
                "confidence": finding.confidence,
                "applied": finding.id in applied and made is not pair,
            }
            for finding in mine
        ]
    return changed


def dedupe(
    rows: Sequence[Row],
    settings: NearSettings | None = None,
    *,
    question_field: str = "question",
    answer_field: str = "answer",
    at_least: float = 0.5,
) -> Deduped:
    """Divide the rows into those that are kept and the copies of these, in their order.

    `kept_id` is the kept row's `id` where the rows have one, else its number, counted from 1. A row without a
    question is kept; where there is no answer field, questions alone decide. `at_least` is the lowest
    confidence (the lower of the two similarities) of a copy that is removed.
    """
    _need(rows, [question_field])
    has_answers = any(answer_field in row for row in rows)
    pairs: list[Pair] = []
    number_of: dict[str, int] = {}
    for number, row in enumerate(rows):
        question, answer = str(row.get(question_field) or ""), str(row.get(answer_field) or "")
        if question.strip() and (answer.strip() or not has_answers):
            pair = _row_pair(number, row, question, answer if has_answers else NOTHING)
            pairs.append(pair)
            number_of[pair.id] = number
    copies = {
        number_of[copy.pair.id]: copy for copy in find_copies(pairs, settings or NearSettings(), at_least=at_least)
    }
    kept = [dict(row) for number, row in enumerate(rows) if number not in copies]
    removed = [
        {**rows[number], **_why_removed(copy, rows, number_of[copy.of.id])} for number, copy in sorted(copies.items())
    ]
    return Deduped(kept=kept, removed=removed)


def _why_removed(copy: Copy, rows: Sequence[Row], winner: int) -> dict[str, Any]:
    return {
        "kept_id": rows[winner].get("id", winner + 1),
        "rule": "exact" if copy.kind == "exact_duplicate" else "near",
        "similarity_question": round(copy.question, 4),
        "similarity_answer": round(copy.answer, 4),
    }


def _as_pair(number: int, field: str, text: str, lang: str) -> Pair:
    """A pair that carries this one text, as its question or its answer."""
    question, answer = (text, NOTHING) if field == "question" else (NOTHING, text)
    return Pair(question=question, answer=answer, lang=lang, url=f"row {number}", kind="table", group=field)


def _row_pair(number: int, row: Row, question: str, answer: str, *, group: str = "") -> Pair:
    votes = str(row.get("votes") or "")
    return Pair(
        question=question,
        answer=answer,
        lang="und",
        url=f"row {number}",
        kind="table",
        group=group or f"row {number}",
        label=str(row.get("label") or ""),
        accepted=row.get("accepted") in (True, "true", "True", "1", 1),
        votes=int(votes) if votes.lstrip("-").isdecimal() else None,
    )


def _need(rows: Sequence[Row], fields: Sequence[str]) -> None:
    columns = {name for row in rows for name in row}
    missing = [field for field in fields if field not in columns]
    if rows and missing:
        raise InputError(f"there is no column {missing[0]!r}; the columns are: {', '.join(sorted(map(str, columns)))}")
