"""The review service: a pair at a time for one person, with what the steps saw in it; no screen in it.

with Store.open(url) as store:
    desk = Desk(store, "reviewer-1", settings.review)
    card = desk.next_pair()
    desk.accept(card, Draft.of(card))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

from curation.revise import Draft, Proposal, Refused, proposals, revise, word_diff
from tamiz.decisions import claim, claim_pair, decide, renew, undo
from tamiz.errors import Conflict, InputError
from tamiz.kept import keep, take_back, unsettled
from tamiz.moves import OPEN_STATES
from tamiz.records import KEPT_STEP, PRIVACY_STEP, Decision, Finding, Pair, Verdict, clean_unicode
from tamiz.settings import ReviewSettings
from tamiz.store import Store, StoredPair

__all__ = [
    "Card",
    "Desk",
    "Draft",
    "Pace",
    "Progress",
    "Proposal",
    "Refused",
    "proposals",
    "reviewer_name",
    "revise",
    "safe_link",
    "word_diff",
]

QUIET_SECONDS = 0.25  # a second key press sooner than this was meant for the pair before
LONGEST_NAME = 60
KEEP_AT_MOST = 6  # leases that a screen nobody touches may hold a pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a reviewer is shown of one pair.

    `proposals` are findings with a change that can be taken over; `kept` is personal data that somebody lets
    stand; `warnings` are all others, with the pairs they name as witness in `witnesses`. `link` is an http or
    https address, or "".
    """

    stored: StoredPair
    proposals: tuple[Proposal, ...]
    warnings: tuple[Finding, ...]
    kept: tuple[Finding, ...]
    witnesses: Mapping[str, Pair]
    link: str
    licence: str
    shown_at: float

    @property
    def pair(self) -> Pair:
        return self.stored.pair

    @property
    def key(self) -> str:
        """Names this version of this pair; a screen's fields carry it."""
        return f"{self.pair.id}-{self.stored.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many pairs are where. `new` ones have still to be sieved; they are nobody's turn yet."""

    new: int = 0
    waiting: int = 0
    skipped: int = 0
    accepted: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Progress:
        """From the store's counts by state."""
        return cls(**{field.name: counts.get(field.name, 0) for field in fields(cls)})

    @property
    def open(self) -> int:
        return self.waiting + self.skipped

    @property
    def decided(self) -> int:
        return self.accepted + self.rejected

    @property
    def share(self) -> float:
        """The part of the sieved pairs that is decided, 0 to 1."""
        return self.decided / max(self.open + self.decided, 1)


