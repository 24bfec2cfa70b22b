"""The settings of tamiz.toml that shape the desk, to be read here and changed there."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

import streamlit as st

from ui.session import Window
from ui.widgets.text import plain
from ui.wording import Words

__all__ = ["draw_settings"]


def draw_settings(window: Window) -> None:
    """Draw the values in use with what they mean, and how to change them."""
    words, settings = window.words, window.project.settings
    st.caption(words("team.how_to_change"))
    st.code(str(window.project.folder / "tamiz.toml"), language=None, wrap_lines=True)
    for name, section in (("project", settings.project), ("review", settings.review)):
        rows = [_row(words, name, one, getattr(section, one.name)) for one in fields(section)]
        st.html(f'{plain(f"[{name}]", kind="tz-heading")}<div class="tz-facts">{"".join(rows)}</div>')


def _row(words: Words, section: str, of: Field[Any], value: object) -> str:
    meaning = words.known(f"setting.{section}_{of.name}", str(of.metadata.get("doc", "")))
    return plain(f"{of.name} = {_toml(value)}", tag="code") + plain(meaning, kind="tz-small")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
