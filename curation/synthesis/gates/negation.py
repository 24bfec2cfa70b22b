"""Negations that an answer lost or gained, and words turned into their opposites.

Each clause of the answer is laid beside the clause of the source that has most of its words, weighed by how rare they
are there. Where one of the two denies and the other affirms, the answer says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from curation.quality.reading import fold
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.lexicon import Phrase
from curation.synthesis.gates.polarity import Polarity, particle, polarity
from curation.synthesis.gates.quantities import quantities
from curation.synthesis.gates.reading import Told, Word

__all__ = ["denied"]

CLOSE = 0.6  # of a clause's weight that a clause of the source has, to be said to speak of the same
ABOUT = 0.5  # the same of a sentence
TIED = 0.85  # of the best: as good a match


@dataclass(frozen=True)
class _Part:
    """A clause or a sentence of a text. `begins`: where its sentence begins."""

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
    def numbers(self) -> frozenset[float]:
        found = quantities(self.text.plain[self.start : self.end], self.text.lang)
        return frozenset(value for one in found for value in one.values)

    def has(self, word: Word) -> bool:
        return word.stem in self.stems or bool(word.groups & self.groups)

    def polarity(self, folded: str, known: frozenset[int]) -> Polarity:
        return polarity(self.text, self.words, self.start, self.end, folded, known)


def denied(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Clauses of the answer that deny what the source affirms, or the reverse; a sentence is told once."""
    compare = _Comparison(answer, source)
    told: set[int] = set()
    said, begins = particle(compare.folded)
    if said == "yes" and (other := compare.refuses(asked)) is not None:
        told.add(answer.sentences[0][0])
        yield compare.fault("negation_changed", 0, answer.sentences[0][1], other)
    for part in _clauses(answer):
        if part.end <= begins or part.sentence[0] in told:
            continue
        if part.start < begins:
            part = _Part(answer, begins, part.end, part.sentence)
        found = compare.contradicted(part)
        if found is not None:
            told.add(part.sentence[0])
            yield found


class _Comparison:
    def __init__(self, answer: Told, source: Told) -> None:
        self.answer, self.source = answer, source
        self.folded = fold(answer.plain).replace("’", "'")
        self._source_folded = fold(source.plain).replace("’", "'")
        self._clauses = _clauses(source)
        self._sentences = _sentences(source)

    def contradicted(self, part: _Part) -> Fault | None:
        close = self._best(part, self._clauses, CLOSE)
        if not close:
            part = _sentence_of(part)
            close = self._best(part, self._sentences, ABOUT)
        if not close:
            return None
        mine = part.polarity(self.folded, self.source.groups)
        theirs = [one.polarity(self._source_folded, self.answer.groups) for one in close]
        if mine != "either" and mine not in theirs and "either" not in theirs:
            return self.fault("negation_changed", part.start, part.end, close[0])
        if all(self._opposed(part, one) for one in close):
            return self.fault("opposite_of_source", part.start, part.end, close[0])
        return None

    def refuses(self, asked: Told) -> _Part | None:
        """The clause of the source that denies what was asked, where one does: yes is no answer then."""
        folded = fold(asked.plain).replace("’", "'")
        parts = [_Part(asked, start, end, (start, end)) for start, end in asked.sentences]
        for part in parts[-1:]:
            close = self._best(part, self._clauses, CLOSE)
            denies = [one.polarity(self._source_folded, asked.groups) == "denies" for one in close]
            if close and all(denies) and part.polarity(folded, self.source.groups) == "affirms":
                return close[0]
        return None

    def fault(self, kind: str, start: int, end: int, other: _Part) -> Fault:
        text = self.answer.text[start:end]
        start += len(text) - len(text.lstrip(" ,;:"))
        witness = self.source.text[other.start : other.end].strip(" ,;:")
        what = self.answer.text[start:end].strip(" ,;:")
        return Fault(kind=kind, field="answer", start=start, end=end, what=what, witness=witness, confidence=0.85)

    def _best(self, part: _Part, others: Sequence[_Part], least: float) -> list[_Part]:
        """The parts of the source that have most of this part's words, if they have enough of them."""
        weights = [(word, self._weight(word)) for word in part.content if self.source.has(word)]
        number_weight = 1.0
        total = sum(weight for _, weight in weights) + number_weight * len(part.numbers)
        missing = 0.5 * sum(not self.source.has(word) and word.stem not in part.text.lexicon.weak for word in part.content)
        if total <= 0:
            return []
        scored = []
        for other in others:
            shared = sum(weight for word, weight in weights if other.has(word))
            shared += number_weight * len(part.numbers & other.numbers)
            scored.append((shared / (total + missing), other))
        best = max((score for score, _ in scored), default=0.0)
        return [other for score, other in scored if score >= max(least, TIED * best)] if best >= least else []

    def _weight(self, word: Word) -> float:
        having = sum(one.has(word) for one in self._clauses)
        return 1.0 / max(1, having)

    def _opposed(self, part: _Part, other: _Part) -> bool:
        mine, theirs = [one.stem for one in part.words], [one.stem for one in other.words]
        for one, opposite in self.answer.lexicon.opposites:
            for left, right in ((one, opposite), (opposite, one)):
                here, there = _says(mine, left), _says(theirs, right)
                if here and there and not _says(mine, right) and not _says(theirs, left):
                    return True
        return False


def _says(stems: Sequence[str], phrases: frozenset[Phrase]) -> bool:
    row = tuple(stems)
    return any(row[n : n + len(one)] == one for one in phrases for n in range(len(row) - len(one) + 1))


def _clauses(text: Told) -> list[_Part]:
    return [_Part(text, one.start, one.end, text.sentences[one.sentence]) for one in text.clauses]


def _sentences(text: Told) -> list[_Part]:
    """Sentences, and what semicolons and "but" part in them."""
    found = []
    for start, end in text.sentences:
        edges = [start, *_turns(text, start, end), end]
        found += [_Part(text, a, b, (start, end)) for a, b in zip(edges, edges[1:], strict=False)]
    return found


def _sentence_of(part: _Part) -> _Part:
    parts = [one for one in _sentences(part.text) if one.start <= part.end - 1 and part.start < one.end]
    inside = [one for one in parts if one.start <= part.start < one.end] or parts
    one = inside[0]
    return _Part(part.text, max(one.start, min(part.start, one.end)) if one.start == 0 and part.start < 6 else one.start, one.end, one.sentence)


def _turns(text: Told, start: int, end: int) -> list[int]:
    import re

    folded = fold(text.plain[start:end])
    return [start + match.start() for match in re.finditer(r";|\b(?:but|although|whereas|pero|aunque|sino)\b", folded)]
