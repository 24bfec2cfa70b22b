"""What an edit teaches about other pairs, offered under the next pair: seen first, done as one, taken back as one.

It is looked for while the next pair is there to be read, has no key of its own and takes no focus.
"""

from __future__ import annotations

import streamlit as st

from curation.bulk import BulkDesk
from curation.learned import Offer, apply_offer, offers
from curation.review import word_diff
from tamiz.errors import TamizError
from tamiz.records import Pair, SealedPair
from ui.session import Window
from ui.widgets.diff import diff_html
from ui.widgets.text import literal, plain

__all__ = ["draw_offers", "learn_from"]

MOST_OFFERS = 3
EDIT, OFFERED, DONE = "learn_edit", "learn_offered", "learn_done"


def learn_from(original: Pair, edited: Pair) -> None:
    """Look for more of the same edit when the next pair is drawn."""
    if edited.id == original.id or isinstance(edited, SealedPair):
        return
    st.session_state[EDIT] = (original, edited)
    for name in (OFFERED, DONE):
        st.session_state.pop(name, None)


@st.fragment(parallel=True)
def draw_offers(window: Window) -> None:
    """Draw what the latest edit could do elsewhere, or what was done with it; nothing where there is nothing."""
    edit = st.session_state.pop(EDIT, None)
    if edit is not None:
        original, edited = edit
        found, _ = offers(window.store, original, edited, window.by)
        st.session_state[OFFERED] = found[:MOST_OFFERS]
    _draw_done(window)
    for number, offer in enumerate(st.session_state.get(OFFERED, [])):
        _draw_offer(window, number, offer)


def _draw_offer(window: Window, number: int, offer: Offer) -> None:
    words, pairs = window.words, len(offer.pairs)
    key = f"offer-{number}-{offer.pairs[0].pair.id}"
    with st.container(border=True, key=f"{key}-box"):
        st.markdown(f"**{words('learn.offer', pairs=f'{pairs}+' if offer.more else pairs)}**")
        st.html(diff_html([("delete", offer.change.before), ("insert", offer.change.after)]))
        with st.expander(words("learn.preview")):
            for before, after in offer.examples:
                segments = word_diff(getattr(before, offer.change.field), getattr(after, offer.change.field))
                st.html(diff_html(segments))
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                words("learn.apply", pairs=pairs),
                icon=":material/done_all:",
                key=f"{key}-apply",
                on_click=_apply,
                args=(window, offer),
            )
            st.button(words("learn.dismiss"), type="tertiary", key=f"{key}-dismiss", on_click=_dismiss, args=(offer,))


def _draw_done(window: Window) -> None:
    words, done = window.words, st.session_state.get(DONE)
    if done is None:
        return
    kind, text, action = done
    with st.container(horizontal=True, vertical_alignment="center", key="learned"):
        if kind == "error":
            st.warning(text)
        else:
            st.html(plain(text))
        if action:
            st.button(
                words("learn.take_back"),
                icon=":material/undo:",
                key="learned-back",
                on_click=_back,
                args=(window, action),
            )


def _apply(window: Window, offer: Offer) -> None:
    words = window.words
    try:
        done = apply_offer(window.store, offer, window.by)
    except TamizError as error:
        st.session_state[DONE] = ("error", literal(str(error)), "")
    else:
        st.session_state[DONE] = (
            "done",
            words("learn.done", pairs=done.done, left=done.moved + done.held),
            done.action,
        )
    _dismiss(offer)


def _dismiss(offer: Offer) -> None:
    st.session_state[OFFERED] = [one for one in st.session_state.get(OFFERED, []) if one != offer]


def _back(window: Window, action: str) -> None:
    words = window.words
    try:
        BulkDesk(window.store, window.reviewer, window.project.settings.review).take_back(action)
    except TamizError as error:
        st.session_state[DONE] = ("error", literal(str(error)), "")
    else:
        st.session_state[DONE] = ("done", words("learn.taken_back"), "")
