"""Which pairs come to whoever sits there, and in which order: chosen on the screen, kept for the browser tab."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tamiz.queue import ORDERS, Order
from ui.session import Window

__all__ = ["ORDERS", "SYNTHETIC", "draw_all_kinds", "draw_order", "kinds_of", "only_kinds", "order_of"]

CHOSEN, FIELD = "queue_order", "queue-order"
KINDS, BOX = "queue_kinds", "queue-synthetic"
SYNTHETIC = "synthetic"


def order_of(window: Window) -> Order:
    """The chosen order; the one of tamiz.toml until another is chosen here."""
    chosen: Order = st.session_state.get(CHOSEN, window.project.settings.review.order)
    return chosen


def kinds_of() -> tuple[str, ...]:
    """The kinds of pairs that come; empty: all."""
    return tuple(st.session_state.get(KINDS, ()))


def only_kinds(kinds: Sequence[str]) -> None:
    """Have pairs of these kinds only come from now on; of all where none is named."""
    st.session_state[KINDS] = tuple(kinds)
    st.session_state.pop(BOX, None)


def draw_order(window: Window) -> None:
    """Draw the choice. The pair on the screen stays; the choice says which comes after it."""
    words = window.words
    chosen, synthetic = order_of(window), SYNTHETIC in kinds_of()
    label = words(f"queue_order.{chosen}")
    label = f"{label} · {words('kind.synthetic')}" if synthetic else label
    with st.popover(label, icon=":material/sort:", key="order", type="tertiary"):
        st.radio(
            words("queue.order"),
            ORDERS,
            index=ORDERS.index(chosen),
            key=FIELD,
            format_func=lambda name: words(f"queue_order.{name}"),
            captions=[words(f"queue_order_means.{name}") for name in ORDERS],
            on_change=_keep,
        )
        st.checkbox(words("queue.synthetic"), synthetic, key=BOX, on_change=_keep_kinds)


def draw_all_kinds(window: Window) -> None:
    """Say that no pair of the chosen kinds is left, with a button for all others."""
    words = window.words
    st.info(words("queue.none_left"))
    st.button(words("queue.all"), key="queue-all", icon=":material/filter_alt_off:", on_click=only_kinds, args=((),))


def _keep() -> None:
    """A field forgets what it held while another screen is drawn; this does not."""
    st.session_state[CHOSEN] = st.session_state[FIELD]


def _keep_kinds() -> None:
    st.session_state[KINDS] = (SYNTHETIC,) if st.session_state[BOX] else ()
