"""One step on the rows of a table, with no project: what `tamiz clean` and `tamiz spell` do to a file.

A row is a mapping of column names to values; every column is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curation.edits import apply_findings, usable
from curation.steps import LearningStep, Step
from tamiz.errors import InputError
from tamiz.records import Finding, Pair

__all__ = ["change_rows"]

Row = Mapping[str, Any]
NOTHING = "-"  # stands in for a text that a row does not have


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


def _as_pair(number: int, field: str, text: str, lang: str) -> Pair:
    """A pair that carries this one text, as its question or its answer."""
    question, answer = (text, NOTHING) if field == "question" else (NOTHING, text)
    return Pair(question=question, answer=answer, lang=lang, url=f"row {number}", kind="table", group=field)


def _need(rows: Sequence[Row], fields: Sequence[str]) -> None:
    columns = {name for row in rows for name in row}
    missing = [field for field in fields if field not in columns]
    if rows and missing:
        raise InputError(f"there is no column {missing[0]!r}; the columns are: {', '.join(sorted(map(str, columns)))}")
