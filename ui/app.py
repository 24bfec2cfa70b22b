"""The app that `tamiz review` runs: which screens there are. Run: streamlit run ui/app.py -- --project DIR"""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from tamiz.errors import TamizError
from ui.screens import SCREENS
from ui.session import Window, open_window, project_folder
from ui.widgets.text import draw_styles, literal

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from another host


def main() -> None:
    st.set_page_config(page_title="tamiz", page_icon=ICON, layout="wide")
    draw_styles()
    try:
        window = open_window(project_folder(sys.argv[1:]))
        st.navigation(_pages(window)).run()
    except TamizError as error:
        st.error(literal(str(error)))


def _pages(window: Window) -> dict[str, list[StreamlitPage]]:
    words, groups = window.words, {}
    for group, screens in SCREENS.items():
        for name, icon in screens.items():
            window.pages[name] = st.Page(
                partial(_draw, name, window),
                title=words(f"screen.{name}"),
                icon=f":material/{icon}:",
                url_path=name,
                default=name == "home",
            )
        groups[words(f"nav.{group}") if group else ""] = [window.pages[name] for name in screens]
    return groups


def _draw(name: str, window: Window) -> None:
    import_module(f"ui.screens.{name}").show(window)


main()
