"""From a proof's answers and losses to what the report says of them."""

from __future__ import annotations

from tuning.proof import Proof
from tuning.report.answered import weigh_answers
from tuning.report.evidence import Evidence
from tuning.report.labelled import weigh_labels

__all__ = ["weigh"]


def weigh(proof: Proof, task: str, seed: int) -> Evidence:
    """The evidence of a proof that has base and tuned answers: parts with intervals, the verdict, the worst."""
    return weigh_labels(proof, seed) if task == "classify" else weigh_answers(proof, seed)
