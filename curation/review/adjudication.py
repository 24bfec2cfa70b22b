"""Pairs that reviewers disagree about: all opinions side by side, and who has given none decides.

with Store.open(url) as store:
    bench = Bench(store, "reviewer-3", settings.review)
    dispute = bench.disputes()[0]
    bench.accept(dispute, opinion=dispute.opinions[0])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from curation.review.naming import reviewer_name
from curation.review.pace import check_pace
from curation.revise import Draft, Refused, Segment, revise, word_diff
from tamiz.errors import InputError
from tamiz.opinions import Opinion, adjudicate, disputed, may_adjudicate
from tamiz.people import permit
from tamiz.records import Pair, Verdict, clean_unicode
from tamiz.store import Store, StoredPair
from tamiz.undoing import undo

__all__ = ["Bench", "Dispute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A pair with every opinion on it. `mine_to_decide` is False for who gave one, unless they are an admin."""

    stored: StoredPair
    opinions: tuple[Opinion, ...]
    mine_to_decide: bool
    shown_at: float

    @property
    def pair(self) -> Pair:
        return self.stored.pair

    @property
    def key(self) -> str:
        """Names this version of this pair; a screen's fields carry it."""
        return f"{self.pair.id}-{self.stored.version}"

    def changes(self, opinion: Opinion, field: str) -> list[Segment]:
        """What this opinion would change in the question or answer, word by word; [] for nothing."""
        if opinion.edited is None:
            return []
        before, after = getattr(self.pair, field), getattr(opinion.edited, field)
        return [] if before == after else word_diff(before, after)


class Bench:
    """One person's place at the list of disputes."""

    def __init__(self, store: Store, reviewer: str) -> None:
        self._store = store
        self.by = f"person:{reviewer_name(reviewer)}"

    def count(self) -> int:
        return self._store.counts().get("disputed", 0)

    def disputes(self, *, after: int = 0, limit: int = 10) -> list[Dispute]:
        """Disputes behind the pair of number `after` (its `stored.seq`), oldest first."""
        permit(self._store, self.by, "decide")
        now = self._store.seconds()
        return [
            Dispute(
                stored=stored,
                opinions=tuple(opinions),
                mine_to_decide=may_adjudicate(self._store, self.by, opinions),
                shown_at=now,
            )
            for stored, opinions in disputed(self._store, after=after, limit=limit)
        ]

    def accept(self, dispute: Dispute, *, opinion: Opinion | None = None, draft: Draft | None = None) -> StoredPair:
        """Accept the pair as it is, as this opinion has it, or as a draft has it."""
        edited = opinion.edited if opinion is not None else None
        if edited is not None:  # whose words they are stays in the history; who decided is on the pair
            edited = replace(edited, made_by=self.by)
        elif draft is not None:
            edited = revise(dispute.pair, [], draft, by=self.by)
        return self._decide(dispute, edited=edited)

    def reject(self, dispute: Dispute, reason: str = "") -> StoredPair:
        """Keep the pair out of every export, for this reason."""
        return self._decide(dispute, rejected=True, reason=clean_unicode(reason).strip())

    def undo(self, shown: Sequence[Dispute] = ()) -> list[str]:
        """Take back this person's latest decision, here or at the desk; the pairs that are as before again."""
        for dispute in shown[:1]:
            check_pace(dispute.shown_at, self._store.seconds())
        try:
            return undo(self._store, self.by)
        except InputError:
            raise Refused("nothing_to_undo") from None

    def _decide(
        self, dispute: Dispute, *, rejected: bool = False, reason: str = "", edited: Pair | None = None
    ) -> StoredPair:
        check_pace(dispute.shown_at, self._store.seconds())
        verdict = Verdict(
            pair=dispute.pair.id,
            version=dispute.stored.version,
            decision="reject" if rejected else "accept",
            by=self.by,
            reason=reason,
            edited=edited,
        )
        return adjudicate(self._store, verdict)
