"""Advice that takes a protection away or is dangerous to follow; said against it, it is good advice and not found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from curation.quality.reading import Seen, Sentence, Text

__all__ = ["unsafe_advice"]

NEAR = 90  # characters between a verb and its object
BEFORE = 45  # characters before the verb in which a negation speaks of it

# What turns an advice into its opposite, before the verb and with no end of a clause between.
_NEGATION = re.compile(
    r"\b(?:no|nunca|jamas|ni|sin|evit\w+|never|not|n't|don't|do not|dont|doesn't|won't|cannot|can't|avoid|without|"
    r"instead of|rather than|en vez de|en lugar de|antes de|before you|refrain from|nadie|nobody|stop|dejes? de|"
    r"desaconseja\w*|prohib\w+|peligroso|dangerous|no need to|no hace falta|tampoco)\b[^.;:!?]*$"
)
# What speaks against it in the same sentence, before or after.
_WARNING = re.compile(
    r"\b(?:not recommended|no (?:es|se) recomenda\w+|no es (?:seguro|buena idea|necesario)|peligros\w+|"
    r"dangerous|bad idea|mala idea|"
    r"arriesgad\w+|risky|insecure|insegur\w+|unsafe|en vez de|instead of|nunca (?:te )?|never (?:ask|need|have)|"
    r"phishing|scam|estaf\w+|"
    r"fraud\w*|timador\w*|toxic\w*|explo\w+|incendi\w*|fire hazard|don't|do not|not necessary|no hace falta)\b"
)
# Somebody tells what happens by itself, or what somebody else did.
_TOLD = re.compile(
    r"\b(?:si|if|cuando|when|whether|aunque|although|que|which|that|el virus|malware|programa|it|"
    r"(?<!you )(?:may|might)|se|was|were|is|are)\s*$"
)
_PRONOUN = re.compile(
    r"\b(?:desactivalo|desactivala|deshabilitalo|apagalo|quitalo|desinstalalo|desactivarlo|apagarlo|disable it|"
    r"turn it off|switch it off|uninstall it)\b"
)


class Danger(NamedTuple):
    note: str
    verbs: re.Pattern[str]
    objects: re.Pattern[str]


@cache
def _dangers() -> tuple[tuple[Danger, ...], re.Pattern[str], str]:
    read = tomllib.loads((files("curation.quality") / "unsafe.toml").read_text(encoding="utf-8"))
    whole = read.pop("whole")
    made = tuple(Danger(one["note"], _any(one["verbs"]), _any(one["objects"])) for one in read.values())
    return made, re.compile("|".join(whole["patterns"])), whole["note"]


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


def unsafe_advice(answer: Text) -> Iterator[Seen]:
    """One finding for each sentence that advises something unsafe."""
    dangers, whole, whole_note = _dangers()
    folded = answer.folded
    about = [danger for danger in dangers if danger.objects.search(folded)]
    if not about and not whole.search(folded):
        return
    before = ""
    for sentence in answer.sentences:
        for note, sure in _of(sentence, before, about, whole, whole_note):
            yield Seen("unsafe_advice", "answer", sentence.start, sentence.end, sure, note)
            break
        before = sentence.folded


def _of(
    sentence: Sentence, before: str, about: list[Danger], whole: re.Pattern[str], whole_note: str
) -> Iterator[tuple[str, float]]:
    folded = sentence.folded
    if folded.endswith("?") or _WARNING.search(folded):
        return
    for match in whole.finditer(folded):
        if not _NEGATION.search(folded[max(0, match.start() - 2 * BEFORE) : match.start()]):
            yield whole_note, 0.85
    for danger in about:
        for place in danger.objects.finditer(folded):
            if _is_advised(folded, danger, place.start(), place.end()):
                yield danger.note, 0.8
    if about and (told := _PRONOUN.search(folded)) and about[0].note.endswith("protection"):
        named = about[0].objects.search(before) or about[0].objects.search(folded)
        if named and not _NEGATION.search(folded[: told.start()]):
            yield about[0].note, 0.6


def _is_advised(folded: str, danger: Danger, start: int, end: int) -> bool:
    """Whether a verb stands before the object in the same clause, in a form that advises it."""
    first = max(0, start - NEAR)
    window = folded[first : min(len(folded), end + 6)]
    for match in danger.verbs.finditer(window):
        verb = first + match.start()
        if verb >= start or re.search(r"[;:!?]", folded[first + match.end() : start]):
            continue
        lead = folded[max(0, verb - BEFORE) : verb]
        if not _NEGATION.search(lead) and not _TOLD.search(lead):
            return True
    return False
