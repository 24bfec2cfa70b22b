"""The embedded spelling engine: dictionaries, frequencies and the corpus itself; no Java, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from curation.spelling.corpus import Corpus
from curation.spelling.corrections import Correction, Text
from curation.spelling.dictionaries import languages
from curation.spelling.lexicon import Lexicon
from curation.spelling.sentences import plain_language, sentences, words
from curation.spelling.spans import inside, protected
from curation.spelling.verdicts import Judge, Verdict

__all__ = ["MEASURED", "EmbeddedEngine"]

VERSION = 1
MEASURED = ("en", "es")  # languages whose confidences were measured; in others people see every proposal
_OPENING = frozenset(" \t\n\"'«“‘(¿¡[*-–—•")


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    verdict: Verdict


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
        self._sentences: dict[tuple[str, str], tuple[_Found, ...]] = {}
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
        self._corpus.learn(texts, self._omissions)

    def check(self, texts: Sequence[Text]) -> list[list[Correction]]:
        """The proposals for each text."""
        return [self._check(text) for text in texts]

    def close(self) -> None:
        """Forget the corpus and let go of the lexicons."""
        self._lexicons.clear()
        self._judges.clear()
        self._sentences.clear()
        self._corpus = Corpus()

    def _check(self, text: Text) -> list[Correction]:
        if text.lang not in self._available:
            self.unknown_languages.add(text.lang)
            return []
        found = []
        for start, end in sentences(text.text):
            key = (text.text[start:end], text.lang)
            if key not in self._sentences:
                self._sentences[key] = self._look(*key)
            found += [(start + place.start, start + place.end, place.verdict) for place in self._sentences[key]]
        if not found:
            return []
        kept, own = sorted(text.kept), protected(text.text)
        return [
            _correction(text.text, start, end, verdict)
            for start, end, verdict in found
            if not inside(own, start, end) and not any(start < after and before < end for before, after in kept)
        ]

    def _look(self, sentence: str, lang: str) -> tuple[_Found, ...]:
        tokens = words(sentence)
        written_in = plain_language((word.lower() for _, word in tokens), lang, self._others(lang))
        judge = self._judge(written_in)
        found = []
        for start, word in tokens:
            if not judge.stands(word):
                verdict = judge.verdict(word, starts=not sentence[:start].strip("".join(_OPENING)))
                if verdict is not None:
                    found.append(_Found(start, start + len(word), verdict))
        return tuple(found)

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
