"""The embedded spelling engine: dictionaries, frequencies and the corpus itself; no Java, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from curation.spelling.accents import CARELESS, AccentRules
from curation.spelling.corpus import Corpus, Habit, habit_of
from curation.spelling.corrections import Correction, Text
from curation.spelling.dictionaries import languages
from curation.spelling.distance import cased
from curation.spelling.forms import another_form
from curation.spelling.frequencies import UNKNOWN
from curation.spelling.lexicon import Lexicon
from curation.spelling.sentences import composed, plain_language, sentences, words
from curation.spelling.spans import inside, protected
from curation.spelling.verdicts import DOUBTFUL, TERM, Judge, Verdict

__all__ = ["MEASURED", "EmbeddedEngine"]

VERSION = 1
MEASURED = ("en", "es")  # languages whose confidences were measured; in others people see every proposal
ENOUGH = 10  # words with an accent or without the one they need: from then on an author's habit is known
EXPECTED = (1.0, 0.75, 0.45)  # from which confidence on a missing accent is believed, by how careless the author is
UNCAPITALISED = 0.74  # the same where the word lacks a capital too, which is no spelling
JOINED = 0.4  # how sure a proposal for a part of a compound may be at most, whoever wrote it
_OPENING = " \t\n\"'«“‘(¿¡[*-–—•"


Level = int  # how careless an author is with accents: 0 writes them, 1 forgets some, 2 leaves them all out


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What a distinct sentence shows of itself: its language, its accents, and words that don't stand."""

    written_in: str
    habit: Habit
    found: tuple[_Found, ...]


