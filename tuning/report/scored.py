"""The intervals of a proof's scores, model by model."""

from __future__ import annotations

import numpy as np

from tuning.proof import Proof
from tuning.report.evidence import draws_of
from tuning.report.intervals import Draws, Interval, interval
from tuning.report.measures import LOSS, MEASURES, answer_rows, label_rows, macro_f1
from tuning.report.verdict import LEAST

__all__ = ["intervals_of"]


def intervals_of(proof: Proof, task: str, seed: int) -> dict[str, dict[str, Interval]]:
    """By model and measure; none from fewer than LEAST groups of questions, which say little."""
    rows_of = label_rows if task == "classify" else answer_rows
    found: dict[str, dict[str, Interval]] = {model: {} for model in proof.answers}
    asked, tested = draws_of(proof.questions, seed), draws_of(proof.tested, seed)
    for model, texts in proof.answers.items():
        for name, rows in rows_of(texts, proof.truth).items():
            measure = macro_f1() if name == "macro_f1" else MEASURES[name]
            _put(found[model], name, interval(rows, measure.value, asked), asked)
    for model, losses in proof.losses.items():
        rows = np.asarray(losses, dtype=np.float64).reshape(-1, 2)
        _put(found[model], LOSS.name, interval(rows, LOSS.value, tested), tested)
    return found


def _put(ends: dict[str, Interval], name: str, one: Interval | None, draws: Draws) -> None:
    if one is not None and draws.groups >= LEAST:
        ends[name] = one
