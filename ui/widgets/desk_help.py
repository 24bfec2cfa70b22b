"""Two small panels over the pair: the keys, and the project's guidelines."""

from __future__ import annotations

import streamlit as st

from tamiz.guidelines import latest_guideline
from ui.session import Window
from ui.widgets.guideline import show_guideline
from ui.widgets.pair_form import BUTTONS
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_help"]


def draw_help(window: Window, lang: str) -> None:
    """Draw both panels; the browser opens that of the keys itself, also at a `?` outside the fields (keeper.js)."""
    words = window.words
    _draw_guideline(window, lang)
    with st.popover(words("keys.button"), icon=":material/keyboard:", key="keys", type="tertiary"):
        st.markdown(_keys(words))


@st.fragment
def _draw_guideline(window: Window, lang: str) -> None:
    """The guidelines for pairs of this language, else those in the language of the screen; read when opened."""
    words = window.words
    panel = st.popover(
        words("guide.button"), icon=":material/menu_book:", key="guide", type="tertiary", on_change="rerun"
    )
    if panel.open:
        with panel:
            found = latest_guideline(window.store, lang) or latest_guideline(window.store, words.language)
            if found is None:
                st.caption(words("guide.none"))
                window.link("settings", words("screen.settings"))
            else:
                st.caption(words("guide.holds", version=found.version, at=moment(found.at)))
                show_guideline(found.text, key="guideline-beside")


def _keys(words: Words) -> str:
    keys = [(shortcut, words(f"button.{action}")) for action, shortcut in BUTTONS.items()]
    keys += [("Tab", words("keys.tab")), ("Space", words("keys.space")), ("?", words("keys.question_mark"))]
    lines = [f"| `{shortcut.replace('+', ' + ')}` | {does} |" for shortcut, does in keys]
    head = f"| {words('keys.key')} | {words('keys.does')} |\n|---|---|"
    return "\n".join([head, *lines, "", words("keys.note")])
