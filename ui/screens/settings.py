"""The settings screen: who reviews what, by which guidelines, and how tamiz.toml sets the desk."""

from __future__ import annotations

import streamlit as st

from ui.session import Window
from ui.widgets.assignment_form import draw_assignments
from ui.widgets.guideline import draw_guidelines
from ui.widgets.people_form import draw_own_pin, draw_people
from ui.widgets.settings_list import draw_settings
from ui.widgets.text import show_plain

__all__ = ["show"]


def show(window: Window) -> None:
    """Draw the parts as tabs; who may not change something reads it."""
    words = window.words
    show_plain(words("screen.settings"), kind="tz-title")
    kind, text = st.session_state.pop("settings_notice", ("", ""))
    if text:
        {"warning": st.warning, "success": st.success}[kind](text)
    guidelines, people, parts, desk = st.tabs(
        [words("team.guidelines"), words("team.people"), words("team.assignments"), words("team.settings")],
        key="settings_tab",
    )
    with guidelines:
        draw_guidelines(window)
    with people:
        draw_people(window)
        draw_own_pin(window)
    with parts:
        draw_assignments(window)
    with desk:
        draw_settings(window)
