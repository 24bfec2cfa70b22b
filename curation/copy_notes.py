"""What a finding about two pairs that are alike says in its note, as figures: the reverse of `curation.repeats`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tamiz.records import Finding

__all__ = ["CopyNote", "Preferred", "read_note"]

Differs = Literal["", "numbers", "negation", "order", "words"]
Preferred = Literal["", "settled", "accepted", "votes", "longest", "newest", "dated", "source", "id"]

_QUESTION = re.compile(r"question (\d\.\d\d) alike")
_ANSWER = re.compile(r"answer (\d\.\d\d) alike|another answer \((\d\.\d\d) alike\)")
_DIFFERS = re.compile(r"(?:alike but for |the answers differ in )(.+?)(?:; the other one |$)", re.DOTALL)
_STARTS: dict[str, Differs] = {
    "numbers or codes: ": "numbers",
    "a negation: ": "negation",
    "what stands where: ": "order",
}
_WHY: tuple[tuple[Preferred, str], ...] = (
    ("settled", r"is accepted already"),
    ("accepted", r"is the accepted answer"),
    ("votes", r"has more votes \((.+)\)"),
    ("longest", r"has the longer answer"),
    ("newest", r"is newer \((.+)\)"),
    ("dated", r"has a date \((.+)\)"),
    ("source", r"comes from a source that stands before"),
    ("id", r"stands before by its id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyNote:
    """How alike the questions and the answers are (shares; None: not said), in what they differ for all that, and
    why the other pair is preferred: the policy, and the two values that it compared, the better first.
    """

    question: float | None
    answer: float | None
    differs: Differs = ""
    words: str = ""
    preferred: Preferred = ""
    values: str = ""


def read_note(finding: Finding) -> CopyNote:
    """What the note says; only its confidence where it is the note of another step.

    >>> note = "question 0.91 alike, answer 0.95 alike but for numbers or codes: 24 / 48"
    >>> note += "; the other one has a date (2024)"
    >>> found = read_note(Finding(pair="a", step="dedupe", kind="contradiction", witness="b", note=note))
    >>> found.question, found.answer, found.differs, found.words, found.preferred, found.values
    (0.91, 0.95, 'numbers', '24 / 48', 'dated', '2024')
    """
    said, _, why = finding.note.rpartition("; the other one ")
    said, why = (said, why) if said else (finding.note, "")
    question, answer = _QUESTION.search(said), _ANSWER.search(said)
    same = said.startswith("same question and answer")
    asked = 1.0 if same or said.startswith("same question") else float(question[1]) if question else finding.confidence
    told = 1.0 if same or said.endswith("same answer") else float(answer[1] or answer[2]) if answer else None
    differs, words = _difference(finding.note)
    preferred, values = _preferred(why)
    return CopyNote(question=asked, answer=told, differs=differs, words=words, preferred=preferred, values=values)


def _difference(note: str) -> tuple[Differs, str]:
    found = _DIFFERS.search(note)
    if found is None or found[1] == "some words":  # which the words themselves show better
        return "", ""
    for start, kind in _STARTS.items():
        if found[1].startswith(start):
            return kind, found[1].removeprefix(start)
    return "words", found[1]


def _preferred(why: str) -> tuple[Preferred, str]:
    for name, pattern in _WHY:
        if found := re.fullmatch(pattern, why):
            return name, found[1] if found.groups() else ""
    return "", ""
