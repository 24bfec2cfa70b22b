"""The gate of an export: no personal data that would do more harm than [export] max_risk allows goes out.

It looks at every text that would be written with the recognisers themselves, whatever steps have run. Contacts that
the step took for the company's own pass, and so does what a person has let stand. It tells where something is and
of which kind, never what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from curation.pair_texts import texts_of, with_texts
from curation.privacy import RISKS, Personal, find_personal
from curation.privacy.masks import Masked, find_in_texts, mask_texts
from curation.privacy.own import OwnContacts, own_contacts
from curation.privacy.step import COMPANY_CONTACT
from tamiz.decisions import judge
from tamiz.errors import PersonalData
from tamiz.kept import found_texts
from tamiz.project import Project
from tamiz.records import KEPT_STEP, PRIVACY_STEP, Finding, Pair, Verdict
from tamiz.store import Store
from tamiz.wording import plural

__all__ = ["Gate", "Settled", "Unmasked", "examine", "look_at", "mask_accepted", "masked_address", "require_masked"]

MaxRisk = Literal["none", "low", "medium", "high"]
ORDER = ("none", "low", "medium", "high")
NOBODY = OwnContacts()
BY = "rule:mask-for-export"
MASKED_AT_EXPORT = "export"
IN_ADDRESSES = ("credentials", "email", "password", "secret")  # numbers in a path are those of pages
NAMED = 8  # pairs in the message; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """Personal data of this kind in a field of an accepted pair."""

    pair: str
    field: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the texts of an export hold: refused, or passed because the risk is small enough, because it is the
    company's own, or because a person let it stand; each by kind."""

    max_risk: MaxRisk
    texts: int
    refused: tuple[Unmasked, ...] = ()
    low_risk: Mapping[str, int] = field(default_factory=dict)
    company: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)

    def facts(self) -> dict[str, object]:
        """What the manifest says of it."""
        passed = {"low_risk": dict(self.low_risk), "company": dict(self.company), "kept_by_people": dict(self.kept)}
        return {"max_risk": self.max_risk, "texts": self.texts, "refused": len(self.refused), **passed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What may pass whatever its kind: the company's contacts, and what people let stand, by pair."""

    own: OwnContacts = NOBODY
    company: frozenset[str] = frozenset()
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Mapping[str, Iterable[Finding]], own: OwnContacts, company: Collection[str]) -> Settled:
        kept = {pair: {one.before for one in found if one.step == KEPT_STEP} for pair, found in findings.items()}
        return cls(own=own, company=_keys(company), kept={pair: _keys(texts) for pair, texts in kept.items() if texts})

    def why(self, pair: Pair, text: str, found: Personal) -> Literal["", "company", "kept"]:
        keys = {_squeezed(found.value), _squeezed(text[found.start : found.end])}
        if self.own.has(found.kind, found.value) or keys & self.company:
            return "company"
        return "kept" if keys & self.kept.get(pair.id, frozenset()) else ""


def examine(pairs: Iterable[Pair], settled: Settled, *, max_risk: MaxRisk) -> Gate:
    """Look at every text of these pairs."""
    refused: list[Unmasked] = []
    passed: dict[str, Counter[str]] = {name: Counter() for name in ("low_risk", "company", "kept")}
    texts = 0
    for pair in pairs:
        for name, text in texts_of(pair):
            texts += 1
            for found in find_personal(text, pair.lang):
                small = ORDER.index(RISKS[found.kind]) <= ORDER.index(max_risk)
                why = "low_risk" if small else settled.why(pair, text, found)
                if why:
                    passed[why][found.kind] += 1
                else:
                    refused.append(Unmasked(pair=pair.id, field=name, kind=found.kind))
    counts = {name: dict(sorted(found.items())) for name, found in passed.items()}
    return Gate(max_risk=max_risk, texts=texts, refused=tuple(refused), **counts)


