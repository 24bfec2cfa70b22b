"""Whether a clause denies: negations, and words that deny by themselves, of Spanish and English."""

from __future__ import annotations

import re
from typing import Literal

from curation.synthesis.gates.reading import Told, Word

__all__ = ["Polarity", "affirmed_groups", "cue_targets", "is_cue", "particle", "polarity"]

Polarity = Literal["denies", "affirms", "either"]

_EN = r"not|no|never|without|nor|neither|none|nobody|nothing|cannot|unless|except|non|hardly|\w+n't"
_ES = r"no|nunca|jamas|sin|ni|tampoco|ningun[oa]?s?|nadie|salvo|excepto|a menos que|a no ser que"
_EN_LEXICAL = (
    r"forbid\w*|forbad\w*|prohibit\w*|exclud\w*|impossible|unavailable|incompatible|unsupported|ignor\w*|omit\w*|skipped|skips|"
    r"refus\w*|reject\w*|invalid|leaves? out|left out|instead of|unable|banned|disallow\w*|stops? (?:working|short)|non-\w+"
)
_ES_LEXICAL = (
    r"prohib\w*|exclu[iy]\w*|imposible\w*|incompatible\w*|omit\w*|rechaz\w*|deneg\w*|denieg\w*|invalid\w*|(?:qued\w*|dej\w*|est\w+) fuera|dej\w+ de|en vez de|"
    r"en lugar de|evit\w+"
)
_CUES = {
    "en": re.compile(rf"(?<!\w)(?:{_EN_LEXICAL}|{_EN})(?!\w)"),
    "es": re.compile(rf"(?<!\w)(?:{_ES_LEXICAL}|{_ES})(?!\w)"),
}
_LEXICAL = {"en": re.compile(_EN_LEXICAL), "es": re.compile(_ES_LEXICAL)}
_ELSE = ("otherwise", "si no", "de lo contrario", "en caso contrario")
# What looks like a negation and is none, or only names a limit.
_NO_CUES = {
    "en": re.compile(
        r"\b(?:(?:no|not|never|nor|neither) (?:later|more|longer|less|fewer|earlier|older|sooner) than|not only|whether or not|no matter|or not|if not|not (?:yet|until)|"
        r"(?:can't|cannot|mustn't|must not|can not|don't|do not|doesn't) exceed|no problem|nothing but|not exceed|\w+n't \w+ (?:it |them )?more than)\b"
    ),
    "es": re.compile(
        r"\b(?:no (?:mas|menos|solo|solamente|obstante|antes|despues)|si no(?= (?:\W|$))|(?:no (?:puede|debe|deben|pueden) (?:pasar de|superar|exceder|ser mayor))|no (?:supera|pasa|excede)\w*)\b"
    ),
}
_NEUTRAL = {
    "en": re.compile(r"\b(?:otherwise|until|only (?:once|when|if|after|sync)|once you)\b"),
    "es": re.compile(r"\b(?:si no|de lo contrario|en caso contrario|hasta (?:que|haber)|mientras no|solo (?:si|cuando|una vez|se puede))\b"),
}
_YES = re.compile(r"\s*(?:yes|si)\b(?=\s*[,.;:!]|\s*$)")
_NO = re.compile(
    r"\s*no\b(?=\s*[,.;:!]|\s*$)|\s*not(?= (?:for|if|in|on|with|during|at)\b)|\s*no(?= (?:por|para|en|si|con|durante)\b)"
)


def particle(folded: str) -> tuple[Literal["yes", "no", ""], int]:
    """The yes or no that an answer begins with, and where the rest begins.

    >>> particle("no, the price is refunded"), particle("no aceptamos cheques")
    (('no', 2), ('', 0))
    """
    if match := _YES.match(folded):
        return "yes", match.end()
    if match := _NO.match(folded):
        return "no", match.end()
    return "", 0


def polarity(text: Told, words: tuple[Word, ...], start: int, end: int, folded: str, known: frozenset[int]) -> Polarity:
    """Whether the part of the text from `start` to `end` denies. `known` are the groups of meaning of the other text:
    a negation inside a phrase that the other text says in other words ("sin coste": gratis) counts as said."""
    lang = text.lexicon.lang
    part = _NO_CUES[lang].sub(lambda match: " " * len(match[0]), folded[start:end])
    cues = [match for match in _CUES[lang].finditer(part) if not _absorbed(match, start, words, known, lang)]
    if neutral := _NEUTRAL[lang].search(folded, start, end):
        return "either" if cues or "only " in part or "solo " in part or neutral[0] in _ELSE else "affirms"
    if not cues:
        return "affirms"
    plain = {cue[0] for cue in cues}
    doubled = len(plain) > 1 and ("without" in plain or "sin" in plain or (lang == "en" and "nothing" not in plain and _twice(cues, part)))
    return "either" if doubled else "denies"


def _twice(cues: list[re.Match[str]], part: str) -> bool:
    """Whether one negation stands in the reach of another: "does not exclude"."""
    return any(0 < b.start() - a.end() < 16 and "," not in part[a.end() : b.start()] for a, b in zip(cues, cues[1:], strict=False))


def _absorbed(cue: re.Match[str], start: int, words: tuple[Word, ...], known: frozenset[int], lang: str) -> bool:
    """Whether the negation is part of a phrase whose sense the other text says without one; never a word that denies."""
    place = start + cue.start()
    word = next((one for one in words if one.start <= place < one.end), None)
    return word is not None and bool(word.groups & known) and _LEXICAL[lang].fullmatch(cue[0]) is None


def affirmed_groups(text: Told, folded: str) -> frozenset[int]:
    """The groups of meaning of the words that do not deny by themselves."""
    lang = text.lexicon.lang
    return frozenset(
        number
        for word in text.words
        for number in word.groups
        if not _LEXICAL[lang].fullmatch(word.folded) and not _CUES[lang].fullmatch(word.folded)
    )


def cue_targets(folded: str, words: tuple[Word, ...], start: int, end: int, lang: str) -> frozenset[str]:
    """The stems of what is denied directly: the first telling word after each negation."""
    part = _NO_CUES[lang].sub(lambda match: " " * len(match[0]), folded[start:end])
    found = set()
    for cue in _CUES[lang].finditer(part):
        after = [word for word in words if word.start >= start + cue.end()][:4]
        target = next((word for word in after if not word.free), None)
        if target is not None and not any(sign in ",;:." for sign in folded[start + cue.end() : target.start]):
            found.add(target.stem)
    return frozenset(found)


def is_cue(word: Word, lang: str) -> bool:
    return _CUES[lang].fullmatch(word.folded) is not None
