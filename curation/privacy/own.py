"""The company's own contacts: said in tamiz.toml, or found in the answers of many pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from curation.privacy.find import find_contacts, find_personal
from tamiz.records import Pair

__all__ = ["CONTACT_KINDS", "OwnContacts", "learn_contacts", "own_contacts"]

CONTACT_KINDS = frozenset({"email", "phone", "address", "cif", "cuit", "rut", "nit", "rfc", "iban"})
_DOMAIN = re.compile(r"@?(?P<domain>(?:[\w-]+\.)+[a-z]{2,24})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """What is left as it is: (kind, value) of single contacts, and domains whose e-mail addresses all are."""

    contacts: frozenset[tuple[str, str]] = frozenset()
    domains: frozenset[str] = frozenset()
    pages: dict[tuple[str, str], int] = field(default_factory=dict)

    def has(self, kind: str, value: str) -> bool:
        if (kind, value) in self.contacts:
            return True
        host = value.rpartition("@")[2]
        return kind == "email" and any(host == domain or host.endswith("." + domain) for domain in self.domains)

    def why(self, kind: str, value: str) -> str:
        pages = self.pages.get((kind, value), 0)
        return f"kept: in answers of {pages} pages" if pages else "kept: named in [curation.privacy] keep"


def own_contacts(keep: Iterable[str], learnt: dict[tuple[str, str], int]) -> OwnContacts:
    """Those of the setting `keep` (addresses, numbers, domains) and those that were learnt."""
    contacts, domains = set(learnt), set()
    for entry in keep:
        if (domain := _DOMAIN.fullmatch(entry.strip())) is not None:
            domains.add(domain["domain"].casefold())
            continue
        for lang in ("es", "en"):
            contacts |= {(one.kind, one.value) for one in find_personal(f"tel. {entry}", lang)}
            contacts |= {(one.kind, one.value) for one in find_personal(entry, lang)}
    return OwnContacts(frozenset(contacts), frozenset(domains), dict(learnt))


def learn_contacts(pairs: Iterable[Pair], known_pages: int) -> dict[tuple[str, str], int]:
    """Contacts in the answers of at least so many pages, with the number of pages; 0 learns none.

    What customers write is in questions, and is never learnt. Of answers in forums, those by at least two
    people are needed: one person's own signature is on many pages, too.
    """
    if known_pages < 1:
        return {}
    pages: dict[tuple[str, str], set[str]] = {}
    authors: dict[tuple[str, str], set[str]] = {}
    for pair in pairs:
        for one in find_contacts(pair.answer, pair.lang, CONTACT_KINDS):
            pages.setdefault((one.kind, one.value), set()).add(pair.page or pair.url.partition("#")[0] or pair.group)
            authors.setdefault((one.kind, one.value), set()).add(pair.author)
    return {
        contact: len(where)
        for contact, where in pages.items()
        if len(where) >= known_pages and _by_several(authors[contact])
    }


def _by_several(authors: Collection[str]) -> bool:
    return "" in authors or len(authors) > 1
