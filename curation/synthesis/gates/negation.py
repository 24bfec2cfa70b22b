"""Negations that an answer lost or gained, and words turned into their opposites.

Each clause of the answer is laid beside the clause of the source that has most of its words, weighed by how rare they
are there; where no clause has enough of them, its sentence is laid beside the sentences. Where one of the two denies
and the other affirms, the answer says otherwise. And what a clause of the source denies, an answer that has all of its
words has to deny somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from curation.quality.reading import fold
from curation.synthesis.gates.denials import affirmed, denied_words, readmitted, widened
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.matching import closest, means_the_same, speaks_of_it
from curation.synthesis.gates.parts import Part, clauses_of, opposed, sentence_of, sentences_of
from curation.synthesis.gates.polarity import (
    Negation,
    affirmed_groups,
    cue_targets,
    fails,
    negations,
    particle,
    regardless,
)
from curation.synthesis.gates.reading import Told

__all__ = ["denied"]

CLOSE = 0.6  # of a clause's weight that a clause of the source has, to be said to speak of the same
ABOUT = 0.5  # the same of a sentence
FEW = 3  # telling words of a clause, of which one may be enough to know what it speaks of
LEAST_SHARED = 2  # words or numbers, for a clause to be about the same
COVERED = 0.65  # of a denying clause's words that an answer has
SURE = 0.85
_NOTHING = re.compile(r"\b(?:nothing|nobody|none|nada|nadie|ninguna?)\b")


def denied(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Clauses of the answer that deny what the source affirms, or the reverse; a sentence is told once.

    A whole sentence of the source, said again as it stands there, changes no negation of it.
    """
    compare = _Comparison(answer, source)
    said, begins = compare.said, compare.begins
    told = compare.repeated()
    if said == "yes" and answer.sentences[0][0] not in told and (other := compare.refuses(asked)) is not None:
        told.add(answer.sentences[0][0])
        yield compare.fault("negation_changed", 0, answer.sentences[0][1], other)
    for part in clauses_of(answer):
        if part.end <= begins or part.sentence[0] in told or not part.clipped(begins).content:
            continue
        found = compare.contradicted(part.clipped(begins), begins)
        if found is not None:
            told.add(part.sentence[0])
            yield found
    yield from compare.dropped(begins, told, asked if said == "yes" else None)
    yield from compare.affirmed(told, asked)


def _denied_only_by(some: Sequence[Negation], others: Sequence[Negation], part: Part) -> bool:
    """Whether a negation denies, first of all, a word of the part, and no other denies a word of its reach."""
    for one in some:
        if any(part.has(word) for word in one.nearest) and not any(_shared(one, other) for other in others):
            return True
    return False


def _evident(part: Part, close: Sequence[Part]) -> bool:
    """Whether it is plain that all speak of the same: two things in common, or a telling word of a short clause."""
    weak = part.text.lexicon.weak
    for other in close:
        shared = [word for word in part.content if other.has(word)]
        telling = any(word.stem in other.stems and word.stem not in weak for word in shared)
        if len(shared) + len(part.numbers & other.numbers) < LEAST_SHARED and not (
            telling and len(part.content) <= FEW
        ):
            return False
    return True


def _shared(one: Negation, other: Negation) -> bool:
    return any(means_the_same(a, b) for a in one.reach for b in other.reach)


