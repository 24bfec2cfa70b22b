"""What gates find: the kinds, and for each the reason as people read it, in Spanish and English."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tamiz.records import Finding, Pair

__all__ = ["GATES", "JUDGE_STEP", "KINDS", "Fault", "finding_of", "reason_of"]

STEP = "gates"
JUDGE_STEP = "judge"  # a model's verdict is a look of its own, beside that of the rules
GATES = {
    "grounding": (
        "quote_missing", "number_not_in_source", "unit_not_in_source", "address_not_in_source",
        "command_not_in_source", "name_not_in_source", "negation_changed", "opposite_of_source", "foreign_fact",
        "unsupported",
    ),
    "planted": ("planted_contact", "stray_contact", "planted_instruction"),
    "alone": (
        "speaks_of_source", "unclear_question", "question_repeated", "refusal", "wrong_language", "too_short",
        "too_long",
    ),
    "new": ("held_out", "near_duplicate", "same_question_made"),
    "judge": ("judge_rejects",),
}  # fmt: skip
KINDS = tuple(kind for kinds in GATES.values() for kind in kinds)
_NAMED = re.compile("“([^”]*)”: ")  # what a note begins with
SPAN = 300  # characters of a span that are kept in the finding
SHOWN = 80  # of them in the reason
_JUDGED = re.compile(  # the note of a judge's finding; a model's name may have colons of its own
    r"“(?P<model>.+): (?P<rules>(?:grounded|complete|alone|natural)(?:, \w+)*)(?: \((?P<why>.*?)\)?)?”: ", re.DOTALL
)
LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that a gate found; a finding without its pair.

    `what` is put into the reason: the number, name or word that is meant. `witness` is the pair that is repeated, or
    the place of the source that says otherwise.
    """

    kind: str
    field: str = ""
    start: int = 0
    end: int = 0
    what: str = ""
    confidence: float = 0.9
    witness: str = ""


def finding_of(pair: Pair, fault: Fault, *, step: str = STEP) -> Finding:
    """The finding of this fault; its note is the reason in English, as those of all steps are."""
    text = getattr(pair, fault.field) if fault.field else ""
    return Finding(
        pair=pair.id,
        step=step,
        kind=fault.kind,
        field=fault.field,
        start=fault.start,
        end=fault.end,
        before=text[fault.start : fault.end][:SPAN] if (fault.start, fault.end) != (0, len(text)) else "",
        confidence=fault.confidence,
        witness=fault.witness[:SPAN],
        note=_reason(fault.kind, fault.what, fault.witness, "en"),
    )


def reason_of(finding: Finding, lang: str) -> str:
    """Why a gate objects, in a sentence of the language: es, or en for every other.

    >>> reason_of(Finding(pair="a", step="gates", kind="number_not_in_source", before="45 days"), "es")
    '«45 days»: ese número no está en la fuente'
    """
    if judged := _JUDGED.match(finding.note) if finding.step == JUDGE_STEP else None:
        return _judges_reason(judged, lang)
    named = _NAMED.match(finding.note)
    return _reason(finding.kind, finding.before or (named[1] if named else ""), finding.witness, lang)


def _reason(kind: str, what: str, witness: str, lang: str) -> str:
    told = _reasons()[lang if lang in LANGUAGES else "en"]
    marks = ("«", "»") if lang == "es" else ("“", "”")
    reason = told.get(kind, kind)
    shown = what if kind in GATES["judge"] else what[:SHOWN]  # all that a judge says
    head = f"{marks[0]}{shown}{marks[1]}: " if what else ""
    tail = f" ({told['source_says']}: {marks[0]}{witness[:120]}{marks[1]})" if witness and kind in _SHOWS_SOURCE else ""
    return f"{head}{reason}{tail}"


def _judges_reason(judged: re.Match[str], lang: str) -> str:
    """Which judge, the rules that it sees broken, and its own words, which are in the language of the pair."""
    told = _reasons()[lang if lang in LANGUAGES else "en"]
    broken = "; ".join(told.get(f"judge_{rule}", rule) for rule in judged["rules"].split(", "))
    own = f" ({judged['why']})" if judged["why"] else ""
    return f"{told['judge_says'].format(model=judged['model'])}: {broken}{own}"


_SHOWS_SOURCE = frozenset(
    {
        "number_not_in_source", "unit_not_in_source", "negation_changed", "opposite_of_source", "planted_contact",
        "stray_contact",
    }
)  # fmt: skip


@cache
def _reasons() -> dict[str, dict[str, str]]:
    read = tomllib.loads((files("curation.synthesis.gates") / "reasons.toml").read_text(encoding="utf-8"))
    return {lang: dict(read[lang]) for lang in LANGUAGES}
