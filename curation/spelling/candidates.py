"""What a word that no dictionary knows may have been meant to be, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from curation.spelling.distance import distance, fold, spelt_alike
from curation.spelling.frequencies import TITLE
from curation.spelling.lexicon import Lexicon

__all__ = ["Candidate", "rank"]

SLIP = 2.6  # powers of ten in likelihood that a slip of cost 1 takes away
SHORT = 5  # letters up to which only one slip is looked for
WELL_KNOWN = 3.5  # zipf of a word one slip away that makes looking further needless
UNLISTED = 2.2  # zipf of a right word that no list has
MOST = 60  # candidates whose distance is measured, the most frequent ones


@dataclass(frozen=True, slots=True)
class Candidate:
    """`score` is log10 of how likely the word is times how likely the slip, up to a constant."""

    word: str
    score: float
    distance: float
    zipf: float
    proper: bool = False


def rank(word: str, lexicon: Lexicon, boost: Callable[[str], float], extra: Collection[str] = ()) -> list[Candidate]:
    """The candidates for a word in lower case; `boost` adds what the corpus knows of a word to its frequency."""
    near = {*lexicon.near(word, slips=1), *_sounding_alike(word, lexicon)}
    one_slip = _measured(word, sorted(near), lexicon, boost, extra)
    if len(word) <= SHORT or any(found.zipf >= WELL_KNOWN and found.distance <= 1 for found in one_slip):
        return one_slip
    return _measured(word, lexicon.near(word, slips=2), lexicon, boost, extra)


def _sounding_alike(word: str, lexicon: Lexicon) -> list[str]:
    spelt = spelt_alike(word, lexicon.lang)
    return [other for form in spelt for other in lexicon.near(form, slips=0) if fold(other) == form]


def _measured(
    word: str, near: list[str], lexicon: Lexicon, boost: Callable[[str], float], extra: Collection[str]
) -> list[Candidate]:
    often = sorted(((lexicon.zipf(other), other) for other in near), reverse=True)[:MOST]
    found = []
    for zipf, other in [*often, *((UNLISTED, other) for other in extra if other not in near)]:
        if other != word:
            far = distance(word, other, lexicon.lang)
            weight = zipf + boost(other)
            proper = lexicon.status(other) == TITLE
            found.append(Candidate(other, weight - SLIP * far, far, zipf, proper))
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.word))
