"""LanguageTool as a spelling engine: each distinct sentence is asked about once, in batches, and remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from curation.spelling.corrections import Correction, Text
from curation.spelling.languagetool.address import read_address
from curation.spelling.languagetool.asking import Asker
from curation.spelling.languagetool.cache import AnswerCache
from curation.spelling.languagetool.connection import Connection, Limits
from curation.spelling.languagetool.installed import find_installation
from curation.spelling.languagetool.judgement import NOT_ASKED, judge
from curation.spelling.languagetool.matches import Match
from curation.spelling.languagetool.pieces import Sentence, sentences
from curation.spelling.languagetool.server import start_server
from curation.spelling.sentences import plain_language, words
from tamiz.settings import SpellingSettings

__all__ = ["LanguageToolEngine", "connect_engine"]

VARIANTS = {"en": "en-US", "pt": "pt-PT", "de": "de-DE", "ca": "ca-ES"}  # without a variant no words are checked


class _Piece(NamedTuple):
    """A sentence of a text: where it begins there, the server's code for its language, its key."""

    begin: int
    code: str
    key: str
    sentence: Sentence


class LanguageToolEngine:
    """Proposals of a LanguageTool server.

    NotNow where the server cannot be used at the moment: its texts are for a later run, and what was answered
    so far is remembered. After each check, `refused` says which texts (by their place) the server could not
    check in full, and why; `unsupported` counts the texts whose language it lacks, since the start.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        cache: Path | None = None,
        place: str = "",
        languages: Sequence[str] = (),
        start_seconds: float = 60.0,
    ) -> None:
        self._asker = asker
        self._folder, self._place = cache, place
        self._among = tuple(languages)
        self._start_seconds = start_seconds
        self._supported = asker.languages()
        self._caches: dict[str, AnswerCache] = {}
        self.refused: dict[int, str] = {}
        self.unsupported: Counter[str] = Counter()
        first = next((code for lang in (*self._among, "es", "en") if (code := self._code(lang))), None)
        if first is not None:
            asker.warm_up(first, start_seconds)

    @property
    def name(self) -> str:
        return "languagetool"

    @property
    def versions(self) -> Mapping[str, str]:
        """What the server calls itself."""
        return {"languagetool": self._asker.software}

    @property
    def requests(self) -> int:
        """How many requests it took since the start."""
        return self._asker.requests

    def checks(self, lang: str) -> bool:
        """Whether the server checks this language."""
        return bool(self._code(lang))

    def learn(self, texts: Iterable[Text]) -> None:
        """Nothing: LanguageTool knows no corpus."""

    def check(self, texts: Sequence[Text]) -> list[list[Correction]]:
        """The proposals for each text; none overlap, none touch what is kept."""
        self.refused = {}
        cut = [list(self._cut(text)) for text in texts]
        reasons = self._ask_new([piece for pieces in cut for piece in pieces])
        found = []
        for place, (text, pieces) in enumerate(zip(texts, cut, strict=True)):
            matches: list[Match] = []
            for piece in pieces:
                if reason := reasons.get((piece.code, piece.key)):
                    self.refused[place] = f"LanguageTool: {reason}"
                for one in self._cache(piece.code).get(piece.key) or ():
                    matches.append(replace(one, start=piece.begin + one.start, end=piece.begin + one.end))
            found.append(judge(text, matches))
        return found

    def close(self) -> None:
        """Let go of the connection, and stop the server if it was started here."""
        self._asker.close()

    def _cut(self, text: Text) -> Iterator[_Piece]:
        if not self._code(text.lang):
            self.unsupported[text.lang] += 1
            return
        for begin, sentence in sentences(text):
            if code := self._code_of(text, sentence):
                yield _Piece(begin, code, sentence.key(), sentence)

    def _code(self, lang: str) -> str:
        """The server's code for a language, "" where it lacks it."""
        return next((code for code in (VARIANTS.get(lang, lang), lang) if code in self._supported), "")

    def _code_of(self, text: Text, sentence: Sentence) -> str:
        """The code of the language of one sentence, "" where that is plainly one that the server lacks."""
        if len(self._among) > 1:
            seen = " ".join(piece for piece, hidden in sentence.parts() if not hidden)
            spoken = [word.lower() for _, word in words(seen)]
            return self._code(plain_language(spoken, text.lang, [lang for lang in self._among if lang != text.lang]))
        return self._code(text.lang)

    def _ask_new(self, pieces: Sequence[_Piece]) -> dict[tuple[str, str], str]:
        """Ask about the sentences that no answer is known for; why some were refused, by code and key."""
        wanted: dict[str, dict[str, Sentence]] = {}
        for piece in pieces:
            if self._cache(piece.code).get(piece.key) is None:
                wanted.setdefault(piece.code, {})[piece.key] = piece.sentence
        reasons: dict[tuple[str, str], str] = {}
        for code, new in wanted.items():
            self._asker.warm_up(code, self._start_seconds)
            for answered in self._asker.answers(list(new.values()), code):
                good: list[tuple[str, list[Match]]] = []
                for sentence, answer in answered:
                    if isinstance(answer, str):
                        reasons[code, sentence.key()] = answer
                    else:
                        good.append((sentence.key(), answer))
                self._cache(code).add(good)
        return reasons

    def _cache(self, code: str) -> AnswerCache:
        if code not in self._caches:
            depends = {"software": self._asker.software, "place": self._place, **NOT_ASKED}
            self._caches[code] = AnswerCache(self._folder, code, depends)
        return self._caches[code]


def connect_engine(
    settings: SpellingSettings,
    *,
    cache: Path | None,
    languages: Sequence[str] = (),
    limits: Limits | None = None,
) -> LanguageToolEngine:
    """The engine at the address of the settings, or on a server that is found on this machine and started.

    Answers are kept in the folder `cache`, None: nowhere. Sentences that are plainly in another one of
    `languages` are checked in that. NotNow says what is missing and how to bring it; SettingsError that the
    address is one that must not be asked.
    """
    place = settings.url
    if settings.url:
        asker = Asker(Connection(read_address(settings.url), limits))
    else:
        installation = find_installation()
        place = str(installation.jar)
        start = partial(start_server, installation, seconds=settings.start_seconds)
        own = start()
        asker = Asker(Connection(read_address(own.url), limits), own, start)
    try:
        return LanguageToolEngine(
            asker, cache=cache, place=place, languages=languages, start_seconds=settings.start_seconds
        )
    except BaseException:
        asker.close()
        raise
