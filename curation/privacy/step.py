"""The step `privacy`: each piece of personal data as a finding of its kind, with the mask as what it proposes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from curation.pair_texts import texts_of
from curation.privacy.kinds import KINDS
from curation.privacy.masks import Masked, find_in_texts
from curation.privacy.own import learn_contacts, own_contacts
from tamiz.records import PRIVACY_STEP, Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["COMPANY_CONTACT", "PrivacyStep"]

VERSION = 1  # of what is recognised; pairs are looked at again when it grows
COMPANY_CONTACT = "company_contact"


class PrivacyStep:
    """Findings whose kind is the kind of personal data, and `company_contact` for what is left as the company's own.

    All texts of a pair are looked at, and the same thing has the same mask in all of them.
    """

    name = PRIVACY_STEP

    def __init__(self, settings: CurationSettings) -> None:
        self._settings = settings.privacy
        self._kinds = frozenset(settings.privacy.kinds or KINDS)
        self._learnt: dict[tuple[str, str], int] = {}
        self._own = own_contacts(settings.privacy.keep, {})

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "kinds": sorted(self._kinds),
            "keep": self._settings.keep,
            "own": sorted(self._learnt),
        }

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Find the company's own contacts: those in the answers of many pages."""
        self._learnt = learn_contacts(pairs, self._settings.known_pages)
        self._own = own_contacts(self._settings.keep, self._learnt)

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            texts = dict(texts_of(pair))
            for one in find_in_texts(texts, pair.lang, kinds=self._kinds, own=self._own):
                yield self._finding(pair, texts[one.field], one)

    def _finding(self, pair: Pair, text: str, found: Masked) -> Finding:
        one = found.personal
        risk = f"{KINDS[one.kind].risk} risk"
        return Finding(
            pair=pair.id,
            step=self.name,
            kind=COMPANY_CONTACT if found.own else one.kind,
            field=found.field,
            start=one.start,
            end=one.end,
            before=text[one.start : one.end],  # sealed with the pair's own text once it is masked
            after=None if found.own else found.mask,
            confidence=one.confidence,
            note=self._own.why(one.kind, one.value) if found.own else f"{risk}; {one.note}" if one.note else risk,
        )
