"""One decision about many pairs: looked at before it is made, carried out as previewed, and taken back as one.

with Store.open(url) as store:
    desk = BulkDesk(store, "reviewer-1", settings.review)
    preview = desk.preview(Filter(text="lorem ipsum", states=("waiting",)), "reject")
    done = desk.carry_out(preview, reason="placeholder text")
    desk.take_back(done.action)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from curation.review import reviewer_name
from tamiz.browse import examples
from tamiz.bulk import Bulk, Decision, Done, Frozen, bulks, decide_many, freeze, freeze_picked, tag_many
from tamiz.bulkundo import TakenBack, take_back
from tamiz.errors import InputError
from tamiz.filters import Filter
from tamiz.opinions import asks_several
from tamiz.records import clean_unicode
from tamiz.settings import ReviewSettings
from tamiz.store import Store, StoredPair

__all__ = ["ACTS", "Act", "Bulk", "BulkDesk", "Done", "Preview", "TakenBack"]

Act = Literal["accept", "reject", "skip", "tag", "untag"]
ACTS: tuple[Act, ...] = get_args(Act)
EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be done to which pairs. `left_out` are open pairs on which several people decide."""

    act: Act
    frozen: Frozen
    examples: tuple[StoredPair, ...]
    left_out: int = 0

    @property
    def pairs(self) -> int:
        return len(self.frozen)


class BulkDesk:
    """One person's decisions about many pairs at once."""

    def __init__(self, store: Store, reviewer: str, settings: ReviewSettings) -> None:
        self._store = store
        self._several = settings.double
        self.by = f"person:{reviewer_name(reviewer)}"

    def preview(self, chosen: Filter, act: Act) -> Preview:
        """All pairs that the filter finds now, frozen."""
        return self._preview(freeze(self._store, chosen, unless=self._unless(act)), act)

    def preview_picked(self, picked: Sequence[StoredPair], act: Act) -> Preview:
        """These pairs, as they were seen."""
        unless = self._unless(act)
        kept = [one for one in picked if unless is None or not unless(one.pair.id)]
        numbers = [(one.seq, one.version) for one in kept]
        left_out = len(picked) - len(kept)
        return self._preview((freeze_picked(self._store, numbers), left_out), act)

    def carry_out(self, preview: Preview, *, reason: str = "", tag: str = "") -> Done:
        """Do to the previewed pairs what was previewed, under one action; InputError where there are none."""
        if not preview.pairs:
            raise InputError("no pair is chosen; change the filter or mark some pairs")
        if preview.act in ("tag", "untag"):
            return tag_many(self._store, preview.frozen, tag, self.by, present=preview.act == "tag")
        decision: Decision = preview.act  # type: ignore[assignment]
        return decide_many(self._store, preview.frozen, decision, self.by, reason=clean_unicode(reason).strip())

    def take_back(self, action: str) -> TakenBack:
        """Take one back as far as nobody has decided since; Conflict where nothing of it can be."""
        return take_back(self._store, action, self.by)

    def history(self, *, limit: int = 20) -> list[Bulk]:
        """The latest ones of everybody, newest first."""
        return bulks(self._store, limit=limit)

    def _preview(self, found: tuple[Frozen, int], act: Act) -> Preview:
        frozen, left_out = found
        shown = examples(self._store, frozen.numbers, limit=EXAMPLES)
        return Preview(act=act, frozen=frozen, examples=tuple(shown), left_out=left_out)

    def _unless(self, act: Act) -> Callable[[str], bool] | None:
        if not self._several or act in ("tag", "untag"):
            return None
        return lambda pair: asks_several(pair, self._several)
