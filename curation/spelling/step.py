"""Spelling and grammar by LanguageTool, with technical words left alone.

LanguageTool takes product names, commands and codes for mistakes. What the text marks as code, addresses, words
with digits or capitals inside are not reported; a word that several pairs use is reported with little
confidence, so that a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from curation.edits import code_parts
from curation.spelling.languagetool.client import Match, Refused, Server, connect
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["SpellingStep"]

VERSION = 1
LONGEST = 20_000  # characters; a longer text is not checked
OWN_TERM = 3  # pairs that use a word: from then on it may be a term of the corpus
VARIANTS = {"en": "en-US", "pt": "pt-PT", "de": "de-DE", "ca": "ca-ES"}  # without a variant no words are checked
NOT_REPORTED = ("style", "typographical", "whitespace", "locale-violation", "register", "characters", "non-conformance")
_WORD = re.compile(r"[^\W\d_]{3,}")
_PROTECTED = re.compile(
    r"```.*?```|`[^`\n]+`|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\w)[/~\\][\w./\\-]+|\w+\.\w{2,5}\b"
    r"|-{1,2}[a-z][\w-]*|\b\w*[\d_]\w*\b|\b[A-Z]{2,}\w*\b|\b\w+[a-z][A-Z]\w*\b|<[^>\n]{1,60}>|\{[^}\n]{1,60}\}",
    re.DOTALL,
)


class SpellingStep:
    """Findings spelling and grammar with LanguageTool's first suggestion, its rule as witness, and a confidence.

    The confidence is ours: 0.95 where only accents differ, 0.8 for a single suggestion, 0.7 for the first of
    several, 0.5 for grammar, 0.3 for names and for other words that the corpus uses often. not_checked says
    that the server refused a text.
    """

    name = "spelling"

    def __init__(self, settings: CurationSettings) -> None:
        self._spelling = settings.spelling
        self._server: Server | None = None
        self._languages: frozenset[str] = frozenset()
        self._uses: Counter[str] = Counter()

    @property
    def settings(self) -> dict[str, Any]:
        return {"version": VERSION, "fields": asdict(self._spelling)["fields"]}

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Count in how many pairs each word stands."""
        self._uses = Counter()
        for pair in pairs:
            self._uses.update({word.casefold() for word in _WORD.findall(f"{pair.question} {pair.answer}")})

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        if not batch:
            return
        server = self._connected()
        for pair in batch:
            language = VARIANTS.get(pair.lang, pair.lang)
            if language in self._languages:
                for field in self._spelling.fields:
                    yield from self._check(server, pair, field, language)

    def close(self) -> None:
        """Stop the server, if it was started here."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _connected(self) -> Server:
        if self._server is None:
            server = connect(self._spelling.url, start_seconds=self._spelling.start_seconds)
            self._server = server
            self._languages = server.languages()
        return self._server

    def _check(self, server: Server, pair: Pair, field: str, language: str) -> Iterator[Finding]:
        text: str = getattr(pair, field)
        if len(text) > LONGEST:
            note = f"{len(text)} characters; up to {LONGEST} are checked"
            yield Finding(pair=pair.id, step=self.name, kind="not_checked", field=field, note=note)
            return
        try:
            matches = server.check(text, language)
        except Refused as reason:
            yield Finding(pair=pair.id, step=self.name, kind="not_checked", field=field, note=f"LanguageTool: {reason}")
            return
        kept = _protected(text, code_parts(pair.answer_markdown) if field == "answer" else [])
        for match in matches:
            if match.issue in NOT_REPORTED or any(match.start < end and start < match.end for start, end in kept):
                continue
            yield self._finding(pair, field, text, match)

    def _finding(self, pair: Pair, field: str, text: str, match: Match) -> Finding:
        before = text[match.start : match.end]
        after = match.replacements[0] if match.replacements else None
        kind = "spelling" if match.issue == "misspelling" else "grammar"
        return Finding(
            pair=pair.id,
            step=self.name,
            kind=kind,
            field=field,
            start=match.start,
            end=match.end,
            before=before,
            after=after,
            confidence=self._confidence(kind, text, match),
            witness=match.rule,
            note=match.message,
        )

    def _confidence(self, kind: str, text: str, match: Match) -> float:
        before = text[match.start : match.end]
        if not match.replacements or kind == "grammar":
            return 0.5
        starts_sentence = not text[: match.start].strip(" \n¿¡\"'«(") or text[: match.start].rstrip()[-1:] in ".!?:¿¡"
        is_name = before[:1].isupper() and not starts_sentence
        if is_name:
            return 0.3
        if _bare(match.replacements[0]) == _bare(before):
            return 0.95
        if self._uses[before.casefold()] >= OWN_TERM:
            return 0.3
        return 0.8 if len(match.replacements) == 1 else 0.7


def _bare(word: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word))


def _protected(text: str, codes: Sequence[str]) -> list[tuple[int, int]]:
    places = [match.span() for match in _PROTECTED.finditer(text)]
    for code in codes:
        places += [match.span() for match in re.finditer(re.escape(code), text)]
    return places
