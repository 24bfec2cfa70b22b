"""A model as judge, by a rubric, shown the source: what to ask it, and what to make of what it says.

Asking is left to the engine and its providers. A judge that quotes what is not in the source has not read it, and its
verdict counts for nothing. How far a judge can be trusted is measured (see curation.synthesis.gates.calibration).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from curation.synthesis.gates.findings import GATES, JUDGE_STEP, Fault, finding_of
from curation.synthesis.gates.quotes import stands_in
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Unusable
from tamiz.records import Finding, Pair

__all__ = ["RULES", "Judged", "judge_ask", "judged", "judgement"]

RULES = ("grounded", "complete", "alone", "natural")
LONGEST_REASON = 300
SURE = 0.6  # of a judge that nobody has held against reviewers
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **{rule: {"type": "boolean"} for rule in RULES},
        "quote": {"type": "string"},
        "verdict": {"type": "string", "enum": ["accept", "reject"]},
        "reason": {"type": "string"},
    },
    "required": [*RULES, "quote", "verdict", "reason"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge says of one pair: its verdict, the rules that it sees broken, and why."""

    verdict: Literal["accept", "reject"]
    broken: tuple[str, ...]
    quote: str
    reason: str


def judge_ask(pair: Pair, source_text: str) -> Ask:
    """What to ask a judge about this pair; the texts go in as data, the source among them.

    A question of a dialogue is shown with what was said before it.
    """
    lang = pair.lang if pair.lang in ("es", "en") else "en"
    said = [f"[{turn.role}] {turn.content}{turn.tool_calls}" for turn in pair.context]
    question = "\n".join([*said, f"[user] {pair.question}"]) if said else pair.question
    data = {"source": source_text, "question": question, "answer": pair.answer}
    return asked("judge", lang, SCHEMA, data=data, max_tokens=300, temperature=0.0)


def judged(reply: Any, source_text: str) -> Judged:
    """What the judge said. Unusable where it contradicts itself or quotes what is not in the source.

    >>> said = {**dict.fromkeys(RULES, True), "quote": "14 days", "verdict": "accept", "reason": ""}
    >>> judged(said, "Refunds take 14 days.").verdict
    'accept'
    """
    if not isinstance(reply, Mapping) or reply.get("verdict") not in ("accept", "reject"):
        raise Unusable("no verdict: accept or reject")
    broken = tuple(rule for rule in RULES if reply.get(rule) is not True)
    if (reply["verdict"] == "accept") == bool(broken):
        raise Unusable("the verdict does not follow from the rules: accept only where all four are true")
    quote = str(reply.get("quote", ""))
    if reply["verdict"] == "accept" and not stands_in(quote, source_text):
        raise Unusable("the quote is not in the source word for word")
    reason = str(reply.get("reason", "")).strip()[:LONGEST_REASON]
    return Judged(verdict=reply["verdict"], broken=broken, quote=quote, reason=reason)


def judgement(pair: Pair, said: Judged, model: str, *, confidence: float = SURE) -> list[Finding]:
    """What a judge objects to, as a finding for people; nothing where it accepts.

    `confidence` should be the judge's measured agreement with reviewers where there is one.
    """
    if said.verdict == "accept":
        return []
    what = f"{model}: {', '.join(said.broken)}" + (f" ({said.reason})" if said.reason else "")
    return [finding_of(pair, Fault(kind=GATES["judge"][0], what=what, confidence=confidence), step=JUDGE_STEP)]
