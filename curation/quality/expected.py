"""Whether words that say nothing by themselves may be just what was asked for: then nothing is near-certain."""

from __future__ import annotations

import re

from curation.quality.reading import Reading

__all__ = ["DOUBTED", "may_be_asked_for"]

DOUBTED = 0.6

# Questions for a way or a reason; all others can be answered by a yes, a no or a word.
_A_WAY = re.compile(r"\b(?:como|por que|why|how(?! (?:many|much|long|often|far|big|old|soon)\b))\b")
_PLACE = re.compile(r"\b(?:donde|where|en (?:que|cual)|in which|which|how do i (?:find|read|see))\b")
_SAYING = re.compile(
    r"\b(?:thanks?|thank you|gracias|say|dice|decir|dicen|transla\w+|traduc\w+|means?|significa|status|estado|button|"
    r"boton|label|etiqueta)\b"
)
_REQUEST = re.compile(
    r"\b(?:donde|where|descarg\w+|download\w*|web|pasar\w*|pasa\w*|envia\w*|manda\w*|necesit\w+|busco|buscando|quiero|"
    r"quisiera|send|share|need|looking for|give me|want|get|consigo|obten\w+)\b"
)
_A_FILE = re.compile(r"\.(?:pdf|zip|exe|msi|dmg|apk|deb|rpm|docx?|xlsx?|csv|iso|bin|tar\.gz|jar|mp4)\b")
_THANKED = re.compile(r"\b(?:gracias|thanks?|thx|cheers|agradec\w+)\b")
_SAID_OF_IT = re.compile(r"\b(?:is|it's|are|was|were|esta|estan|es|son|fue|sigue|still|sera|will)\b")
_NEVER_AN_ANSWER = re.compile(
    r"\s*\[[^\]]{1,80}\]\s*|.*\b(?:lorem ipsum|asdf|tbd|idk|dunno|ni idea|no idea|no clue)\b.*"
)
# Words that question and answer share without speaking of the same.
_OFTEN = frozenset(("probl", "error", "issue", "ayuda", "help", "funci", "works", "esto", "this", "algui", "anyon"))


def may_be_asked_for(reading: Reading, kind: str) -> bool:
    """For a finding of `kind`, what the question says for the answer.

    "Coming soon" answers a question for a day, "It was removed" one for what happened, and a link one for a file.
    """
    asked, told = reading.question.folded, reading.answer.folded
    if kind == "link_only":
        return bool(_REQUEST.search(asked) or _A_FILE.search(told))
    if kind == "question_repeated" or _NEVER_AN_ANSWER.fullmatch(told):
        return False
    if _SAYING.search(asked) or (kind != "thanks_only" and _shares_a_word(asked, told)):
        return True
    one_thing = "?" in asked and _A_WAY.search(asked) is None
    if kind == "see_above":
        return "?" in asked and _PLACE.search(asked) is not None
    if kind == "thanks_only":
        return one_thing and not _THANKED.search(told)
    return one_thing or _SAID_OF_IT.search(told) is not None


def _shares_a_word(asked: str, told: str) -> bool:
    one, other = ({word[:5] for word in re.findall(r"[^\W\d_]{4,}", text)} for text in (asked, told))
    return bool((one & other) - _OFTEN)
