"""The accepted pairs as an export divides them now, and the synthetic ones that must not be among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.frozen import Known, known_parts
from curation.split import Splits, split_pairs
from curation.synthetic import Leak, Origin, find_leaks, is_recipes, origins_of
from curation.versions import newest_parts
from tamiz.decisions import judge
from tamiz.project import Project
from tamiz.records import Pair, Verdict
from tamiz.store import Store

__all__ = ["Divided", "divide_accepted", "reject_leaks"]

BY = "rule:not-near-the-test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """The parts that were known, the division of today, what made the synthetic pairs, and which may not go out."""

    known: Known
    splits: Splits
    origins: Mapping[str, Origin]
    leaks: Sequence[Leak]


def divide_accepted(project: Project, store: Store, pairs: Sequence[Pair], *, resplit: bool = False) -> Divided:
    """Divide these pairs beside those that were divided before; nothing is claimed. Pairs of recipes are training's."""
    settings, near = project.settings.export, project.settings.curation.near
    known = known_parts(store, lambda: newest_parts(project), pairs, anew=resplit)
    origins = origins_of(store, pairs)
    made = {name for name, origin in origins.items() if is_recipes(origin)}
    splits = split_pairs(pairs, settings, near, frozen=known.frozen, train_only=made)
    leaks = find_leaks(splits, origins, near) if made else []
    return Divided(known=known, splits=splits, origins=origins, leaks=leaks)


def reject_leaks(project: Project, store: Store, *, resplit: bool = False) -> int:
    """Reject the synthetic pairs for which an export would be refused, each with what it is near; how many.

    What somebody is looking at is left to them, and the export is refused for it.
    """
    done = 0
    while True:
        accepted = {stored.pair.id: stored for stored in store.pairs("accepted")}
        if not accepted:
            return done
        pairs = [stored.pair for stored in accepted.values()]
        leaks = divide_accepted(project, store, pairs, resplit=resplit).leaks
        verdicts = [
            Verdict(
                pair=leak.pair,
                version=accepted[leak.pair].version,
                decision="reject",
                by=BY,
                reason=f"synthetic, and {leak.why}",
            )
            for leak in leaks
        ]
        rejected = judge(store, verdicts).done if verdicts else 0
        done += rejected
        if not rejected:
            return done
