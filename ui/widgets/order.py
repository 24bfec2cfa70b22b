"""In which order pairs come to whoever sits there: chosen on the screen, kept for the browser tab."""

from __future__ import annotations

import streamlit as st

from tamiz.queue import ORDERS, Order
from ui.session import Window

__all__ = ["ORDERS", "draw_order", "order_of"]

CHOSEN, FIELD = "queue_order", "queue-order"


def order_of(window: Window) -> Order:
    """The chosen order; the one of tamiz.toml until another is chosen here."""
    chosen: Order = st.session_state.get(CHOSEN, window.project.settings.review.order)
    return chosen


def draw_order(window: Window) -> None:
    """Draw the choice. The pair on the screen stays; the chosen order says which comes after it."""
    words = window.words
    chosen = order_of(window)
    with st.popover(words(f"queue_order.{chosen}"), icon=":material/sort:", key="order", type="tertiary"):
        st.radio(
            words("queue.order"),
            ORDERS,
            index=ORDERS.index(chosen),
            key=FIELD,
            format_func=lambda name: words(f"queue_order.{name}"),
            captions=[words(f"queue_order_means.{name}") for name in ORDERS],
            on_change=_keep,
        )


def _keep() -> None:
    """A field forgets what it held while another screen is drawn; this does not."""
    st.session_state[CHOSEN] = st.session_state[FIELD]
