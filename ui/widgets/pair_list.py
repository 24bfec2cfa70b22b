"""Pairs one below the other, with what was searched for marked in them."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import streamlit as st

from tamiz.moves import OPEN_STATES
from tamiz.records import SealedPair
from tamiz.search import found_in, parse
from tamiz.store import StoredPair
from ui.session import Window
from ui.widgets.text import plain
from ui.wording import Words

__all__ = ["draw_pair", "marked", "pair_html", "picked"]

LONGEST = 600  # characters of a question or an answer in a list


def draw_pair(
    window: Window, stored: StoredPair, text: str, *, pick: bool, opens: Callable[[StoredPair], None]
) -> None:
    """One row: a box to mark it, its texts, and the ways to it."""
    words = window.words
    with st.container(border=True, key=f"pair-{stored.seq}"):
        whole = f"whole-{stored.seq}-{stored.version}"
        st.html(pair_html(stored, text, words, whole=bool(st.session_state.get(whole))))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if _is_long(stored):
                st.toggle(words("pairs.whole"), key=whole)
            if pick:
                st.checkbox(words("pairs.mark"), key=f"pick-{stored.seq}-{stored.version}")
            if stored.state in OPEN_STATES and window.may("decide"):
                st.button(
                    words("pairs.review"),
                    key=f"review-{stored.seq}",
                    icon=":material/rate_review:",
                    type="tertiary",
                    on_click=opens,
                    args=(stored,),
                )
            st.button(
                words("pairs.story"),
                key=f"story-{stored.seq}",
                icon=":material/account_tree:",
                type="tertiary",
                on_click=_tell,
                args=(stored,),
            )


def picked(shown: Sequence[StoredPair]) -> list[StoredPair]:
    """The rows of this page that are marked."""
    return [one for one in shown if st.session_state.get(f"pick-{one.seq}-{one.version}")]


def pair_html(stored: StoredPair, text: str, words: Words, *, whole: bool = False) -> str:
    """The texts of a pair and what is known of it, all escaped, with the searched words marked; long ones cut."""
    pair = stored.pair
    known = [words(f"state.{stored.state}"), words.known(f"language.{pair.lang}", pair.lang), pair.source, pair.label]
    chips = "".join(plain(one, tag="span", kind="tz-chip") for one in known if one)
    if isinstance(pair, SealedPair):
        return f'{plain(words("card.sealed"))}<div class="tz-chips">{chips}</div>'
    question, answer = (one if whole else _cut(one) for one in (pair.question, pair.answer))
    return (
        f'<div class="tz-text"><b>{marked(question, text)}</b></div>'
        f'<div class="tz-text">{marked(answer, text)}</div><div class="tz-chips">{chips}</div>'
    )


def marked(text: str, search: str) -> str:
    """The text escaped, with the words that a search finds in it marked.

    >>> marked("<b> Móvil", "movil")
    '&lt;b&gt; <mark>Móvil</mark>'
    """
    [spans] = found_in(parse(search), [text])
    parts, last = [], 0
    for start, end in spans:
        parts += [html.escape(text[last:start]), f"<mark>{html.escape(text[start:end])}</mark>"]
        last = end
    return "".join([*parts, html.escape(text[last:])])


def _is_long(stored: StoredPair) -> bool:
    return max(len(stored.pair.question), len(stored.pair.answer)) > LONGEST


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _tell(stored: StoredPair) -> None:
    st.session_state["pairs_go"] = "lineage"
    st.session_state["lineage_go"] = stored.pair.id
