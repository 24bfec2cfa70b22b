"""One person's place at the store: the next pair, and what they decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from curation.review.card import Card, card_of
from curation.review.naming import reviewer_name
from curation.review.need import need_of
from curation.review.pace import check_pace
from curation.review.progress import Left, Progress
from curation.revise import Draft, Refused, revise
from tamiz.assignments import assignments
from tamiz.decisions import claim, claim_pair, decide, release, renew, set_needs, undo
from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.kept import keep, take_back
from tamiz.moves import OPEN_STATES
from tamiz.opinions import asks_several, opine, opined_by, opinions_of
from tamiz.people import permit
from tamiz.queue import Order
from tamiz.records import PRIVACY_STEP, Decision, Finding, Pair, Verdict, clean_unicode
from tamiz.settings import ReviewSettings
from tamiz.store import Store, StoredPair

__all__ = ["KEEP_AT_MOST", "Desk"]

KEEP_AT_MOST = 6  # leases that a screen nobody touches may hold a pair


class Desk:
    """One person's place at the store: the next pair, and what they decide about it.

    Every decision is about the version of the pair on the card. Conflict means that somebody else
    was faster or that the lease has ended: nothing was written, and next_pair() goes on. Refused "too_fast" means
    that the card was shown a moment ago. Of pairs that ask for several opinions a decision is one opinion.
    `sources` are the project's, in their order, for the order "source"; `kinds` are the kinds of pairs that come,
    all where none is named.
    """

    def __init__(
        self,
        store: Store,
        reviewer: str,
        settings: ReviewSettings,
        *,
        sources: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._settings = settings
        self._lease = settings.lease_seconds
        self._sources = tuple(sources)
        self._kinds = tuple(kinds)
        self.by = f"person:{reviewer_name(reviewer)}"

    def next_pair(self, prefer: str = "", *, order: Order | None = None) -> Card | None:
        """The pair to look at now, kept for this person; None when nothing is left for them.

        `prefer` is the id of a pair to stay at, as long as it is open and free; `order` is another than in the
        settings.
        """
        return self._stay_at(prefer) or self._card(
            claim(
                self._store,
                self.by,
                lease_seconds=self._lease,
                order=order or self._settings.order,
                sources=self._sources,
                kinds=self._kinds,
            )
        )

    def shown(self, card: Card) -> Card:
        """The same card, shown only now: drawing it took a while, and nobody could read it before."""
        return replace(card, shown_at=self._store.seconds())

    def left(self) -> Left:
        """Why there is nothing to do for this person, when next_pair() gave None."""
        said = opined_by(self._store, self.by)
        mine = any(self.by == f"person:{one.name}" for one in assignments(self._store))
        return Left(others=max(self.progress().open - said, 0), said=said, assigned=mine)

    def accept(self, card: Card, draft: Draft | None = None) -> StoredPair:
        """Accept the pair, as the draft has it; Refused when the draft cannot be a pair."""
        return self._decide(card, "accept", edited=self._edited(card, draft))

    def save(self, card: Card, draft: Draft) -> Card | None:
        """Keep the draft as a pair still to be decided; the card to go on with."""
        edited = self._edited(card, draft)
        if edited is None:
            return card
        if opinions_of(self._store, [card.pair.id])[card.pair.id]:
            raise Refused("several")
        return self._card(self._decide(card, "edit", edited=edited))

    def reject(self, card: Card, reason: str = "") -> StoredPair:
        """Keep the pair out of every export, for this reason."""
        return self._decide(card, "reject", reason=clean_unicode(reason).strip())

    def skip(self, card: Card) -> StoredPair:
        """Leave the pair to be shown again after the others."""
        return self._decide(card, "skip")

    def mask(self, card: Card, draft: Draft, finding: str) -> Card | None:
        """Mask what this finding found, wherever it is in the pair, and keep the draft; the card to go on with."""
        same = [one.id for one in _same_thing(card, finding)]
        chosen = tuple(dict.fromkeys([*draft.chosen, *same]))
        return self.save(card, replace(draft, chosen=chosen))

    def keep(self, card: Card, finding: str) -> Card | None:
        """Let what this finding found stand, under this person's name: it is public."""
        self._check(card)
        for one in _same_thing(card, finding):
            keep(self._store, one, self.by)
        return self._again(card)

    def take_back(self, card: Card, finding: str) -> Card | None:
        """Let it stand no more."""
        self._check(card)
        for one in card.kept:
            if one.id == finding:
                take_back(self._store, one, self.by)
        return self._again(card)

    def undo(self, card: Card | None = None) -> Card | None:
        """Take back this person's latest decision and show its pair again; Refused when none is left.

        `card` is what is on the screen, if anything is.
        """
        if card is not None:
            check_pace(card.shown_at, self._store.seconds())
        try:
            restored = undo(self._store, self.by, lease_seconds=self._lease)
        except InputError:
            raise Refused("nothing_to_undo") from None
        return self.next_pair(restored[0] if restored else "")

    def heartbeat(self, card: Card) -> bool:
        """Keep the shown pair for longer; False when it is no longer kept.

        A screen that nobody touches gives its pair back after KEEP_AT_MOST leases, somebody without a role at once.
        """
        if self._store.seconds() - card.shown_at > KEEP_AT_MOST * self._lease:
            return False
        try:
            permit(self._store, self.by, "decide")
        except NotPermitted:  # meanwhile: others may have the pair at once
            release(self._store, self.by)
            return False
        return renew(self._store, card.pair.id, self.by, lease_seconds=self._lease)

    def progress(self) -> Progress:
        return Progress.of(self._store.counts())

    def _again(self, card: Card) -> Card | None:
        """The card as it is after something was settled in it, which changes how much it needs a person."""
        pair = card.pair.id
        set_needs(self._store, {pair: need_of(card.pair, self._store.findings([pair])[pair])})
        return self._card(self._store.pairs_by_id([pair]).get(pair))

    def _stay_at(self, pair: str) -> Card | None:
        stored = self._store.pairs_by_id([pair]).get(pair) if pair else None
        if stored is None or stored.state not in OPEN_STATES:
            return None
        try:
            stored = claim_pair(self._store, pair, self.by, lease_seconds=self._lease)
        except Conflict:
            return None
        return self._card(stored) if stored.state in OPEN_STATES else None

    def _card(self, stored: StoredPair | None) -> Card | None:
        return None if stored is None else card_of(self._store, stored, several=self._asks_several(stored.pair.id))

    def _asks_several(self, pair: str) -> bool:
        return asks_several(pair, self._settings.double)

    def _check(self, card: Card) -> None:
        permit(self._store, self.by, "decide")
        check_pace(card.shown_at, self._store.seconds())

    def _edited(self, card: Card, draft: Draft | None) -> Pair | None:
        findings = [proposal.finding for proposal in card.proposals]
        return None if draft is None else revise(card.pair, findings, draft, by=self.by)

    def _decide(self, card: Card, decision: Decision, *, reason: str = "", edited: Pair | None = None) -> StoredPair:
        self._check(card)
        verdict = Verdict(
            pair=card.pair.id,
            version=card.stored.version,
            decision=decision,
            by=self.by,
            reason=reason,
            edited=edited,
        )
        if decision in ("accept", "reject") and self._asks_several(card.pair.id):
            return opine(self._store, verdict, needed=self._settings.reviewers)
        return decide(self._store, verdict, lease_seconds=self._lease)


def _same_thing(card: Card, finding: str) -> list[Finding]:
    """The findings of personal data that have the mask of this one."""
    offered = [proposal.finding for proposal in card.proposals if proposal.finding.step == PRIVACY_STEP]
    masks = {one.after for one in offered if one.id == finding}
    return [one for one in offered if one.after in masks]
