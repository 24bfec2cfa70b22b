"""The split comes first: which pairs may be worked on, because they are in the training part and stay there.

Accepted pairs that have no part yet get theirs here, by the same rule and from the same claims as in an export, before
anything is made from them. So no origin of a made pair can come into validation or test later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tamiz.errors import TooFewPairs
from tamiz.project import Project
from tamiz.records import Pair, SealedPair, Split
from tamiz.splitparts import split_parts
from tamiz.store import Store

__all__ = ["Training", "training_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Accepted pairs that were found, not made: those in the training part, those in validation and test, and how
    many are in no part. `claimed` got their part just now."""

    pairs: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    undivided: int = 0
    claimed: int = 0


def training_part(project: Project, store: Store) -> Training:
    """Divide what is not divided yet, keep it, and tell the parts apart.

    TooFewPairs where an export would refuse to divide so few; FrozenConflict as in an export.
    """
    from curation.synthetic import is_recipes, origins_of

    accepted = [one.pair for one in store.pairs("accepted")]
    origins = origins_of(store, accepted)
    pairs = [pair for pair in accepted if pair.id not in origins or not is_recipes(origins[pair.id])]
    least = project.settings.export.min_pairs
    if len(pairs) < least:
        raise TooFewPairs(
            f"{len(pairs)} pairs are accepted and [export] min_pairs asks for {least}: what is made comes from "
            "training pairs only, so they have to be divided first. Accept more (tamiz review), or lower min_pairs"
        )
    claimed = 0
    while True:
        stored = split_parts(store)
        if stored.last and all(pair.id in stored.parts for pair in pairs):
            return _told_apart(pairs, stored.parts, claimed)
        done, count, left_out = _claim(project, store, pairs)
        claimed += count
        if done and left_out:  # some can be in no part: the others have one now
            return _told_apart(pairs, split_parts(store).parts, claimed)


def _claim(project: Project, store: Store, pairs: Sequence[Pair]) -> tuple[bool, int, int]:
    """Divide as an export does and keep it: whether it could be kept, how many were new, how many are left out."""
    from curation.frozen import asked_for, known_parts
    from curation.split import split_pairs
    from curation.versions import newest_parts

    settings = project.settings
    known = known_parts(store, lambda: newest_parts(project), pairs)
    splits = split_pairs(pairs, settings.export, settings.curation.near, frozen=known.frozen)
    divided = sum(splits.sizes().values())
    done = known.claim(store, splits, asked_for(settings.export))
    return done, (divided - splits.kept) if done else 0, len(splits.left_out)


def _told_apart(pairs: Sequence[Pair], parts: Mapping[str, Split], claimed: int) -> Training:
    living = [pair for pair in pairs if not isinstance(pair, SealedPair)]
    return Training(
        pairs=tuple(pair for pair in living if parts.get(pair.id) == "train"),
        held_out=tuple(pair for pair in living if parts.get(pair.id) in ("validation", "test")),
        undivided=sum(pair.id not in parts for pair in living),
        claimed=claimed,
    )