def settled_in(project: Project, store: Store, pairs: Sequence[Pair]) -> Settled:
    """What the settings, the step and people have settled about these pairs."""
    findings = store.findings([pair.id for pair in pairs])
    company = found_texts(store, PRIVACY_STEP, (COMPANY_CONTACT,))
    return Settled.of(findings, own_contacts(project.settings.curation.privacy.keep, {}), company)


def look_at(project: Project, store: Store, pairs: Sequence[Pair]) -> Gate:
    """Look at these pairs of the store with all that is known of them."""
    return examine(pairs, settled_in(project, store, pairs), max_risk=project.settings.export.max_risk)


def mask_accepted(project: Project, store: Store) -> int:
    """Mask in accepted pairs what the gate would refuse; how many pairs. The masked pairs are accepted, too."""
    stored = list(store.pairs("accepted"))
    settled = settled_in(project, store, [one.pair for one in stored])
    verdicts = []
    for one in stored:
        texts = dict(texts_of(one.pair))
        found = _to_mask(one.pair, texts, settled, project.settings.export.max_risk)
        if not found:
            continue
        store.add_look(PRIVACY_STEP, MASKED_AT_EXPORT, [one.pair.id], [_finding(one.pair, texts, it) for it in found])
        made = with_texts(one.pair, mask_texts(texts, found))
        made = replace(made, made_from=(one.pair.id,), made_by=BY)
        kinds = ", ".join(sorted({it.personal.kind for it in found}))
        reason = f"masked for an export: {kinds}"
        verdicts.append(
            Verdict(pair=one.pair.id, version=one.version, decision="accept", by=BY, reason=reason, edited=made)
        )
    return sum(judge(store, [verdict]).done for verdict in verdicts)


def _to_mask(pair: Pair, texts: Mapping[str, str], settled: Settled, max_risk: MaxRisk) -> list[Masked]:
    return [
        one
        for one in find_in_texts(texts, pair.lang)
        if ORDER.index(RISKS[one.personal.kind]) > ORDER.index(max_risk)
        and not settled.why(pair, texts[one.field], one.personal)
    ]


def _finding(pair: Pair, texts: Mapping[str, str], found: Masked) -> Finding:
    one = found.personal
    return Finding(
        pair=pair.id,
        step=PRIVACY_STEP,
        kind=one.kind,
        field=found.field,
        start=one.start,
        end=one.end,
        before=texts[found.field][one.start : one.end],
        after=found.mask,
        confidence=one.confidence,
    )


def masked_address(url: str) -> str:
    """The address of a page without the mail address, password or token that somebody's link to it held.

    >>> masked_address("https://foro.example/entrar?user=ana@correo.example&p=2")
    'https://foro.example/entrar?user=<EMAIL_1>&p=2'
    """
    texts = {"url": url}
    return mask_texts(texts, find_in_texts(texts, "und", kinds=IN_ADDRESSES))["url"]


def require_masked(gate: Gate) -> None:
    """PersonalData, naming pairs, fields and kinds, where something may not go out."""
    if not gate.refused:
        return
    by_pair: dict[str, list[str]] = {}
    for one in gate.refused:
        by_pair.setdefault(one.pair, []).append(f"{one.kind} in {one.field}")
    named = [f"{pair} ({', '.join(sorted(set(places)))})" for pair, places in list(by_pair.items())[:NAMED]]
    more = f" and {len(by_pair) - NAMED:,} more" if len(by_pair) > NAMED else ""
    raise PersonalData(
        f"nothing is exported: {plural(len(by_pair), 'accepted pair holds', 'accepted pairs hold')} personal data "
        f'above [export] max_risk = "{gate.max_risk}": {", ".join(named)}{more}. '
        "To mask it: tamiz export --mask; to look at a pair first: tamiz lineage PAIR; the company's own contacts can "
        "be named in [curation.privacy] keep"
    )


def _keys(texts: Collection[str]) -> frozenset[str]:
    """What these texts are compared by: their letters and digits, and the value that is recognised in them."""
    values = {found.value for text in texts for lang in ("es", "en") for found in find_personal(text, lang)}
    return frozenset({_squeezed(text) for text in (*texts, *values)} - {""})


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
