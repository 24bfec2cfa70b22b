"""How much a pair needs a person, 0 to 1: the order "need" of the queue.

Each doubt that stands about a pair has a weight, and the weights add up like chances: 1 - (1 - a)(1 - b)...

what                                           weight
another pair says the opposite                 0.9
personal data that nobody has settled          0.8
a doubtful change of a word                    0.3 where the finding is sure, up to 0.8 at a coin toss
nearly a copy, on the uncertain side           0.7, less the surer it is; the same for the same question or meaning
a low confidence of the extraction             0.6, less the surer it is
a training run could not learn it              0.6; knew it at once: 0.3; each less, the less it stands out
synthetic                                      0.3
anything else a step found                     0.1, once

A pair about which nothing stands has LEAST: 0 is for pairs that nobody has computed it for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tamiz.kept import unsettled
from tamiz.records import FOR_INFORMATION, PRIVACY_STEP, Finding, Pair

__all__ = ["LEAST", "need_of"]

LEAST = 0.001
CONTRADICTION = 0.9
PERSONAL = 0.8
WORD, WORD_DOUBT = 0.3, 0.5
ALIKE = 0.7
EXTRACTION = 0.6
SYNTHETIC = 0.3
TRAINED = {"cannot_learn": 0.6, "learnt_at_once": 0.3}
OTHER = 0.1
SPREAD = 4.0  # similarities of copies lie between 0.75 and 1
ALIKE_KINDS = ("near_duplicate", "same_question", "same_meaning")


def need_of(pair: Pair, findings: Sequence[Finding]) -> float:
    """How much a person is needed for this pair, from all findings that stand about it.

    >>> plain = Pair(question="a?", answer="b", lang="es", url="https://a.example", kind="faq", group="a")
    >>> need_of(plain, [])
    0.001
    >>> need_of(plain, [Finding(pair=plain.id, step="dedupe", kind="contradiction", witness="w")])
    0.9
    """
    weights: dict[str, float] = {"extraction": EXTRACTION * (1 - pair.confidence)}
    if pair.kind == "synthetic":
        weights["synthetic"] = SYNTHETIC
    for finding in unsettled(findings):
        what, weight = _weight(finding)
        weights[what] = max(weight, weights.get(what, 0.0))
    need = 1 - prod(1 - weight for weight in weights.values())
    return round(min(max(need, LEAST), 1.0), 4)


def _weight(finding: Finding) -> tuple[str, float]:
    """What the finding speaks of, and how much that needs a person."""
    if finding.kind == "contradiction":
        return "contradiction", CONTRADICTION
    if finding.kind in FOR_INFORMATION:
        return "information", 0.0
    if finding.step == PRIVACY_STEP:
        return "personal", PERSONAL
    if finding.step == "spelling" and finding.after is not None:
        return "word", WORD + WORD_DOUBT * 4 * finding.confidence * (1 - finding.confidence)
    if finding.kind in TRAINED:
        return "trained", TRAINED[finding.kind] * finding.confidence
    if finding.kind in ALIKE_KINDS:
        return "alike", ALIKE * min(1.0, SPREAD * (1 - finding.confidence))
    return "other", OTHER
