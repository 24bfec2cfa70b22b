"""The parts of pairs that earlier exports assigned: found before a split, claimed before a version is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from curation.split import Frozen, Splits
from tamiz.records import Pair, SealedPair, Split
from tamiz.settings import ExportSettings
from tamiz.splitparts import SplitParts, ancestry, claim_parts, split_parts
from tamiz.store import Store
from tamiz.wording import plural

__all__ = ["Known", "asked_for", "known_parts"]

ASKED_FOR = ("validation", "test", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store says of parts, and what follows for the next split. `anew`: all pairs are assigned again."""

    stored: SplitParts
    frozen: Frozen
    anew: bool

    def holds(self, splits: Splits) -> bool:
        """Whether the store gives these pairs the very same parts, and no others any."""
        return self.stored.parts == {pair.id: part for part, pairs in splits.parts.items() for pair in pairs}

    def claim(self, store: Store, splits: Splits, asked: Mapping[str, Any]) -> bool:
        """Assign what has no part in the store yet; False when another export has assigned some since."""
        parts = {pair.id: part for part, pairs in splits.parts.items() for pair in pairs}
        mine = {**self.frozen.parts, **parts}
        new = {pair: part for pair, part in mine.items() if self.anew or pair not in self.stored.parts}
        return claim_parts(store, self.stored, new, asked, anew=self.anew)

    def notes(self, splits: Splits, settings: ExportSettings) -> tuple[str, ...]:
        """What to say of pairs that keep a part which the settings of today would not have given them."""
        if self.anew:
            return ("all pairs were assigned anew (--resplit): test scores of earlier versions no longer compare",)
        other = sum(count for asked, count in self.stored.asked if asked != asked_for(settings))
        if not other or not splits.kept:
            return ()
        return (
            f"[export] validation, test or seed were others when {plural(other, 'pair was', 'pairs were')} assigned; "
            "these keep their part, only new pairs follow the settings of today (tamiz export --resplit assigns all "
            "anew)",
        )


def known_parts(
    store: Store, newest: Callable[[], Mapping[str, Split]], pairs: Sequence[Pair], *, anew: bool = False
) -> Known:
    """The parts that are known. `newest` reads those of the newest version on disk, for a store that has none yet."""
    stored = split_parts(store)
    if anew:
        return Known(stored=stored, frozen=Frozen(ancestry=ancestry(store)), anew=True)
    parts = stored.parts if stored.last else newest()
    here = {pair.id for pair in pairs}
    departed = store.pairs_by_id(sorted(pair for pair in parts if pair not in here))
    gone = [_told_apart(departed[name].pair) for name in sorted(departed)]
    return Known(stored=stored, frozen=Frozen(parts=parts, departed=gone, ancestry=ancestry(store)), anew=False)


def _told_apart(pair: Pair) -> Pair:
    """The pair; a sealed one with a text that is like no other's, so that having none binds it to nothing."""
    return replace(pair, question=pair.id, answer=pair.id) if isinstance(pair, SealedPair) else pair


def asked_for(settings: ExportSettings) -> dict[str, Any]:
    """The settings that decide the part of a new pair."""
    return {name: getattr(settings, name) for name in ASKED_FOR}
