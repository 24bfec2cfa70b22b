"""How good the pairs of each source are."""

from __future__ import annotations

import html

import streamlit as st

from curation.review import Progress
from tamiz.activity import SourceCounts, SourceSample, count_sources, sample_source
from tamiz.store import Store
from ui.session import Window
from ui.widgets.funnel import parts_html
from ui.wording import Words

__all__ = ["draw_quality"]

SOURCES = 12  # shown; those with most pairs
LOOKED_AT = 200  # pairs of a source
SECONDS_KEPT = 60
SHOWN = 3  # kinds of findings, reasons


def draw_quality(window: Window) -> None:
    """Draw each source with what became of its pairs, and what its newest ones are like."""
    words = window.words
    sources = count_sources(window.store)
    cards = [
        _card_html(one, _sample(window.store, str(window.project.folder), one.source), words)
        for one in sources[:SOURCES]
    ]
    st.html(f'<div class="tz-cards">{"".join(cards)}</div>')
    more = words("quality.more", number=len(sources) - SOURCES) if len(sources) > SOURCES else ""
    note = words("quality.note", limit=LOOKED_AT)
    st.html(f'<div class="tz-small">{html.escape(" ".join(filter(None, (note, more))))}</div>')


@st.cache_data(ttl=SECONDS_KEPT, show_spinner=False)
def _sample(_store: Store, folder: str, source: str) -> SourceSample:
    return sample_source(_store, source, limit=LOOKED_AT)


def _card_html(counts: SourceCounts, sample: SourceSample, words: Words) -> str:
    progress = Progress.of(counts.states)
    parts = {"accepted": progress.accepted, "rejected": progress.rejected, "open": progress.open, "new": progress.new}
    facts = [words("quality.counts", pages=f"{counts.pages:,}", pairs=f"{counts.pairs:,}")]
    if sample.pairs:
        findings = f"{sample.findings.total() / sample.pairs:.1f}"
        facts.append(words("quality.sample", findings=findings, confidence=f"{sample.confidence:.2f}"))
    lines = [f'<div class="tz-small">{html.escape(" · ".join(facts))}</div>']
    if sample.findings:
        kinds = [(words.known(f"finding.{kind}", kind), count) for kind, count in sample.findings.most_common(SHOWN)]
        lines.append(_ranked(words("quality.findings"), kinds))
    if sample.reasons:
        reasons = [(_reason(reason, words), count) for reason, count in sample.reasons.most_common(SHOWN)]
        lines.append(_ranked(words("quality.reasons"), reasons))
    name = html.escape(counts.source or words("quality.no_source"))
    return f'<section class="tz-card"><h4>{name}</h4>{parts_html(parts, words)}{"".join(lines)}</section>'


def _reason(reason: str, words: Words) -> str:
    if reason.startswith("rule:"):
        return words("actor.rule", name=reason.removeprefix("rule:"))
    return words.known(f"reason.{reason}", reason) or words("quality.no_reason")


def _ranked(title: str, rows: list[tuple[str, int]]) -> str:
    told = ", ".join(f"{name} ({count:,})" for name, count in rows)
    return f'<div class="tz-small"><b>{html.escape(title)}</b> {html.escape(told)}</div>'
