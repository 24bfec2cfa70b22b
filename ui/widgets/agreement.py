"""How far reviewers agree, and why they reject: two tables."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from curation.review import Agreement, AgreementReport
from tamiz.rejections import reasons
from tamiz.store import Store
from ui.wording import Words

__all__ = ["GROUPS", "draw_agreement", "draw_reasons"]

GROUPS = ("people", "langs", "sources")


def draw_agreement(report: AgreementReport, words: Words) -> None:
    """All together as three figures, then each two people, language and source as a table."""
    overall = report.overall
    if not overall.pairs:
        st.info(words("agreement.none"))
        return
    pairs, percent, kappa = st.columns(3)
    pairs.metric(words("agreement.pairs"), f"{overall.pairs}")
    percent.metric(words("agreement.percent"), _share(overall))
    kappa.metric(words("agreement.fleiss"), _kappa(overall), help=words("agreement.kappa_help"))
    if overall.why:
        st.caption(words(f"agreement_why.{overall.why}"))
    people = {f"{one} · {other}": told for (one, other), told in report.people.items()}
    langs = {words.known(f"language.{code}", code): told for code, told in report.langs.items()}
    named = zip(GROUPS, (people, langs, report.sources), strict=True)
    rows = [
        _row(words(f"agreement_of.{group}"), name, told, words)
        for group, table in named
        for name, told in table.items()
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def draw_reasons(store: Store, words: Words) -> None:
    """Rejections by reason, and who gave it where."""
    found = reasons(store)
    if not found:
        return
    st.subheader(words("reasons.title"))
    by_reason: Counter[str] = Counter()
    for one in found:
        by_reason[one.reason if one.by.startswith("person:") else one.by] += one.pairs
    rows = [
        {words("reasons.reason"): _reason(reason, words), words("reasons.pairs"): n}
        for reason, n in by_reason.most_common()
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
    with st.expander(words("reasons.more")):
        table = [
            {
                words("reasons.reason"): _reason(one.reason if one.by.startswith("person:") else one.by, words),
                words("reasons.source"): one.source,
                words("reasons.by"): one.by.partition(":")[2],
                words("reasons.pairs"): one.pairs,
            }
            for one in found
        ]
        st.dataframe(table, hide_index=True, width="stretch")


def _row(group: str, name: str, told: Agreement, words: Words) -> dict[str, str | int]:
    return {
        words("agreement.of"): group,
        words("agreement.name"): name or "—",
        words("agreement.pairs"): told.pairs,
        words("agreement.percent"): _share(told),
        words("agreement.kappa"): _kappa(told) if not told.why else words(f"agreement_why.{told.why}"),
    }


def _reason(reason: str, words: Words) -> str:
    if reason.startswith("rule:"):
        return words("reasons.rule", name=reason.removeprefix("rule:"))
    return words.known(f"reason.{reason}", reason) if reason else words("reasons.none")


def _share(told: Agreement) -> str:
    return "—" if told.percent is None else f"{told.percent:.0%}"


def _kappa(told: Agreement) -> str:
    return "—" if told.kappa is None else f"{told.kappa:.2f}"
