"""A dataset card on a screen: its Markdown as headings, tables and text, with nothing fetched and nowhere led."""

from __future__ import annotations

import re

import streamlit as st

__all__ = ["card_markdown", "show_card"]

PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
JOINER = "\u2060"  # nothing to be seen
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def show_card(text: str) -> None:
    with st.container(key="card-text"):  # named for the styles: wide tables scroll, the screen does not
        st.markdown(card_markdown(text))


def card_markdown(text: str) -> str:
    r"""The card without pictures, links, mark-up and Streamlit's own signs outside code, whoever wrote the file.

    >>> card_markdown("# A `[b](c)`\n![x](y)[l](m) <b> :red[z] $m$")
    '# A `[b](c)`\n\\[l\\](m) &lt;b> \\:red\\[z\\] \\$m\\$'
    """
    parts = CODE.split(text)
    return "".join(part if place % 2 else _inert(part) for place, part in enumerate(parts))


def _inert(text: str) -> str:
    text = PICTURE.sub("", text)
    text = re.sub(r"([\[\]$]|:(?=\w))", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", JOINER, text)  # or addresses would become links