class Desk:
    """One person's place at the store: the next pair, and what they decide about it.

    Every decision is about the version of the pair on the card. Conflict means that somebody else
    was faster or that the lease has ended: nothing was written, and next_pair() goes on.
    """

    def __init__(self, store: Store, reviewer: str, settings: ReviewSettings) -> None:
        self._store = store
        self._lease = settings.lease_seconds
        self.by = f"person:{reviewer_name(reviewer)}"

    def next_pair(self, prefer: str = "") -> Card | None:
        """The pair to look at now, kept for this person; None when nothing is left.

        `prefer` is the id of a pair to stay at, as long as it is open and free.
        """
        return self._stay_at(prefer) or self._card(claim(self._store, self.by, lease_seconds=self._lease))

    def accept(self, card: Card, draft: Draft | None = None) -> StoredPair:
        """Accept the pair, as the draft has it; Refused when the draft cannot be a pair."""
        return self._decide(card, "accept", edited=self._edited(card, draft))

    def save(self, card: Card, draft: Draft) -> Card | None:
        """Keep the draft as a pair still to be decided; the card to go on with."""
        edited = self._edited(card, draft)
        if edited is None:
            return card
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
        for one in _same_thing(card, finding):
            keep(self._store, one, self.by)
        return self._again(card)

    def take_back(self, card: Card, finding: str) -> Card | None:
        """Let it stand no more."""
        for one in card.kept:
            if one.id == finding:
                take_back(self._store, one, self.by)
        return self._again(card)

    def undo(self) -> Card | None:
        """Take back this person's latest decision and show its pair again; Refused when none is left."""
        try:
            restored = undo(self._store, self.by, lease_seconds=self._lease)
        except InputError:
            raise Refused("nothing_to_undo") from None
        return self.next_pair(restored[0] if restored else "")

    def heartbeat(self, card: Card) -> bool:
        """Keep the shown pair for longer; False when it is no longer kept.

        A screen that nobody touches gives its pair back after KEEP_AT_MOST leases.
        """
        if self._store.seconds() - card.shown_at > KEEP_AT_MOST * self._lease:
            return False
        return renew(self._store, card.pair.id, self.by, lease_seconds=self._lease)

    def progress(self) -> Progress:
        return Progress.of(self._store.counts())

    def _again(self, card: Card) -> Card | None:
        return self._card(self._store.pairs_by_id([card.pair.id]).get(card.pair.id))

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
        if stored is None:
            return None
        pair = stored.pair
        every = self._store.findings([pair.id])[pair.id]
        findings = unsettled(every)
        offered = proposals(pair, findings)
        ids = {proposal.finding.id for proposal in offered}
        others = tuple(finding for finding in findings if finding.id not in ids)
        witnesses = self._store.pairs_by_id([finding.witness for finding in others if finding.witness])
        page = self._store.page(pair.page) if pair.page else None
        return Card(
            stored=stored,
            proposals=tuple(offered),
            warnings=others,
            kept=tuple(finding for finding in every if finding.step == KEPT_STEP),
            witnesses={name: witness.pair for name, witness in witnesses.items()},
            link=safe_link(pair.url) or safe_link(page.final_url if page else ""),
            licence=pair.licence or (page.licence if page else ""),
            shown_at=self._store.seconds(),
        )

    def _edited(self, card: Card, draft: Draft | None) -> Pair | None:
        findings = [proposal.finding for proposal in card.proposals]
        return None if draft is None else revise(card.pair, findings, draft, by=self.by)

    def _decide(self, card: Card, decision: Decision, *, reason: str = "", edited: Pair | None = None) -> StoredPair:
        verdict = Verdict(
            pair=card.pair.id,
            version=card.stored.version,
            decision=decision,
            by=self.by,
            reason=reason,
            edited=edited,
        )
        return decide(self._store, verdict, lease_seconds=self._lease)


def _same_thing(card: Card, finding: str) -> list[Finding]:
    """The findings of personal data that have the mask of this one."""
    offered = [proposal.finding for proposal in card.proposals if proposal.finding.step == PRIVACY_STEP]
    masks = {one.after for one in offered if one.id == finding}
    return [one for one in offered if one.after in masks]


class Pace:
    """Holds back a key that was pressed twice or is held down.

    A decision counts only after QUIET_SECONDS without another press, and that long after its pair
    came up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key = ""
        self._last = 0.0

    def show(self, key: str) -> None:
        """This pair is on the screen; the time runs from its first showing."""
        if key != self._key:
            self._key, self._last = key, self._now()

    def allows_decision(self) -> bool:
        quiet = self._now() - self._last
        self._last = self._now()
        return quiet >= QUIET_SECONDS


def reviewer_name(text: str) -> str:
    """A name that can stand in the history: one line, neither empty nor longer than LONGEST_NAME.

    >>> reviewer_name("  night   shift ")
    'night shift'
    """
    name = " ".join(clean_unicode(text).split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Refused("reviewer")
    return name


def safe_link(url: str) -> str:
    """The address if a browser may follow it: http or https with a host; otherwise "".

    >>> safe_link("javascript:alert(1)"), safe_link("https://ayuda.example/faq#wifi")
    ('', 'https://ayuda.example/faq#wifi')
    """
    if not url.isprintable() or any(letter.isspace() or letter in "\\\"'<>`" for letter in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
