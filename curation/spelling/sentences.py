"""Sentences of a text, its words, and which language a sentence is plainly written in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

__all__ = ["composed", "plain_language", "sentences", "words"]

_END = re.compile(
    r"""(?<=[.!?…])["'»”)\]]*[ \t]+(?=[¿¡"'«“(\[]*[A-ZÀ-ÖØ-Þ\d])|[ \t]*\n\s*|(?<=:)[ \t]+(?=[¿¡])""", re.VERBOSE | re.M
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LETTER_WITH_MARKS = re.compile("[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+")

# Words that carry grammar, belong to one of the languages only and stand in nearly every sentence of it.
_LITTLE_WORDS = {
    "es": (
        "al aquí así cada como con cuando cuándo cómo de del desde donde dónde e el ella en entre es esta este "
        "esto está están ha han hasta hay la las le les lo los mas mi muy más mí no nos o para pero por porque "
        "puede que qué se ser si sin sobre son su sus sé sí también te todo todos tu tú u un una unas unos y ya "
        "yo él"
    ),
    "en": (
        "all also an and any are as at be been but by can did do does for from had has have he her his how i "
        "if in into is it its may must my not of on or our she should so than that the their then there these "
        "they this those to was we were what when where which will with would you your"
    ),
    "fr": (
        "au aux avec avoir ce ces cette dans des du elle est et fait il ils je le les mais ne nous ou où pas "
        "peut plus pour que qui sont sur un une vos votre vous être"
    ),
    "pt": (
        "ao as com como da das do dos e em está foi mais mas na nas no nos não o os ou para pode por que se "
        "ser seu sua são também um uma você é"
    ),
    "de": (
        "als an auch auf bei das dem den der die ein eine einen es für haben hat ich in ist kann mit nicht "
        "oder sie sind und von wenn werden wir wird zu"
    ),
    "it": (
        "al alla che come con da dei del della di e essere gli il in le lo ma nel non per più può questo si "
        "sono un una è"
    ),
}
FUNCTION_WORDS = {lang: frozenset(listed.split()) for lang, listed in _LITTLE_WORDS.items()}


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence or line of a text starts and ends; together they hold every word of it.

    >>> [("Pulse Intro. ¿Funciona? Sí"[start:end]) for start, end in sentences("Pulse Intro. ¿Funciona? Sí")]
    ['Pulse Intro.', '¿Funciona?', 'Sí']
    """
    places = []
    start = 0
    for match in _END.finditer(text):
        if match.start() > start:
            places.append((start, match.start()))
        start = match.end()
    if start < len(text):
        places.append((start, len(text)))
    return places


def words(text: str) -> list[tuple[int, str]]:
    """Each word with its start; words keep their apostrophes.

    >>> words("Don't stop")
    [(0, "Don't"), (6, 'stop')]
    """
    return [(match.start(), match.group()) for match in _WORD.finditer(text)]


def composed(text: str) -> tuple[str, list[int] | None]:
    """The text with each accented letter as one character (NFC), and where each of those and the end stood before.

    The places are None where nothing changed.
    """
    if unicodedata.is_normalized("NFC", text):
        return text, None
    parts, places = [], []
    for match in _LETTER_WITH_MARKS.finditer(text):
        part = unicodedata.normalize("NFC", match.group())
        parts.append(part)
        places += [match.start()] * len(part)
    return "".join(parts), [*places, len(text)]


def plain_language(tokens: Iterable[str], lang: str, others: Collection[str]) -> str:
    """The language that a sentence is plainly written in: `lang`, unless another one's little words prevail.

    `tokens` are its words in lower case.

    >>> plain_language("the server is not running".split(), "es", ["en"])
    'en'
    """
    seen = list(tokens)
    scores = {name: _little_words(seen, name) for name in (lang, *others) if name in FUNCTION_WORDS}
    own = scores.get(lang, 0)
    best = max(scores, key=lambda name: (scores[name], name == lang), default=lang)
    return (
        best
        if scores.get(best, 0) >= 2 + 2 * own or (own == 0 and scores.get(best, 0) >= 1 and len(seen) > 2)
        else lang
    )


def _little_words(tokens: list[str], lang: str) -> int:
    own = FUNCTION_WORDS[lang]
    return sum(token in own for token in tokens)
