"""What an answer says that its source does not: words of content that the source has in no form and no synonym."""

from __future__ import annotations

from collections.abc import Iterator

from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.quantities import quantities
from curation.synthesis.gates.reading import Clause, Told, Word
from curation.synthesis.gates.units import units

__all__ = ["foreign_facts"]

LEAST_SHARE = 0.34  # of a sentence's words of content that the source has; below it is made up or told too freely
LEAST_WORDS = 4  # of content in a sentence, to say so
WEAK = 3  # words that reword, in one clause, that the source has not: one or two are style


def foreign_facts(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Clauses with a telling word that is neither in the source nor asked; a clause is told once."""
    measured = _measured(answer)
    told: set[int] = set()
    for clause in answer.clauses:
        content = [word for word in clause.words if _tells(word, measured)]
        missing = [word for word in content if not source.has(word) and not asked.has(word)]
        strong = [word for word in missing if word.stem not in answer.lexicon.weak]
        if strong or len(missing) >= WEAK:
            word = (strong or missing)[0]
            told.add(clause.sentence)
            sure = 0.9 if len(missing) > 1 else 0.75
            yield Fault(
                kind="foreign_fact", field="answer", start=word.start, end=word.end, what=word.text, confidence=sure
            )
    yield from _unsupported(answer, source, asked, told, measured)


def _unsupported(
    answer: Told, source: Told, asked: Told, told: set[int], measured: frozenset[int]
) -> Iterator[Fault]:
    """Sentences of which little is in the source, whatever the words are."""
    for number, (start, end) in enumerate(answer.sentences):
        clauses: list[Clause] = [one for one in answer.clauses if one.sentence == number]
        content = [word for one in clauses for word in one.words if _tells(word, measured)]
        if number in told or len(content) < LEAST_WORDS:
            continue
        share = sum(source.has(word) for word in content) / len(content)
        if share < LEAST_SHARE and not all(asked.has(word) for word in content):
            yield Fault(
                kind="unsupported", field="answer", start=start, end=end, what=answer.text[start:end], confidence=0.7
            )


def _tells(word: Word, measured: frozenset[int]) -> bool:
    """Whether the word has content of its own; units and number words are looked at as quantities."""
    return not word.free and len(word.folded) > 2 and word.start not in measured and word.folded not in units()


def _measured(answer: Told) -> frozenset[int]:
    spans = [(one.start, one.end) for one in quantities(answer.plain, answer.lang)]
    return frozenset(word.start for word in answer.words for start, end in spans if start <= word.start < end)
