"""Addresses that a stranger may have put into the source, and answers that speak to a model.

Whoever can write on a page can write an address, a telephone number or a link there and ask a model to spread it. It
stands in the source then, so that nothing else finds it; but it stands only where the source speaks to a model, or
where it speaks of nothing that the rest of it or the question speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from curation.synthesis.fence import obeys_planted, planted
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.marks import Mark
from curation.synthesis.gates.reading import Told, Word

__all__ = ["STRAY_CONTACT", "follows_planted", "orders_in", "planted_contacts", "speaks_to_model"]

STRAY_CONTACT = "stray_contact"
TELLING = 3  # words of content that a sentence has to have before it can be said to be of something else
REST = 8  # the same of the rest of the source
PLANTED, STRAY, FOLLOWED = 0.97, 0.7, 0.85


def planted_contacts(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Addresses, links and numbers of an answer that its source has only where it should not be trusted."""
    spans = orders_in(source.text)
    for mark in answer.marks:
        places = _places(mark, source) if mark.kind == "address" else []
        if not places or mark.form in (one.form for one in asked.marks):
            continue
        held = [_span_of(place, spans) for place in places]
        if all(held):
            yield _fault("planted_contact", mark, source, held[0], PLANTED)
            continue
        lines = [_span_of(place, source.sentences) for place in places]
        if all(line and _strays(line, source, asked) for line in lines):
            yield _fault(STRAY_CONTACT, mark, source, lines[0], STRAY)


def follows_planted(answer: Told, source: Told) -> Iterator[Fault]:
    """The answer as a whole, where it tells what a sentence that speaks to a model wanted told."""
    if orders_in(source.text) and obeys_planted(source.text, answer.text):
        yield Fault(kind="planted_instruction", field="answer", end=len(answer.text), confidence=FOLLOWED)


def speaks_to_model(answer: str) -> Iterator[Fault]:
    """Sentences of an answer that speak to a model themselves."""
    for start, end in planted(answer):
        yield Fault(
            kind="planted_instruction",
            field="answer",
            start=start,
            end=end,
            what=answer[start:end],
            confidence=FOLLOWED,
        )


@lru_cache(maxsize=64)
def orders_in(source: str) -> tuple[tuple[int, int], ...]:
    """Where sentences of a source speak to a model; a source is looked at for each of its pairs."""
    return planted(source)


def _places(mark: Mark, source: Told) -> list[int]:
    return [one.start for one in source.marks if one.form == mark.form]


def _span_of(place: int, spans: tuple[tuple[int, int], ...]) -> tuple[int, int] | None:
    return next((one for one in spans if one[0] <= place < one[1]), None)


def _strays(line: tuple[int, int], source: Told, asked: Told) -> bool:
    """Whether the sentence has words enough to speak of something, and none of them is known elsewhere."""
    here = [word for word in source.words if line[0] <= word.start < line[1] and _tells(word, source)]
    rest = [word for word in source.words if not line[0] <= word.start < line[1] and _tells(word, source)]
    if len(here) < TELLING or len(rest) < REST:
        return False
    stems, groups = {word.stem for word in rest}, {number for word in rest for number in word.groups}
    return not any(word.stem in stems or word.groups & groups or asked.has(word) for word in here)


def _tells(word: Word, source: Told) -> bool:
    return not word.free and len(word.folded) > 2 and word.stem not in source.lexicon.weak


def _fault(kind: str, mark: Mark, source: Told, line: tuple[int, int] | None, sure: float) -> Fault:
    said = source.text[slice(*line)].strip() if line else ""
    return Fault(
        kind=kind, field="answer", start=mark.start, end=mark.end, what=mark.text, witness=said, confidence=sure
    )
