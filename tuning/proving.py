"""The proof at the end of a run: what it leaves in the run's folder, and what its card keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tamiz.progress import Job
from tamiz.records import RunCard
from tamiz.settings import TuningSettings
from tuning.data import Dataset
from tuning.lessons import Lesson
from tuning.losses import FIRST, Loss, write_losses
from tuning.proof import Proof, prove
from tuning.report.evidence import Evidence
from tuning.report.findings import weigh
from tuning.report.written import write_report
from tuning.seen import seen_questions

__all__ = ["LEAST_SECONDS", "Proved", "prove_run"]

LEAST_SECONDS = 30.0  # that answering may take, however short the training was


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A run's proof and what it came to."""

    proof: Proof
    evidence: Evidence

    def write(self, run: Path, card: RunCard) -> None:
        """Write the run's report, its card being made."""
        write_report(run, card, self.proof, self.evidence)
        (run / FIRST).unlink(missing_ok=True)


def prove_run(
    model: Any,
    tokenizer: Any,
    lesson: Lesson,
    data: Dataset,
    labels: Sequence[str],
    settings: TuningSettings,
    *,
    run: Path | None,
    first: dict[int, Loss],
    trained_seconds: float,
    report: Job,
) -> Proved:
    """Judge the tuned model against its base; leave RUN/losses.jsonl with the losses of `first` and now.

    Answering takes no longer than the training took, unless [tuning] eval_seconds says otherwise.
    """
    learnt = [example for example in data.train if settings.task != "classify" or example.label in labels]
    write_losses(model, lesson, learnt, first, run)
    seconds = settings.eval_seconds or max(LEAST_SECONDS, trained_seconds)
    proof = prove(
        model,
        tokenizer,
        lesson,
        data.test,
        labels,
        settings,
        report,
        probes=settings.eval_probes,
        seconds=seconds,
    )
    seen = seen_questions(data.train, data.test)
    return Proved(proof=proof, evidence=weigh(proof, settings.task, settings.seed, seen=seen))
