"""Text from pages, shown as text: every mark-up in it is escaped before a browser sees it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import streamlit as st

__all__ = ["draw_styles", "literal", "plain", "show_plain"]

# What Markdown makes a link of without any mark, and even where marks are escaped: a word joiner behind it ends that.
LINKED = re.compile(r"https?:(?=//)|www(?=\.)|@", re.I)
STYLES = Path(__file__).parent / "styles.css"


def draw_styles() -> None:
    """Bring in the classes that the widgets use; they work on a light and on a dark ground."""
    st.html(STYLES)


def plain(text: str, *, tag: str = "div", kind: str = "tz-text") -> str:
    """An HTML element that shows exactly this text.

    >>> plain("<b>", tag="span")
    '<span class="tz-text">&lt;b&gt;</span>'
    """
    return f'<{tag} class="{kind}">{html.escape(text)}</{tag}>'


def show_plain(text: str, *, kind: str = "tz-text") -> None:
    st.html(plain(text, kind=kind))


def literal(text: str) -> str:
    """The text with every mark that Streamlit's Markdown knows escaped, for labels and notices.

    Not for the options of a selectbox or multiselect: they are no Markdown and would show the escapes.

    >>> literal("**a** :red[b]")
    '\\\\*\\\\*a\\\\*\\\\* \\\\:red\\\\[b\\\\]'
    """
    text = LINKED.sub("\\g<0>\u2060", text)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", text)
