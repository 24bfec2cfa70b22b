"""Whether a pair stands alone: somebody who has seen nothing else knows what is asked, and is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.language import text_language
from curation.quality.reading import fold
from curation.synthesis.gates.boilerplate import ADMITS, REFUSES, SAYS_IT_IS_A_MODEL, SPEAKS_OF_SOURCE
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.pointing import points_nowhere
from curation.synthesis.gates.polarity import particle
from curation.synthesis.gates.reading import Told, told
from tamiz.language import UNKNOWN
from tamiz.records import Pair

__all__ = ["not_standing_alone"]

LONGEST = {"question": 600, "answer": 6000}  # characters
LEAST_WORDS = 2
SURE = 0.6  # of the language of a text
SURER = 0.8  # of that of a short one: keywords and names are taken for many languages
SHORT_WORDS = 6
LANGUAGE_WORDS = 4
KNOWN = ("es", "en")
REPEATED = 0.6  # share of an answer's words of content that the question has
_WORD = re.compile(r"\w+")


def not_standing_alone(pair: Pair, *, augmentation: bool = False, refusal: bool = False) -> Iterator[Fault]:
    """Why the pair does not stand alone; nothing is asked of the style of an augmentation's question.

    An answer that is meant as a refusal may be one, in words of its own, but it does not say that it is a model.
    """
    yield from _lengths(pair)
    yield from _source_named(pair)
    yield from _refuses(pair, meant=refusal)
    yield from _languages(pair, ("answer",) if augmentation else ("question", "answer"))
    question, answer = told(pair.question, pair.lang), told(pair.answer, pair.lang)
    if not pair.context and not augmentation and (place := points_nowhere(question)) is not None:
        yield _fault("unclear_question", "question", pair.question, place, 0.85)
    if _repeats(question, answer):
        yield _fault("question_repeated", "answer", pair.answer, (0, len(pair.answer)), 0.9)


def _lengths(pair: Pair) -> Iterator[Fault]:
    for field, most in LONGEST.items():
        text: str = getattr(pair, field)
        words = _WORD.findall(text)
        if len(text) > most:
            yield _fault("too_long", field, text, (0, len(text)), 0.9)
        elif len(words) < LEAST_WORDS and not (field == "answer" and any(sign in "0123456789`@/" for sign in text)):
            yield _fault("too_short", field, text, (0, len(text)), 0.9)


def _source_named(pair: Pair) -> Iterator[Fault]:
    for field in ("question", "answer"):
        text = getattr(pair, field)
        if match := SPEAKS_OF_SOURCE.search(fold(text)):
            yield _fault("speaks_of_source", field, text, match.span(), 0.95)


def _refuses(pair: Pair, *, meant: bool) -> Iterator[Fault]:
    folded = fold(pair.answer)
    for pattern in (SAYS_IT_IS_A_MODEL,) if meant else (SAYS_IT_IS_A_MODEL, REFUSES, ADMITS):
        if match := pattern.search(folded):
            yield _fault("refusal", "answer", pair.answer, match.span(), 0.95)
            return


def _languages(pair: Pair, fields: tuple[str, ...]) -> Iterator[Fault]:
    if pair.lang == UNKNOWN:
        return
    among = KNOWN if pair.lang in KNOWN else (pair.lang, *KNOWN)
    for field in fields:
        text = getattr(pair, field)
        found = text_language(text, among)
        unlike = found.language not in (UNKNOWN, pair.lang)
        words = sum(word.islower() for word in text.split()[1:]) + 1  # a name tells no language
        if unlike and words >= LANGUAGE_WORDS and found.confidence >= (SURE if words >= SHORT_WORDS else SURER):
            yield _fault("wrong_language", field, text, (0, len(text)), min(1.0, found.confidence))


def _repeats(question: Told, answer: Told) -> bool:
    """Whether an answer has nothing that the question had not: no word, number or address, and no yes or no."""
    folded = fold(answer.plain)
    if particle(folded)[0] or answer.marks:
        return False
    asked = {value for one in question.quantities for value in one.values}
    if any(not asked & set(one.values) for one in answer.quantities):
        return False
    content = [word for word in answer.words if not word.free and len(word.folded) > 2]
    shared = [word for word in content if word.stem in question.stems]
    new = [word for word in content if word.stem not in question.stems and word.stem not in answer.lexicon.weak]
    return len(shared) >= LEAST_WORDS and not new and len(shared) >= REPEATED * len(content)


def _fault(kind: str, field: str, text: str, place: tuple[int, int], sure: float) -> Fault:
    start, end = place
    what = "" if place == (0, len(text)) else text[start:end]
    return Fault(kind=kind, field=field, start=start, end=end, what=what, confidence=sure)
