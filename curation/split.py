"""Train, validation and test, so that nothing in one has been seen in another, today or tomorrow.

What belongs together stays together: pairs of one page or thread, pairs made from each other, and pairs
whose question or answer is nearly the same, also by way of others. A pair that has had a part keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from curation.gather import FrozenConflict, Groups, LeftOut, gather, left_out_notes
from curation.proof import Proof, SplitError, leaks, prove
from curation.siblings import Siblings, count_siblings
from curation.stratify import PARTS, divide, size_notes
from curation.ties import Ties, find_ties
from tamiz.records import Pair, Split
from tamiz.settings import ExportSettings, NearSettings

__all__ = ["Frozen", "SplitError", "Splits", "check_splits", "split_pairs"]

ROUNDS = 20
RESPLIT = (
    "Undo the change of settings that brought them together ([curation.near], [export] group_by_author), or run: "
    "tamiz export --resplit, which assigns all pairs anew; test scores from before then no longer compare"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What was assigned before: parts by pair, and those of these pairs that are not to be divided now.

    `ancestry` says what pairs were made from, for those that come by way of pairs that are in neither.
    """

    parts: Mapping[str, Split] = field(default_factory=dict)
    departed: Sequence[Pair] = ()
    ancestry: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    way_out: str = RESPLIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The pairs of each part, by id, and the group of every pair; `left_out` are in no part.

    `notes` say what the groups made impossible; `kept` counts the pairs whose part was known before.
    """

    parts: dict[Split, tuple[Pair, ...]]
    groups: dict[str, str]
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    siblings: Siblings = field(default_factory=Siblings)
    kept: int = 0

    def sizes(self) -> dict[str, int]:
        return {part: len(self.parts[part]) for part in PARTS}


def split_pairs(
    pairs: Sequence[Pair],
    settings: ExportSettings,
    near: NearSettings | None = None,
    *,
    frozen: Frozen | None = None,
    more_ties: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    train_only: Collection[str] = (),
) -> Splits:
    """Divide the pairs; the same pairs, settings and seed give the same parts in whatever order they come.

    Languages, labels and sources keep their shares as far as the groups allow. `more_ties` binds pairs by
    (name, value). Groups with a pair of `train_only` that have no part yet are training's; who calls looks whether
    such a pair is in another part or left out. FrozenConflict where pairs that were assigned before may no longer be
    apart, and where every pair would be left out.
    """
    near, frozen = near or NearSettings(), frozen or Frozen()
    wanted = {pair.id: pair for pair in pairs}
    everyone = {**{pair.id: pair for pair in frozen.departed if pair.id in frozen.parts}, **wanted}
    ordered = [everyone[name] for name in sorted(everyone)]
    ties = find_ties(
        ordered,
        near,
        by_author=settings.group_by_author,
        ancestry=frozen.ancestry,
        parts=frozen.parts,
        more=more_ties,
    )
    for _ in range(ROUNDS):
        groups = gather(ties, frozen.parts, way_out=frozen.way_out)
        for place, group in groups.of.items():
            if ordered[place].id in train_only:
                groups.part.setdefault(group, "train")
        members, fixed, names = _members(ties, groups, wanted)
        where = divide(members, fixed, settings)
        known = {**{names[group]: part for group, part in groups.part.items()}, **where}
        parts = [known[names[groups.of[place]]] if place in groups.of else None for place in range(len(ordered))]
        found = list(leaks(ties.texts, parts))  # what the index had missed
        if not found:
            break
        for leak in found:
            one, other = (ties.text_tie(leak.text, place) for place in (leak.one, leak.other))
            ties.add_near(one, other, leak.similarity)
    else:
        raise SplitError("near-duplicates remain across the parts of the split. Export with another [export] seed")
    if wanted and len(groups.left_out) == len(wanted):
        notes = "; ".join(left_out_notes(groups.left_out))
        raise FrozenConflict(f"no pair is left that a part can take: {notes}. {frozen.way_out}")
    here = {place: part for place, part in enumerate(parts) if part is not None and ordered[place].id in wanted}
    return Splits(
        parts={part: tuple(ordered[place] for place, mine in here.items() if mine == part) for part in PARTS},
        groups={ordered[place].id: names[groups.of[place]] for place in here},
        notes=size_notes(members, where, fixed, settings),
        left_out=tuple(groups.left_out),
        siblings=count_siblings(ties, here, settings.seed),
        kept=sum(ordered[place].id in frozen.parts for place in here),
    )


def check_splits(splits: Splits, near: NearSettings, *, by_author: bool = False) -> Proof:
    """The proof: SplitError if two parts share a group, or a question or answer that is nearly the same."""
    return prove(splits.parts, splits.groups, near, by_author=by_author)


def _members(
    ties: Ties, groups: Groups, wanted: Mapping[str, Pair]
) -> tuple[dict[str, list[Pair]], dict[str, Split], dict[int, str]]:
    """The pairs to divide of each group, the groups that have a part, and what groups are called: their first pair."""
    names: dict[int, str] = {}
    members: dict[str, list[Pair]] = defaultdict(list)
    for place in sorted(groups.of):
        pair = ties.pairs[place]
        name = names.setdefault(groups.of[place], pair.id)
        if pair.id in wanted:
            members[name].append(pair)
    fixed = {names[group]: part for group, part in groups.part.items() if names[group] in members}
    return dict(members), fixed, names
