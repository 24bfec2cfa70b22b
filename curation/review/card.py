"""What a reviewer is shown of one pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from curation.revise import Proposal, proposals
from tamiz.kept import unsettled
from tamiz.records import KEPT_STEP, Finding, Pair
from tamiz.store import Store, StoredPair

__all__ = ["Card", "card_of", "safe_link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a reviewer is shown of one pair.

    `proposals` are findings with a change that can be taken over; `kept` is personal data that somebody lets
    stand; `warnings` are all others, with the pairs they name as witness in `witnesses`. `link` is an http or
    https address, or "". `shown_at` is when it was shown, by the store's clock; a decision sooner than QUIET_SECONDS
    after it is refused. `several` says that other people are asked about the pair too.
    """

    stored: StoredPair
    proposals: tuple[Proposal, ...]
    warnings: tuple[Finding, ...]
    kept: tuple[Finding, ...]
    witnesses: Mapping[str, Pair]
    link: str
    licence: str
    shown_at: float
    several: bool = False

    @property
    def pair(self) -> Pair:
        return self.stored.pair

    @property
    def key(self) -> str:
        """Names this version of this pair; a screen's fields carry it."""
        return f"{self.pair.id}-{self.stored.version}"


def card_of(store: Store, stored: StoredPair, *, several: bool = False) -> Card:
    """The card of a pair as it stands now, shown from now on."""
    pair = stored.pair
    every = store.findings([pair.id])[pair.id]
    findings = unsettled(every)
    offered = proposals(pair, findings)
    ids = {proposal.finding.id for proposal in offered}
    others = tuple(finding for finding in findings if finding.id not in ids)
    witnesses = store.pairs_by_id([finding.witness for finding in others if finding.witness])
    page = store.page(pair.page) if pair.page else None
    return Card(
        stored=stored,
        proposals=tuple(offered),
        warnings=others,
        kept=tuple(finding for finding in every if finding.step == KEPT_STEP),
        witnesses={name: witness.pair for name, witness in witnesses.items()},
        link=safe_link(pair.url) or safe_link(page.final_url if page else ""),
        licence=pair.licence or (page.licence if page else ""),
        shown_at=store.seconds(),
        several=several,
    )


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
