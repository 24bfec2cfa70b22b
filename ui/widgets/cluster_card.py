"""Pairs that are alike, side by side: the kept one on the left, the others with the words in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import streamlit as st

from curation.clusters import Alike, Cluster, duplicate_of
from curation.copy_notes import CopyNote, Differs, Preferred
from curation.revise import Segment
from tamiz.store import Event, StoredPair
from ui.session import Window
from ui.widgets.diff import diff_html
from ui.widgets.merge_form import draw_form
from ui.widgets.text import plain
from ui.widgets.trace import draw_trace
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["DIFFERS", "PREFERRED", "draw_cluster"]

Press = Callable[[str, Cluster, str], None]  # what is done, with which cluster, about which of its pairs
PREFERRED = tuple(filter(None, get_args(Preferred)))
DIFFERS = tuple(filter(None, get_args(Differs)))
LEAST_SAME = 0.4  # of a text; where less of it is in the kept one, it is shown as it is
LONGEST = 2_000  # characters of a text that are drawn


def draw_cluster(cluster: Cluster, window: Window, press: Press) -> None:
    """One cluster with its buttons; none for those who may only look."""
    words = window.words
    with st.container(border=True, key=f"cluster-{cluster.key}"):
        st.html(f'<div class="tz-chips">{_chips(cluster, words)}</div>')
        left, right = st.columns(2, gap="medium")
        with left:
            _draw_kept(cluster, window, press)
        with right:
            for number, alike in enumerate(cluster.alike):
                if number:
                    st.divider()
                _draw_alike(cluster, alike, window, press)
            if cluster.more:
                st.caption(words("alike.more", pairs=cluster.more))


def _chips(cluster: Cluster, words: Words) -> str:
    kinds = dict.fromkeys([cluster.lead.kind, *(alike.finding.kind for alike in cluster.alike)])
    said = [words.known(f"finding.{kind}", kind) for kind in kinds]
    said.append(words("alike.size", pairs=cluster.size + 1))
    if cluster.waiting:
        said.append(words("alike.waiting", pairs=cluster.waiting))
    if cluster.several:
        said.append(words("alike.several", pairs=len(cluster.several)))
    return "".join(plain(chip, tag="span", kind="tz-chip") for chip in said)


def _draw_kept(cluster: Cluster, window: Window, press: Press) -> None:
    words, stored = window.words, cluster.kept
    _draw_head(words("alike.kept"), stored, words)
    st.html(_text(stored.pair.question, "tz-text tz-question") + _text(stored.pair.answer, "tz-text tz-answer"))
    _draw_rejection(cluster.rejected, words)
    draw_trace(window, stored.pair.id)
    if not window.may("decide"):
        return
    others = sum(pair != stored.pair.id for pair in cluster.versions)
    with st.container(horizontal=True, gap="small"):
        kind: Literal["primary", "secondary"] = "primary" if cluster.waiting else "secondary"
        _button("keep", words("alike.keep_all"), "merge", cluster, stored, press, kind=kind)
        if others > 1:
            _button("apart", words("alike.split_all"), "call_split", cluster, stored, press)
    draw_form(cluster, window, press)


def _draw_alike(cluster: Cluster, alike: Alike, window: Window, press: Press) -> None:
    words, pair = window.words, alike.pair
    _draw_head(words.known(f"finding.{alike.finding.kind}", alike.finding.kind), alike.stored, words)
    for name, segments in (("question", alike.question), ("answer", alike.answer)):
        same = all(op == "equal" for op, _ in segments) and getattr(pair, name) == getattr(cluster.kept.pair, name)
        title = words(f"same.{name}") if same else words(f"field.{name}")
        st.html(plain(title, kind="tz-small"))
        if not same:
            drawn = [(op, text[:LONGEST]) for op, text in segments]
            st.html(diff_html(drawn) if _close(segments) else _text(getattr(pair, name), "tz-text tz-answer"))
    said = "".join(plain(line, kind="tz-small") for line in _told(alike.note, words))
    st.html(said)
    _draw_rejection(alike.rejected, words)
    decides = window.may("decide")
    if decides:
        with st.container(horizontal=True, gap="small"):
            _button("keep", words("alike.keep"), "swap_horiz", cluster, alike.stored, press)
            _button("split", words("alike.split"), "call_split", cluster, alike.stored, press)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        draw_trace(window, pair.id)
        if decides:
            _button("take", words("alike.take"), "content_copy", cluster, alike.stored, press, kind="tertiary")


def _close(segments: Sequence[Segment]) -> bool:
    """Whether enough is the same for the differences to be read in it."""
    same, every = (sum(len(text) for op, text in segments if op in ops) for ops in (("equal",), ("equal", "insert")))
    return same >= LEAST_SAME * every


def _draw_head(title: str, stored: StoredPair, words: Words) -> None:
    pair = stored.pair
    chips = [words(f"state.{stored.state}"), pair.source or words(f"kind.{pair.kind}")]
    if pair.accepted is not None:
        chips.append(words("card.accepted" if pair.accepted else "card.not_accepted"))
    if pair.votes is not None:
        chips.append(words("card.votes", votes=pair.votes))
    if pair.written_at:
        chips.append(pair.written_at[:10])
    drawn = "".join(plain(chip, tag="span", kind="tz-chip") for chip in chips)
    st.html(f'<div class="tz-chips">{plain(title, tag="b")}{drawn}</div>{plain(pair.url, kind="tz-small")}')


def _told(note: CopyNote, words: Words) -> list[str]:
    """How alike, in what different, and why the other one was preferred."""
    lines = []
    if note.question is not None and note.answer is not None:
        lines.append(words("alike.similar", question=f"{note.question:.2f}", answer=f"{note.answer:.2f}"))
    elif note.question is not None:
        lines.append(words("alike.similar_question", question=f"{note.question:.2f}"))
    if note.differs:
        lines.append(words(f"differs.{note.differs}", words=note.words))
    if note.preferred:
        lines.append(words(f"preferred.{note.preferred}", values=note.values))
    return lines


def _draw_rejection(event: Event | None, words: Words) -> None:
    if event is None:
        return
    kind, _, name = event.actor.partition(":")
    by = words("alike.by_rule", rule=name) if kind == "rule" else words("alike.by_person", person=name)
    said = words("alike.rejected", by=by, at=moment(event.at))
    of = duplicate_of(event)
    said += f" · {words('alike.witness', pair=of[:12])}" if of else f" · {event.reason}" if event.reason else ""
    st.html(f'<div class="tz-warning">{plain(said)}</div>')


def _text(text: str, kind: str) -> str:
    return plain(text if len(text) <= LONGEST else f"{text[:LONGEST]} …", kind=kind)


def _button(
    act: str,
    label: str,
    icon: str,
    cluster: Cluster,
    stored: StoredPair,
    press: Press,
    *,
    kind: Literal["primary", "secondary", "tertiary"] = "secondary",
) -> None:
    st.button(
        label,
        key=f"cluster-{act}-{cluster.key}-{stored.pair.id}",
        icon=f":material/{icon}:",
        type=kind,
        on_click=press,
        args=(act, cluster, stored.pair.id),
    )
