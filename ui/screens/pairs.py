"""The pairs screen: find any pairs of a project, however many it has, and decide about many of them at once."""

from __future__ import annotations

import streamlit as st

from curation.bulk import BulkDesk
from curation.revise import Refused
from tamiz.browse import Found, Key, Order, count, page
from tamiz.errors import InputError
from tamiz.filters import Filter
from tamiz.people import permit
from tamiz.store import StoredPair
from ui.session import Window
from ui.widgets.bulk_form import draw_bulk, draw_bulk_notice, draw_history, drop_preview
from ui.widgets.pair_filter import draw_filter, forget_filter
from ui.widgets.pair_list import draw_pair, picked
from ui.widgets.text import literal, show_plain

__all__ = ["show"]

SIZE = 20
AFTER = "pairs_after"  # where the pages before this one began
COUNTED = 0.3  # seconds that counting may take
LOOKED = 1.0  # seconds that a page may be looked for


def show(window: Window) -> None:
    """Draw the fields of the filter, what it finds, and what can be done with all of it."""
    words = window.words
    go = st.session_state.pop("pairs_go", "")
    if go in window.pages:
        window.go(go)
    show_plain(words("screen.pairs"), kind="tz-title")
    permit(window.store, window.by, "look")
    try:
        chosen, order = draw_filter(window, _begin_again)
    except InputError as error:
        st.warning(literal(str(error)))
        return
    try:
        desk = BulkDesk(window.store, window.reviewer, window.project.settings.review)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    after: list[Key] = st.session_state.setdefault(AFTER, [])
    found = page(window.store, chosen, order=order, after=after[-1] if after else None, size=SIZE, patience=LOOKED)
    _draw_count(window, chosen)
    draw_bulk_notice(desk, words)
    if window.may("decide"):
        draw_bulk(desk, chosen, found.pairs, words)
    _draw_pairs(window, chosen, order, found)
    _draw_turning(window, found)
    draw_history(desk, words)


def _draw_count(window: Window, chosen: Filter) -> None:
    words, there = window.words, count(window.store, chosen, patience=COUNTED)
    asked = chosen.as_dict()
    line, clear = st.columns([4, 1], vertical_alignment="center")
    number = f"{there.pairs:,}"
    told = words("pairs.exactly", pairs=number) if there.exact else words("pairs.at_least", pairs=number)
    line.markdown(f"**{told}**")
    if asked:
        icon = ":material/clear:"
        clear.button(words("pairs.clear"), key="pairs-clear", type="tertiary", icon=icon, on_click=_forget)


def _draw_pairs(window: Window, chosen: Filter, order: Order, found: Found) -> None:
    words = window.words
    if not found.pairs and found.after is None:
        st.info(words("pairs.nothing") if chosen.as_dict() else words("pairs.no_pairs"))
        return
    decides = window.may("decide")
    if decides and found.pairs:
        every = len(picked(found.pairs)) == len(found.pairs)
        label = words("pairs.unmark_page") if every else words("pairs.mark_page")
        st.button(label, key="pairs-mark", type="tertiary", on_click=_mark, args=(found.pairs, not every))
    for stored in found.pairs:
        draw_pair(window, stored, chosen.text, pick=decides, opens=_review)


def _draw_turning(window: Window, found: Found) -> None:
    words = window.words
    after: list[Key] = st.session_state[AFTER]
    if not found.whole and found.after is not None:
        st.caption(words("pairs.so_far"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            words("pairs.previous"),
            key="pairs-previous",
            icon=":material/chevron_left:",
            disabled=not after,
            on_click=_back,
        )
        st.button(
            words("pairs.next") if found.whole else words("pairs.look_on"),
            key="pairs-next",
            icon=":material/chevron_right:",
            disabled=found.after is None,
            on_click=after.append,
            args=(found.after,),
        )


def _back() -> None:
    st.session_state[AFTER].pop()


def _begin_again() -> None:
    st.session_state[AFTER] = []
    drop_preview()


def _forget() -> None:
    forget_filter()
    _begin_again()


def _mark(shown: tuple[StoredPair, ...], mark: bool) -> None:
    for one in shown:
        st.session_state[f"pick-{one.seq}-{one.version}"] = mark


def _review(stored: StoredPair) -> None:
    st.session_state["pairs_go"] = "review"
    st.session_state["stay_at"] = stored.pair.id