class EmbeddedEngine:
    """Proposes the words that were meant where no dictionary knows what is written.

    Languages without a dictionary are passed over; `unknown_languages` says which texts had one of those.
    """

    name = "embedded"

    def __init__(self) -> None:
        self._available = frozenset(languages())
        self._lexicons: dict[str, Lexicon] = {}
        self._judges: dict[str, Judge] = {}
        self._corpus = Corpus()
        self._sentences: dict[tuple[str, str], _Sentence] = {}
        self._accents: dict[tuple[str, Level], tuple[_Found, ...]] = {}
        self._accent_rules: AccentRules | None = None
        self.unknown_languages: set[str] = set()

    @property
    def versions(self) -> Mapping[str, str]:
        """The engine's version, and each dictionary and word list that it has opened."""
        found = {"embedded": str(VERSION), "wordfreq": version("wordfreq"), "chunspell": version("chunspell")}
        for lang, lexicon in sorted(self._lexicons.items()):
            found[f"dictionary {lang}"] = lexicon.dictionary.version
        return found

    def learn(self, texts: Iterable[Text]) -> None:
        """Count the words of the corpus; what was decided before is forgotten."""
        self._corpus = Corpus()
        self._judges.clear()
        self._sentences.clear()
        self._accents.clear()
        self._corpus.learn(texts, self._omissions)

    def check(self, texts: Sequence[Text]) -> list[list[Correction]]:
        """The proposals for each text."""
        return [self._check(text) for text in texts]

    def terms(self) -> dict[str, int]:
        """Words that several texts of the corpus use and no dictionary has, with the number of texts."""
        often = {word: n for word, n in self._corpus.texts.items() if n >= TERM and word.isalpha() and len(word) > 2}
        lexicons = self._lexicons.values()
        return {word: n for word, n in often.items() if all(one.status(word) == UNKNOWN for one in lexicons)}

    def close(self) -> None:
        """Forget the corpus and let go of the lexicons."""
        self._lexicons.clear()
        self._judges.clear()
        self._sentences.clear()
        self._accents.clear()
        self._corpus = Corpus()

    def _check(self, text: Text) -> list[Correction]:
        if text.lang not in self._available:
            self.unknown_languages.add(text.lang)
            return []
        whole, origins = composed(text.text)
        seen = [(start, whole[start:end]) for start, end in sentences(whole)]
        shown = [(start, sentence, self._sentence(sentence, text.lang)) for start, sentence in seen]
        level = self._level(text.author, [known.habit for _, _, known in shown])
        found = []
        for start, sentence, known in shown:
            places: Sequence[_Found] = known.found
            if known.written_in == "es":
                places = _joined(_expected(known.found, level), self._accented(sentence, level))
            found += [(start + place.start, start + place.end, place.verdict) for place in places]
        if not found:
            return []
        if origins is not None:
            found = [(origins[start], origins[end], verdict) for start, end, verdict in found]
        kept, own = sorted(text.kept), protected(text.text)
        return [
            _correction(text.text, start, end, verdict)
            for start, end, verdict in found
            if not inside(own, start, end) and not any(start < after and before < end for before, after in kept)
        ]

    def _sentence(self, sentence: str, lang: str) -> _Sentence:
        key = (sentence, lang)
        known = self._sentences.get(key)
        if known is None:
            known = self._sentences[key] = self._look(sentence, lang)
        return known

    def _look(self, sentence: str, lang: str) -> _Sentence:
        tokens = words(sentence)
        lowered = [word.lower() for _, word in tokens]
        written_in = self._language(lowered, lang)
        judge = self._judge(written_in)
        found = []
        for at, (start, word) in enumerate(tokens):
            if not judge.stands(word):
                verdict = judge.verdict(word, starts=not sentence[:start].strip(_OPENING))
                if verdict is not None:
                    end = start + len(word)
                    most = self._most(
                        verdict, lowered, at, written_in, joined="-" in sentence[max(0, start - 1) : end + 1]
                    )
                    if not at and word.islower() and sentence.rstrip()[-1:] in tuple(".!?"):
                        most = min(most, UNCAPITALISED)
                    found.append(_Found(start, end, replace(verdict, confidence=min(verdict.confidence, most))))
        return _Sentence(written_in, habit_of(lowered, self._omissions(written_in)), tuple(found))

    def _language(self, lowered: Sequence[str], lang: str) -> str:
        """The language of a sentence: by its little words, or else because one language alone knows its words."""
        others = self._others(lang)
        written_in = plain_language(lowered, lang, others)
        if written_in != lang:
            return written_in
        long = {word for word in lowered if len(word) > 3}
        own = {word for word in long if self._judge(lang).known(word)}
        for other in others:
            theirs = {word for word in long if self._judge(other).known(word)}
            if len(theirs - own) >= 2 and len(theirs - own) > 2 * len(own - theirs):
                return other
        return lang

    def _most(self, verdict: Verdict, lowered: Sequence[str], at: int, lang: str, *, joined: bool) -> float:
        """How sure a verdict may be at most, for what stands beside the word."""
        beside = [lowered[near] for near in (at - 1, at + 1) if 0 <= near < len(lowered)]
        own, judges = self._judge(lang), [self._judge(other) for other in self._others(lang)]
        theirs = (word for word in beside if len(word) > 2 and not own.known(word))
        if verdict.foreign and any(judge.known(word) for word in theirs for judge in judges):
            return JOINED
        if joined:
            return JOINED
        others = [other.lower() for other in verdict.alternatives]
        before = lowered[max(0, at - 3) : at]
        misused = another_form(lowered[at], verdict.after.lower(), others, before, lang)
        return DOUBTFUL if misused else 1.0

    def _accented(self, sentence: str, level: Level) -> tuple[_Found, ...]:
        """Words of a Spanish sentence that are right with and without an accent, and were meant the other way."""
        key = (sentence, level)
        if key not in self._accents:
            rules = self._accent_rules = self._accent_rules or AccentRules(self.lexicon("es"))
            tokens = words(sentence)
            self._accents[key] = tuple(
                _Found(
                    tokens[meant.at][0],
                    tokens[meant.at][0] + len(tokens[meant.at][1]),
                    Verdict(cased(meant.word, tokens[meant.at][1]), "accent", meant.rule, meant.confidence),
                )
                for meant in rules.meant(sentence, tokens, level)
            )
        return self._accents[key]

    def _level(self, author: str, habits: Sequence[Habit]) -> Level:
        habit = Habit(sum(one.written for one in habits), sum(one.left_out for one in habits))
        known = self._corpus.habits.get(author)
        if known is not None and known.written + known.left_out >= ENOUGH and (author or known.strips):
            habit = known
        return 2 if habit.strips else 1 if habit.careless else 0

    def _omissions(self, lang: str) -> frozenset[str]:
        return self.lexicon(lang).omissions if lang in self._available else frozenset()

    def _others(self, lang: str) -> tuple[str, ...]:
        return tuple(other for other in MEASURED if other != lang)

    def _judge(self, lang: str) -> Judge:
        if lang not in self._judges:
            others = tuple(self.lexicon(other) for other in self._others(lang))
            self._judges[lang] = Judge(self.lexicon(lang), others, self._corpus, measured=lang in MEASURED)
        return self._judges[lang]

    def lexicon(self, lang: str) -> Lexicon:
        """The lexicon of a language, opened at its first use."""
        if lang not in self._lexicons:
            self._lexicons[lang] = Lexicon(lang)
        return self._lexicons[lang]


def _expected(found: tuple[_Found, ...], level: Level) -> tuple[_Found, ...]:
    """The same, surer of accents that are missing where their author leaves accents out."""
    if not level:
        return found
    return tuple(
        replace(place, verdict=replace(place.verdict, confidence=max(place.verdict.confidence, CARELESS)))
        if place.verdict.kind == "accent"
        and place.verdict.confidence >= EXPECTED[level]
        and place.verdict.after[-1:] != "ó"
        else place
        for place in found
    )


def _joined(words_found: tuple[_Found, ...], accents: tuple[_Found, ...]) -> list[_Found]:
    """Both in order of place; a word has a proposal of one kind only, for the accents are of words that stand."""
    taken = {place.start for place in words_found}
    return sorted(
        (*words_found, *(place for place in accents if place.start not in taken)), key=lambda place: place.start
    )


def _correction(text: str, start: int, end: int, verdict: Verdict) -> Correction:
    return Correction(
        start=start,
        end=end,
        before=text[start:end],
        after=verdict.after,
        kind=verdict.kind,
        rule=verdict.rule,
        engine=EmbeddedEngine.name,
        confidence=verdict.confidence,
        alternatives=verdict.alternatives,
    )
