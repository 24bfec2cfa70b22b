"""A link from a pair to where it came from."""

from __future__ import annotations

import streamlit as st

from ui.screens import ICONS
from ui.session import Window

__all__ = ["draw_trace"]


def draw_trace(window: Window, pair: str) -> None:
    """Draw a link to the lineage of this pair; nothing where that screen is not part of the app that runs."""
    if "lineage" in window.pages:
        st.page_link(
            window.pages["lineage"],
            label=window.words("lineage.link"),
            icon=f":material/{ICONS['lineage']}:",
            query_params={"pair": pair},
        )