class _Comparison:
    def __init__(self, answer: Told, source: Told) -> None:
        self.answer, self.source = answer, source
        self.folded = fold(answer.plain).replace("’", "'")
        self._source_folded = fold(source.plain).replace("’", "'")
        self._clauses = clauses_of(source)
        self._sentences = sentences_of(source)
        self._known = affirmed_groups(source, self._source_folded)
        self._said = affirmed_groups(answer, self.folded)
        self.said, self.begins = particle(self.folded)

    def repeated(self) -> set[int]:
        """Where sentences of the answer begin that are sentences of the source, word for word."""
        own = {tuple(self.source.text[start:end].split()) for start, end in self.source.sentences}
        return {start for start, end in self.answer.sentences if tuple(self.answer.text[start:end].split()) in own}

    def contradicted(self, part: Part, begins: int) -> Fault | None:
        close = self._closest(part, self._clauses, CLOSE)
        whole = sentence_of(part).clipped(begins)
        if close:
            found = self._otherwise(part, close, wide=False)
            # a clause with a clause inside it speaks of two of the source: "what you set there isn't copied"
            surely = len(part.content) > LEAST_SHARED and all(close[0].has(word) for word in part.content)
            wider = self._closest(whole, self._sentences, ABOUT) if found is not None and not surely else []
            return found if not wider or self._otherwise(whole, wider, wide=True) is not None else None
        close = self._closest(whole, self._sentences, ABOUT)
        return self._otherwise(whole, close, wide=True) if close else None

    def _otherwise(self, part: Part, close: Sequence[Part], *, wide: bool) -> Fault | None:
        mine = part.polarity(self.folded, self._known)
        if all(regardless(self.folded, part.start, part.end, self._source_folded, one.start, one.end) for one in close):
            return self.fault("negation_changed", part.start, part.end, close[0])
        if mine == "either":
            return None
        theirs = [one.polarity(self._source_folded, self._said) for one in close]
        if "either" not in theirs and _evident(part, close) and all(self._conflict(part, one, wide) for one in close):
            return self.fault("negation_changed", part.start, part.end, close[0])
        if mine == "denies" and all(self._denies_other(part, one) for one in close):
            return self.fault("negation_changed", part.start, part.end, close[0])
        if mine == "affirms" and all(one == "affirms" for one in theirs) and all(opposed(part, one) for one in close):
            return self.fault("opposite_of_source", part.start, part.end, close[0])
        return None

    def _conflict(self, part: Part, other: Part, wide: bool) -> bool:
        """Whether one denies what the other says without any denial."""
        whole = other if wide else other.with_predicate(self._source_folded)
        mine = self._negations(part, self.folded, self._known)
        theirs = self._negations(whole, self._source_folded, self._said)
        lang = self.source.lexicon.lang
        refused = self.said == "no" and part.sentence[0] == self.answer.sentences[0][0]  # "No, you renew it yourself"
        lost = (
            not refused
            and _denied_only_by(theirs, mine, part)
            and not fails(self.folded, part.start, part.end, lang)
            and not self._retold(part, theirs)
        )
        gained = _denied_only_by([one for one in mine if not self._denied_there(part, one)], theirs, whole)
        start, end = whole.sentence if _NOTHING.search(self.folded, part.start, part.end) else (whole.start, whole.end)
        there = (start, end) != (whole.start, whole.end) and _NOTHING.search(self._source_folded, start, end)
        return lost or (gained and not there and not fails(self._source_folded, start, end, lang, part.stems))

    def _retold(self, part: Part, theirs: Sequence[Negation]) -> bool:
        """Whether the part says something of its own of what the source denies something else of: "the original isn't
        kept" and "the original is dropped". Then nothing but the subject is known to be the same."""
        behind = {word.stem for cue in theirs for word in cue.nearest if word.start >= cue.after}
        weak = part.text.lexicon.weak
        own = any(not self.source.has(word) and word.stem not in weak for word in part.content)
        return own and not behind & part.stems

    def _denied_there(self, part: Part, one: Negation) -> bool:
        """Whether the source denies, wherever that is, the very word that the answer denies first, and of the same."""
        verb = one.nearest[0].stem if one.nearest else ""
        return any(speaks_of_it(part, clause, verb, self._clauses) for clause in self._denying.get(verb, ()))

    @cached_property
    def _denying(self) -> dict[str, list[Part]]:
        """The clauses of the source that deny a word, by its stem."""
        lang, text = self.source.lexicon.lang, self._source_folded
        found: dict[str, list[Part]] = {}
        for clause in self._clauses:
            for cue in negations(text, clause.words, clause.start, clause.end, lang):
                for word in cue.nearest:
                    found.setdefault(word.stem, []).append(clause)
        return found

    def _negations(self, part: Part, folded: str, known: frozenset[int]) -> list[Negation]:
        if part.polarity(folded, known) != "denies":
            return []
        return negations(folded, part.words, part.start, part.end, self.source.lexicon.lang, known=known)

    def _denies_other(self, part: Part, other: Part) -> bool:
        """Whether the source denies one thing more, which the answer says without: "no se pagan los no usados"."""
        lang = self.source.lexicon.lang
        mine = cue_targets(self.folded, part.words, part.start, part.end, lang)
        theirs = cue_targets(self._source_folded, other.words, other.start, other.end, lang)
        return bool(mine) and mine < theirs and theirs - mine <= part.stems

    def dropped(self, begins: int, told: set[int], asked: Told | None) -> Iterator[Fault]:
        """Clauses that deny, of which a sentence of the answer has the words and denies nothing.

        To a yes belong the words of the question, too.
        """
        for whole in sentences_of(self.answer):
            part = whole.clipped(begins)
            if part.sentence[0] in told or not part.content or part.polarity(self.folded, self._known) != "affirms":
                continue
            for clause in self._clauses:
                rest = clause.content_without_cues()
                if len(rest) < 2 or clause.polarity(self._source_folded, self._said) != "denies":
                    continue
                same = [one for one in self._clauses if one is not clause and all(one.has(word) for word in rest)]
                here = [word for word in rest if word.stem in part.stems]
                also = [
                    word
                    for word in rest
                    if asked is not None
                    and whole.sentence[0] == 0
                    and word.stem not in part.stems
                    and word.stem in asked.stems
                ]
                if not same and here and len(here) + len(also) >= COVERED * len(rest):
                    told.add(part.sentence[0])
                    yield self.fault("negation_changed", part.start, part.end, clause)
                    break

    def affirmed(self, told: set[int], asked: Told) -> Iterator[Fault]:
        """Sentences that affirm what a clause of the source denies, or widen what it limits; none of a plain no."""
        denying = [one for one in self._clauses if one.polarity(self._source_folded, self._said) == "denies"]
        rest = [one for one in self._clauses if one not in denying]
        for whole in (*sentences_of(self.answer), *clauses_of(self.answer)):
            part = whole.clipped(self.begins)
            first = part.sentence[0] == self.answer.sentences[0][0]
            if part.sentence[0] in told or not part.content or (first and self.said == "no"):
                continue
            if part.polarity(self.folded, self._known) != "affirms":
                continue
            for clause in self._clauses:
                wrong = clause in denying and affirmed(part, self.folded, clause, self._source_folded, asked, rest)
                if wrong or any(one(part, self.folded, clause, self._source_folded) for one in (widened, readmitted)):
                    told.add(part.sentence[0])
                    yield self.fault("negation_changed", part.start, part.end, clause)
                    break

    def refuses(self, asked: Told) -> Part | None:
        """The clause of the source that denies what was asked, where one does: yes is no answer then."""
        folded = fold(asked.plain).replace("’", "'")
        for part in sentences_of(asked)[-1:]:
            close = self._closest(part, self._clauses, CLOSE)
            denies = [self._denies_asked(one, asked, affirmed_groups(asked, folded)) for one in close]
            if close and all(denies) and part.polarity(folded, self._known) == "affirms":
                return close[0]
        return None

    def _denies_asked(self, one: Part, asked: Told, known: frozenset[int]) -> bool:
        """Whether a clause denies what is asked, and not only something beside it: "photos without flash"."""
        if one.polarity(self._source_folded, known) != "denies":
            return one.inherited(self._source_folded, known) == "denies"
        lang = self.source.lexicon.lang
        text = self._source_folded
        found = negations(text, one.words, one.start, one.end, lang, known=known, relative=True)
        return any(asked.has(word) for cue in found for word in denied_words(text, one, one.content, cue))

    def fault(self, kind: str, start: int, end: int, other: Part) -> Fault:
        text = self.answer.text[start:end]
        start += len(text) - len(text.lstrip(" ,;:"))
        witness = self.source.text[other.start : other.end].strip(" ,;:")
        what = self.answer.text[start:end].strip(" ,;:")
        return Fault(kind=kind, field="answer", start=start, end=end, what=what, witness=witness, confidence=SURE)

    def _closest(self, part: Part, others: Sequence[Part], least: float) -> list[Part]:
        return closest(part, others, least, self._clauses)
