"""Clauses and sentences as they are laid beside each other."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from curation.quality.reading import fold
from curation.synthesis.gates.lexicon import Phrase
from curation.synthesis.gates.polarity import Polarity, is_cue, polarity
from curation.synthesis.gates.reading import Told, Word

__all__ = ["Part", "clauses_of", "opposed", "sentence_of", "sentences_of"]

FRAGMENT = 4  # words of a clause that is no more than a subject or an apposition
_PREDICATE = re.compile(
    r"[\s,;:)–—]*(?:and |y )?(?:(?:is|are|was|were|can|cannot|can't|may|must|will|aren't|isn't)\b|(?:esta|estan|"
    r"es|son|quedan?|se|no se|no)\b)"
)
_TURN = re.compile(r";|\b(?:but|although|whereas|pero|aunque|sino)\b")


@dataclass(frozen=True)
class Part:
    """A clause or a sentence of a text. `sentence`: where its sentence begins and ends."""

    text: Told
    start: int
    end: int
    sentence: tuple[int, int]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for word in self.text.words if self.start <= word.start < self.end)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        return tuple(word for word in self.words if not word.free and len(word.folded) > 2)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words if not word.free)

    @cached_property
    def groups(self) -> frozenset[int]:
        return frozenset(number for word in self.words for number in word.groups)

    @cached_property
    def numbers(self) -> frozenset[tuple[str, float]]:
        """The numbers, each with what it measures: half a year is six months."""
        found = [one for one in self.text.quantities if self.start <= one.start < self.end]
        bare = {("", value) for one in found if not one.units for value in one.values}
        measured = {
            (name, round(value * factor, 3)) for one in found for name, factor in one.units for value in one.values
        }
        return frozenset(bare | measured)

    def has(self, word: Word) -> bool:
        return word.stem in self.stems or bool(word.groups & self.groups)

    def clipped(self, begins: int) -> Part:
        """The part from `begins` on: without the yes or no of an answer."""
        return self if self.start >= begins else Part(self.text, min(begins, self.end), self.end, self.sentence)

    def content_without_cues(self) -> tuple[Word, ...]:
        return tuple(word for word in self.content if not is_cue(word, self.text.lexicon.lang))

    def polarity(self, folded: str, known: frozenset[int]) -> Polarity:
        return polarity(self.text, self.words, self.start, self.end, folded, known)

    def with_predicate(self, folded: str) -> Part:
        """The part; a subject parted from what is said of it together with that."""
        if len(self.words) <= FRAGMENT:
            for clause in clauses_of(self.text):
                if self.end <= clause.start < self.sentence[1] and _PREDICATE.match(folded, clause.start):
                    return Part(self.text, self.start, clause.end, self.sentence)
        return self

    def inherited(self, folded: str, known: frozenset[int]) -> Polarity:
        """The same; a subject parted from what is said of it has the polarity of that: "A, such as B, is excluded"."""
        mine = self.polarity(folded, known)
        if mine != "affirms" or len(self.words) > FRAGMENT:
            return mine
        for clause in clauses_of(self.text):
            if self.end <= clause.start < self.sentence[1] and _PREDICATE.match(folded, clause.start):
                return clause.polarity(folded, known)
        return mine


@lru_cache(maxsize=64)
def clauses_of(text: Told) -> tuple[Part, ...]:
    return tuple(Part(text, one.start, one.end, text.sentences[one.sentence]) for one in text.clauses)


@lru_cache(maxsize=64)
def sentences_of(text: Told) -> tuple[Part, ...]:
    """Sentences, and what semicolons and "but" part in them."""
    found: list[Part] = []
    for start, end in text.sentences:
        turns = [start + match.start() for match in _TURN.finditer(fold(text.plain[start:end]))]
        edges = [start, *turns, end]
        found += [Part(text, one, other, (start, end)) for one, other in itertools.pairwise(edges)]
    return tuple(found)


def sentence_of(part: Part) -> Part:
    """What of its sentence, between semicolons and "but", a clause is in."""
    return next((one for one in sentences_of(part.text) if one.start <= part.start < one.end), part)


def opposed(one: Part, other: Part) -> bool:
    """Whether one has a word, and the other its opposite in its place."""
    mine, theirs = [word.stem for word in one.words], [word.stem for word in other.words]
    for side, opposite in one.text.lexicon.opposites:
        for left, right in ((side, opposite), (opposite, side)):
            swapped = _says(mine, left) and _says(theirs, right)
            if swapped and not _says(mine, right) and not _says(theirs, left) and not _means(other, left, right):
                return True
    return False


def _means(part: Part, phrases: frozenset[Phrase], opposites: frozenset[Phrase]) -> bool:
    """Whether the part has a word of one of the phrases' meanings, beside those of their opposites."""
    known = part.text.lexicon.groups
    groups = {number for one in phrases for number in known.get(one, ())}
    against = {number for one in opposites for number in known.get(one, ())}
    return bool((groups - against) & part.groups)


def _says(stems: Sequence[str], phrases: frozenset[Phrase]) -> bool:
    row = tuple(stems)
    known = set(row)
    for one in phrases:
        if one[0] in known and (
            len(one) == 1 or any(row[n : n + len(one)] == one for n in range(len(row) - len(one) + 1))
        ):
            return True
    return False
