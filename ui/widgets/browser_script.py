"""The one script that the screens bring to the browser, keeper.js; it talks to nobody but this app."""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v2 import component

__all__ = ["drop_local_copies", "keeper"]

keeper = component("tamiz_keeper", js=Path(__file__).with_name("keeper.js").read_text(encoding="utf-8"))


def drop_local_copies() -> None:
    """Let this browser forget whatever was typed in it, for when somebody signs out at a shared computer."""
    keeper(key="keeper-forget", data={"forget": True}, height=1)
