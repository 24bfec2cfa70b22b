"""Which part of the source speaks of what a part of the answer speaks of."""

from __future__ import annotations

from collections.abc import Sequence

from curation.synthesis.gates.parts import Part
from curation.synthesis.gates.reading import Word

__all__ = ["closest", "means_the_same", "speaks_of_it"]

TIED = 0.85  # of the best: as good a match
OF_IT = 0.5  # of the weight of a part's words that a clause has to have, to speak of the same


def closest(part: Part, others: Sequence[Part], least: float, clauses: Sequence[Part]) -> list[Part]:
    """The parts of the source that have most of this part's words, if they have enough of them.

    `clauses` are all of the source. Where one has every word as it is, those that have only what means the same are
    not told.
    """
    if not clauses:
        return []
    source = clauses[0].text
    weights = [(word, _weight(word, clauses)) for word in part.content if source.has(word)]
    total = sum(weight for _, weight in weights) + len(part.numbers)
    known = part.text.lexicon.weak
    missing = 0.5 * sum(not source.has(word) and word.stem not in known for word in part.content)
    if total <= 0:
        return []
    scored = []
    for other in others:
        shared = sum(weight for word, weight in weights if other.has(word)) + len(part.numbers & other.numbers)
        scored.append((shared / (total + missing), other))
    best = max((score for score, _ in scored), default=0.0)
    if best < least:
        return []
    close = [other for score, other in scored if score >= max(least, TIED * best)]
    stems = {word.stem for word in part.content}
    return [one for one in close if stems <= one.stems] or close


def speaks_of_it(part: Part, clause: Part, verb: str, clauses: Sequence[Part]) -> bool:
    """Whether a clause of the source has half of the part's words besides the verb, by how rare they are there.

    "Drones are not allowed" bears out nothing of dogs. The verb itself stands for none of them: "abonar" means
    "devolver", and the "abonos" that cannot be returned do not.
    """
    rest = [(word, _weight(word, clauses)) for word in part.content if word.stem != verb]
    others = [word for word in clause.words if word.stem != verb]
    same = sum(weight for word, weight in rest if any(means_the_same(word, other) for other in others))
    return same >= OF_IT * sum(weight for _, weight in rest)


def means_the_same(one: Word, other: Word) -> bool:
    return one.stem == other.stem or bool(one.groups & other.groups)


def _weight(word: Word, clauses: Sequence[Part]) -> float:
    """A word that many clauses of the source have tells less about which of them is meant."""
    return 1.0 / max(1, sum(one.has(word) for one in clauses))
