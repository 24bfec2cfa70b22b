"""Whether a clause denies: negations, and words that deny by themselves, of Spanish and English."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from curation.synthesis.gates.reading import Told, Word
from curation.synthesis.gates.stems import stem

__all__ = [
    "Negation",
    "Polarity",
    "affirmed_groups",
    "cue_targets",
    "fails",
    "is_cue",
    "negations",
    "particle",
    "polarity",
    "regardless",
]

NEAREST = 2  # words beside a negation, of which one must be told by the other text
PHRASE = 3  # words before and behind one that may belong to its phrase
_STOPS = ",;:.()"
_RELATIVE = re.compile(r"\b(?:que|quien(?:es)?|which|who|that|what you|whatever)\s(?:you\s|they\s|we\s)?$")
Polarity = Literal["denies", "affirms", "either"]

_EN = r"not|no|never|without|nor|neither|none|nobody|nothing|cannot|non|hardly|\w+n't"
_ES = r"no|nunca|jamas|sin|ni|tampoco|ningun[oa]?s?|nadie"
_EN_LEXICAL = (
    r"forbid\w*|forbad\w*|prohibit\w*|exclud\w*|impossible|unavailable|incompatible|unsupported|ignor\w*|"
    r"omit\w*|skipped|skips|"
    r"refus\w*|reject\w*|invalid|leaves? out|left out|instead of|unable|banned|disallow\w*|stops? (?:working|"
    r"short)|non-\w+"
)
_ES_LEXICAL = (
    r"prohib\w*|exclu[iy]\w*|imposible\w*|incompatible\w*|omit\w*|rechaz\w*|deneg\w*|denieg\w*|invalid\w*|"
    r"(?:qued\w*|dej\w*|est\w+) fuera|dej\w+ de|en vez de|"
    r"en lugar de|evit\w+"
)
_CUES = {
    "en": re.compile(rf"(?<!\w)(?:{_EN_LEXICAL}|{_EN})(?!\w)"),
    "es": re.compile(rf"(?<!\w)(?:{_ES_LEXICAL}|{_ES})(?!\w)"),
}
_PLAIN = {"en": re.compile(_EN), "es": re.compile(_ES)}
_LEXICAL = {"en": re.compile(_EN_LEXICAL), "es": re.compile(_ES_LEXICAL)}
_ELSE = (
    "unless",
    "except",
    "salvo",
    "excepto",
    "a menos que",
    "a no ser que",
    "otherwise",
    "si no",
    "de lo contrario",
    "en caso contrario",
)
# What looks like a negation and is none, or only names a limit.
_NO_CUES = {
    "en": re.compile(
        r"\b(?:(?:no|not|never|nor|neither) (?:later|more|longer|less|fewer|earlier|older|sooner) than|not only|"
        r"whether or not|no matter|or not(?=\W*$|[,.;?])|if not|not (?:yet|until)|"
        r"(?:can't|cannot|mustn't|must not|can not|don't|do not|doesn't) exceed|no problem|nothing but|"
        r"(?:not|n't) (?:\w+ ){0,2}(?:over|above|beyond|more than|older than|longer than|higher than|heavier than|"
        r"larger than|bigger than) (?=\W?\d)|instead of (?=\W?\d)|"
        r"not exceed|\w+n't \w+ (?:it |them )?more than)\b"
    ),
    "es": re.compile(
        r"\b(?:no (?:\w+ ){1,3}mas de (?=\W?\d)|(?:en vez|en lugar) de (?=\W?\d)|no (?:mas|menos|solo|solamente|"
        r"obstante|antes|despues)|si no(?= (?:\W|$))|(?:no (?:puede|debe|"
        r"deben|pueden) (?:pasar de|superar|exceder|ser mayor)[^.;]*)|no (?:supera|pasa|excede)\w*)\b"
    ),
}
_NEUTRAL = {
    "en": re.compile(
        r"\b(?:otherwise|unless|except|until|as long as|provided|only (?:once|when|if|after|sync)|once you)\b"
    ),
    "es": re.compile(
        r"\b(?:si no|de lo contrario|en caso contrario|salvo|excepto|a menos que|a no ser que|"
        r"siempre que no|con tal de que no|siempre y cuando|hasta (?:que|"
        r"haber)|mientras no|solo (?:si|cuando|una vez|se puede))\b"
    ),
}
_IF = re.compile(r"[\s,;:(]*(?:(?:and|but|or|so|y|o|pero) )?(?:if|when|si|cuando)\b")
_EVEN_IF = re.compile(r"\b(?:even (?:if|when|though)|aunque|incluso (?:si|cuando)|aun cuando)\b")
_UNLESS = re.compile(r"\b(?:unless|except|provided|salvo|excepto|a menos que|a no ser que|siempre que)\b")
_FAILS = {
    "en": re.compile(
        r"\b(?:down|off|fail\w*|lack\w*|miss\w*|los[et]\w*|loss|empty|stop\w*|prevent\w*|avoid\w*|block\w*|"
        r"disabled?|wrong\w*|badly|free|waive\w*|exempt\w*|expire\w*|different|only|too|less|dead|gone|leaves?|left|damage\w*)\b"
    ),
    "es": re.compile(
        r"\b(?:falt\w+|fall\w+|pierd\w+|perd\w+|vaci\w+|bloque\w+|apag\w+|desactiv\w+|caduc\w+|impid\w+|evit\w+|"
        r"mal|incorrect\w+|gratis|gratuit\w+|exent\w+|regal\w+|distint\w+|menos|solo|unicamente|fuera|estrope\w+|dan\w+)\b"
    ),
}
_YES = re.compile(r"\s*(?:yes|si)\b(?=\s*[,.;:!]|\s*$)")
_NO = re.compile(
    r"\s*no\b(?=\s*[,.;:!]|\s*$)|\s*not(?= (?:for|if|in|on|with|during|at)\b)|\s*no(?= (?:por|para|en|si|con|"
    r"durante)\b)"
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
        told = cues or "only " in part or "solo " in part or neutral[0] in _ELSE
        return "either" if told else "affirms"
    if not cues:
        return "affirms"
    plain = {cue[0] for cue in cues}
    if _IF.match(folded, start):  # a condition may be told the other way round: "if nobody is there"
        return "either"
    doubled = len(plain) > 1 and (
        "without" in plain or "sin" in plain or (lang == "en" and "nothing" not in plain and _twice(cues, part))
    )
    return "either" if doubled else "denies"


def _twice(cues: list[re.Match[str]], part: str) -> bool:
    """Whether one negation stands in the reach of another: "does not exclude"."""
    return any(
        0 < b.start() - a.end() < 16 and "," not in part[a.end() : b.start()] for a, b in itertools.pairwise(cues)
    )


def _absorbed(cue: re.Match[str], start: int, words: tuple[Word, ...], known: frozenset[int], lang: str) -> bool:
    """Whether it is part of a phrase whose sense the other text says without a negation; never a word that denies."""
    place = start + cue.start()
    word = next((one for one in words if one.start <= place < one.end), None)
    return word is not None and bool(word.groups & known) and _LEXICAL[lang].fullmatch(cue[0]) is None


def affirmed_groups(text: Told, folded: str) -> frozenset[int]:
    """The groups of meaning of the words that do not deny by themselves, nor with a negation: not "not allowed"."""
    lang = text.lexicon.lang
    return frozenset(
        number
        for at, word in enumerate(text.words)
        if not is_cue(word, lang)
        for number in word.groups
        if not any(
            number in near.groups and _PLAIN[lang].fullmatch(near.folded)
            for near in text.words[max(0, at - PHRASE) : at + PHRASE]
        )
    )


def cue_targets(folded: str, words: tuple[Word, ...], start: int, end: int, lang: str) -> frozenset[str]:
    """The stems of what is denied directly: the first telling word after each negation."""
    found = negations(folded, words, start, end, lang, relative=True)
    return frozenset(one.nearest[0].stem for one in found if one.nearest)


@dataclass(frozen=True, slots=True)
class Negation:
    """A negation with the telling words that are nearest to it, and all that are in its clause."""

    nearest: tuple[Word, ...]
    reach: tuple[Word, ...]
    at: int
    after: int


def negations(
    folded: str,
    words: tuple[Word, ...],
    start: int,
    end: int,
    lang: str,
    *,
    relative: bool = False,
    known: frozenset[int] = frozenset(),
) -> list[Negation]:
    """The negations of a part, but for those of relative clauses ("what you don't use goes to the next month").

    The nearest words are those after it or, where nothing follows ("charges aren't", "are excluded"), before it.
    """
    part = _NO_CUES[lang].sub(lambda match: " " * len(match[0]), folded[start:end])
    telling = [word for word in words if not word.free and len(word.folded) > 2 and not is_cue(word, lang)]
    found = []
    for cue in _CUES[lang].finditer(part):
        first, last = start + cue.start(), start + cue.end()
        if not relative and _RELATIVE.search(folded, max(start, first - 12), first):
            continue
        if _absorbed(cue, start, words, known, lang):
            continue
        stop = next((place for place in range(last, end) if folded[place] in _STOPS), end)
        begin = next((place + 1 for place in range(first - 1, start - 1, -1) if folded[place] in _STOPS), start)
        listed = next((place for place in range(last, end) if folded[place] in _STOPS and folded[place] != ","), end)
        after = tuple(word for word in telling if last <= word.start < stop)
        before = tuple(word for word in reversed(telling) if word.end <= first)
        near = before + after if _LEXICAL[lang].fullmatch(cue[0]) else after or before
        reach = tuple(word for word in telling if begin <= word.start < listed)
        found.append(Negation(near[:NEAREST], reach or near[:NEAREST], first, last))
    return found


def fails(folded: str, start: int, end: int, lang: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether the part has a word that says without a negation that something is not so; none of the stems `known`."""
    return any(stem(match[0], lang) not in known for match in _FAILS[lang].finditer(folded, start, end))


def regardless(folded: str, start: int, end: int, others: str, first: int, last: int) -> bool:
    """Whether one says "even if" where the other says "unless"."""
    return bool(_EVEN_IF.search(folded, max(0, start - 6), end) and _UNLESS.search(others, first, last))


def is_cue(word: Word, lang: str) -> bool:
    return _CUES[lang].fullmatch(word.folded) is not None
