"""Everything personal in one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from curation.privacy.accounts import find_accounts
from curation.privacy.addresses import find_addresses
from curation.privacy.contacts import find_emails, find_phones
from curation.privacy.devices import find_devices
from curation.privacy.folding import Folded, fold
from curation.privacy.identities import find_identities
from curation.privacy.people import find_people
from curation.privacy.personal import Personal
from curation.privacy.references import find_references
from curation.privacy.secrets import find_secrets

__all__ = ["find_contacts", "find_personal"]

Recogniser = Callable[[str, str], Iterator[Personal]]

# Each is given the folded text and its language. A kind of "" marks what is surely nobody's, such as a version.
RECOGNISERS: tuple[Recogniser, ...] = (
    find_secrets,
    find_emails,
    find_accounts,
    find_identities,
    find_devices,
    find_phones,
    find_references,
    find_addresses,
    find_people,
)
_CONTACTS: tuple[Recogniser, ...] = (
    find_emails,
    find_accounts,
    find_identities,
    find_devices,
    find_phones,
    find_addresses,
)
_MAY_HOLD = re.compile(r"@|\d.{0,3}\d|arroba|\bat\b", re.IGNORECASE)
LEAST = 0.5  # what is less sure is not worth a person's look
ROUNDS = 4


def find_personal(text: str, lang: str = "und") -> list[Personal]:
    """The personal data and secrets in this text, in order, none overlapping.

    `lang` is an ISO 639-1 code, or "und"; it says which countries' numbers are likelier. Masks are
    never found again, and a text in which all of it is masked has nothing more to be found.

    >>> find_personal("Escríbeme a ana@correo.example", "es")
    [Personal('email', 12, 30, confidence=0.98)]
    """
    folded = fold(text)
    found: list[Personal] = []
    for _ in range(ROUNDS):  # what stood behind another thing shows when that is masked
        new = _look(folded, lang)
        if not new:
            break
        for one in new:
            start, end = folded.original(one.start, one.end)
            found.append(Personal(one.kind, start, end, one.value, one.confidence, one.note))
        folded = folded.hidden([(one.start, one.end) for one in new])
    return sorted(found, key=lambda one: one.start)


def find_contacts(text: str, lang: str, kinds: Collection[str]) -> list[Personal]:
    """The contacts of these kinds in a text, at less cost than everything in it: what `learn` counts."""
    if not _MAY_HOLD.search(text):
        return []
    return [one for one in _look(fold(text), lang, _CONTACTS) if one.kind in kinds]


def _look(folded: Folded, lang: str, recognisers: Sequence[Recogniser] = RECOGNISERS) -> list[Personal]:
    candidates = [one for recogniser in recognisers for one in recogniser(folded.text, lang)]
    return [one for one in _apart(candidates) if one.kind]


def _apart(candidates: Iterable[Personal]) -> list[Personal]:
    """Those that do not overlap: the surest first, then the longest; in order."""
    ranked = sorted(candidates, key=lambda one: (-one.confidence, one.start - one.end, one.start))
    kept: list[Personal] = []
    taken: set[int] = set()
    for one in ranked:
        places = range(one.start, one.end)
        if one.confidence >= LEAST and one.end > one.start and taken.isdisjoint(places):
            kept.append(one)
            taken.update(places)
    return sorted(kept, key=lambda one: one.start)
