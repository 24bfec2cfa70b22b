"""Texts prepared to be looked at: folded without moving a character, and cut into sentences with their places."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from tamiz.records import Pair

__all__ = ["LONGEST", "Reading", "Seen", "Sentence", "Text", "fold", "read_pair"]

LONGEST = 20_000  # characters of a text that are looked at; a longer one is found too long in any case
MOST_SENTENCES = 1000

# A run of stops ends a sentence where a capital, a digit or an opening mark follows, or nothing does.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'»”)\]]{0,3}(?=\s{1,9}[A-ZÀ-ÖØ-Þ¿¡\"'«“(\[\d•*-]|\s*+\Z)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class Seen(NamedTuple):
    """One thing seen in a pair: a finding without the pair and the step."""

    kind: str
    field: Literal["question", "answer"]
    start: int
    end: int
    confidence: float
    note: str


class _Folds(dict[int, str]):
    """Lower case without accents, one character for one. ñ stays: año and ano are two words."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        folded = "ñ" if sign in "ñÑ" else unicodedata.normalize("NFD", sign)[:1].lower()
        if sign in "’‘`´":
            folded = "'"
        self[code] = folded if len(folded) == 1 else sign
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text in lower case and without accents, each character in its place.

    >>> fold("¿Qué AÑO es ése?")
    '¿que año es ese?'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


class Sentence(NamedTuple):
    """A sentence of a text, from `start` to `end`; `words` are folded."""

    start: int
    end: int
    text: str
    folded: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text as it is and folded; sentences are cut when they are first asked for."""

    text: str

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        cut, last = [], 0
        for end in [*(match.end() for match in _END.finditer(self.text)), len(self.text)]:
            part = self.text[last:end]
            start = last + len(part) - len(part.lstrip())
            stop = last + len(part.rstrip())
            if start < stop:
                folded = self.folded[start:stop]
                cut.append(Sentence(start, stop, self.text[start:stop], folded, tuple(_WORD.findall(folded))))
            last = end
            if len(cut) == MOST_SENTENCES:
                break
        return tuple(cut)


@dataclass(frozen=True, slots=True)
class Reading:
    """A pair with both of its texts prepared; of very long ones the first LONGEST characters."""

    pair: Pair
    question: Text
    answer: Text


def read_pair(pair: Pair) -> Reading:
    return Reading(pair, Text(pair.question[:LONGEST]), Text(pair.answer[:LONGEST]))
