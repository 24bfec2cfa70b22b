"""Two engines on one text: what they agree on may be changed unseen, the rest is for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from curation.spelling.corrections import Correction

__all__ = ["BOTH", "agreed", "below", "capped"]

BOTH = "embedded+languagetool"
SUREST = 0.99  # no proposal is certain: with apply_at = 1 nothing is changed unseen
STEP = 0.01


def below(apply_at: float) -> float:
    """The confidence that just doesn't reach `apply_at`."""
    return max(0.0, round(apply_at - STEP, 4))


def capped(found: Correction, most: float) -> Correction:
    return found if found.confidence <= most else replace(found, confidence=most)


def agreed(embedded: Sequence[Correction], languagetool: Sequence[Correction], *, apply_at: float) -> list[Correction]:
    """One list of proposals, in order, none overlapping, in which a silent change has the word of both engines.

    - The same change of the same place: one proposal of both, as sure as the surer one.
    - The embedded engine alone: below `apply_at`.
    - LanguageTool alone: an accent keeps its confidence, any other change goes below `apply_at`.
    - Two remedies for one place: the embedded one's, below `apply_at`, the other among its alternatives.
    - Grammar and style, whoever proposes them: below `apply_at`.
    """
    taken: list[Correction] = []
    others = list(languagetool)
    for mine in embedded:
        touching = [other for other in others if _touch(mine, other)]
        others = [other for other in others if other not in touching]
        taken.append(_one(mine, touching, apply_at))
    for other in others:
        alone = other.kind == "accent" and other.after is not None
        taken.append(capped(other, SUREST if alone else below(apply_at)))
    taken = [found if found.kind in ("accent", "spelling") else capped(found, below(apply_at)) for found in taken]
    taken.sort(key=lambda found: (found.start, found.end))
    return [found for at, found in enumerate(taken) if at == 0 or not _touch(taken[at - 1], found)]


def _one(mine: Correction, touching: Sequence[Correction], apply_at: float) -> Correction:
    same = next((other for other in touching if _same(mine, other)), None)
    if same is not None:
        alternatives = dict.fromkeys((*mine.alternatives, *same.alternatives))
        return replace(
            mine,
            engine=BOTH,
            confidence=min(SUREST, max(mine.confidence, same.confidence)),
            note=mine.note or same.note,
            alternatives=tuple(word for word in alternatives if word != mine.after),
        )
    if not touching:
        note = "; ".join(filter(None, (mine.note, "LanguageTool sees nothing here")))
        return replace(capped(mine, below(apply_at)), note=note)
    other = touching[0]
    if mine.after is None and other.after is not None:
        return capped(replace(other, engine=BOTH), below(apply_at))
    words = [
        found.after
        for found in touching
        if found.after is not None and (found.start, found.end) == (mine.start, mine.end)
    ]
    alternatives = dict.fromkeys((*words, *mine.alternatives))
    note = "; ".join(filter(None, (mine.note, "LanguageTool sees another mistake here")))
    return replace(
        capped(mine, below(apply_at)),
        note=note,
        alternatives=tuple(word for word in alternatives if word != mine.after),
    )


def _same(one: Correction, other: Correction) -> bool:
    return (one.start, one.end, one.after) == (other.start, other.end, other.after) and one.after is not None


def _touch(one: Correction, other: Correction) -> bool:
    same = (one.start, one.end) == (other.start, other.end)
    return same or (one.start < other.end and other.start < one.end)
