"""What a proof came to, whatever the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tuning.data import Example
from tuning.proof import Proof
from tuning.report.answered import weigh_answers
from tuning.report.evidence import Evidence
from tuning.report.labelled import weigh_labels
from tuning.report.verdict import Outcome, Verdict
from tuning.seen import named_ids

__all__ = ["weigh"]


def weigh(proof: Proof, task: str, seed: int, *, seen: Sequence[Example] = ()) -> Evidence:
    """The evidence; `seen` are the test pairs that stand among the training pairs, of which no gain proves anything."""
    evidence = weigh_labels(proof, seed) if task == "classify" else weigh_answers(proof, seed)
    if not seen:
        return evidence
    verdict = evidence.verdict
    doubt = f"{len(seen)} test questions are among the training pairs ({named_ids(seen)}), so that no gain is proved"
    outcome: Outcome = "unclear" if verdict.outcome == "helped" else verdict.outcome
    return replace(evidence, verdict=Verdict(outcome=outcome, reason=f"{doubt}; {verdict.reason}"))
