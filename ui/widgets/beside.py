"""What a reviewer may want beside the pair: its page, the pairs most like it, and what people have said of it.

Each part is drawn only where it is open, and stays open for the pairs that follow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from curation.excerpt import Excerpt, Part, excerpt_of
from curation.nearby import Neighbour, nearby
from curation.review import Card, safe_link, word_diff
from ui.session import Window
from ui.widgets.diff import diff_html
from ui.widgets.said import draw_said
from ui.widgets.text import plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["FOLDS", "draw_beside"]

FOLDS = {"page": "article", "said": "forum"}

COMPARED = 0.5  # likeness below which a comparison word by word would only be a tangle


def draw_beside(window: Window, by: str, card: Card) -> None:
    """Draw the three parts under the form, each a fragment of its own."""
    _draw_nearby(window, card)
    _fold("page", window, card, partial(_draw_excerpt, window, card))
    _fold("said", window, card, partial(draw_said, window, by, card))


@st.fragment
def _fold(name: str, window: Window, card: Card, draw: Callable[[], None]) -> None:
    """An expander whose content is worked out when it is opened."""
    words = window.words
    opened = st.session_state.setdefault("beside_open", {})
    key = f"beside-{name}-{card.key}"
    fold = st.expander(
        words(f"beside.{name}"),
        expanded=opened.get(name, False),
        icon=f":material/{FOLDS[name]}:",
        key=key,
        on_change="rerun",
    )
    opened[name] = bool(fold.open)
    if fold.open:
        with fold:
            draw()


@st.fragment(parallel=True)
def _draw_nearby(window: Window, card: Card) -> None:
    """Its neighbours are looked for while the pair is already there to be read."""
    words = window.words
    found = nearby(window.store, card.pair)
    against = [one for one in found if one.contradicts]
    if against:
        st.html("".join(_contradiction_html(one, words) for one in against))
    opened = st.session_state.setdefault("beside_open", {})
    label = words("beside.nearby", pairs=len(found))
    key = f"beside-nearby-{card.key}"
    fold = st.expander(
        label, expanded=opened.get("nearby", False), icon=":material/join_inner:", key=key, on_change="rerun"
    )
    opened["nearby"] = bool(fold.open)
    if fold.open:
        with fold:
            if not found:
                st.caption(words("nearby.none"))
            for one in found:
                _draw_neighbour(one, card, words)


def _contradiction_html(one: Neighbour, words: Words) -> str:
    other = one.stored.pair
    head = words("nearby.contradicts", state=words(f"state.{one.stored.state}"))
    return (
        f'<div class="tz-warning" role="note">{plain(head, tag="b")}{plain(other.question)}{plain(other.answer)}</div>'
    )


def _draw_neighbour(one: Neighbour, card: Card, words: Words) -> None:
    other = one.stored.pair
    chips = [
        words(f"state.{one.stored.state}"),
        words("nearby.alike", question=f"{one.question:.2f}", answer=f"{one.answer:.2f}"),
    ]
    shown = "".join(plain(chip, tag="span", kind="tz-chip") for chip in chips)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<div class="tz-chips">{shown}</div>')
            if link := safe_link(other.url):
                st.link_button(words("card.open_page"), link, icon=":material/open_in_new:", type="tertiary")
        parts = []
        for field in ("question", "answer"):
            parts.append(plain(words(f"field.{field}"), tag="b", kind="tz-small"))
            here, there = getattr(card.pair, field), getattr(other, field)
            alike = getattr(one, field) >= COMPARED
            parts.append(diff_html(word_diff(here, there)) if alike else plain(there))
        st.html("".join(parts))


def _draw_excerpt(window: Window, card: Card) -> None:
    words = window.words
    excerpt = excerpt_of(window.store, window.project.pages, card.pair)
    if excerpt.missing:
        st.info(words(f"excerpt.{excerpt.missing}"))
        if excerpt.note:
            st.html(plain(excerpt.note, kind="tz-small"))
    else:
        st.html(_excerpt_html(excerpt, words))
    if excerpt.fetched_at:
        st.caption(words("excerpt.fetched", at=moment(excerpt.fetched_at)))
    if card.link:
        st.link_button(words("card.open_page"), card.link, icon=":material/open_in_new:", type="tertiary")


def _excerpt_html(excerpt: Excerpt, words: Words) -> str:
    lines = ["".join(_part_html(part, words) for part in parts) for parts in excerpt.paragraphs]
    return f'<div class="tz-excerpt">{"".join(f"<p>{line}</p>" for line in lines)}</div>'


def _part_html(part: Part, words: Words) -> str:
    kind, text = part
    if kind == "gap":
        return plain("…", tag="span", kind="tz-small")
    if kind == "text":
        return plain(text, tag="span")
    name = plain(words(f"field.{kind}"), tag="span", kind="tz-only-read")
    return f"<mark class='tz-{kind}'>{name} {plain(text, tag='span')}</mark>"
