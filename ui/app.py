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
from ui.session import Window, enter, project_folder
from ui.sign_in import Door
from ui.widgets.job import draw_running
from ui.widgets.text import draw_styles, literal

HOME = "home"
ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from another host


def main() -> None:
    st.set_page_config(page_title="tamiz", page_icon=ICON, layout="wide")
    draw_styles()
    try:
        found = enter(project_folder(sys.argv[1:]))
        if isinstance(found, Door):
            st.navigation(_door_pages(found), position="hidden").run()
        else:
            page = st.navigation(_pages(found), expanded=True)  # no screen behind "View more"
            with st.sidebar:
                draw_running(found)
            page.run()
    except TamizError as error:
        st.error(literal(str(error)))


def _door_pages(door: Door) -> list[StreamlitPage]:
    """The door at every address, so that who signs in is where they wanted to go."""
    title = door.words("signin.title")
    names = [name for screens in SCREENS.values() for name in screens]
    pages = [st.Page(door.draw, title=title, url_path=_path(name), default=name == HOME) for name in names]
    return [*pages, st.Page(door.draw, title=title, url_path=HOME, visibility="hidden")]


def _pages(window: Window) -> dict[str, list[StreamlitPage]]:
    words, groups = window.words, {}
    for group, screens in SCREENS.items():
        for name, icon in screens.items():
            window.pages[name] = st.Page(
                partial(_draw, name, window),
                title=words(f"screen.{name}"),
                icon=f":material/{icon}:",
                url_path=_path(name),
                default=name == HOME,
            )
        groups[words(f"nav.{group}") if group else ""] = [window.pages[name] for name in screens]
    go_home = partial(window.go, HOME)
    groups[""].append(st.Page(go_home, title=words("screen.home"), url_path=HOME, visibility="hidden"))
    return groups


def _path(name: str) -> str:
    """The address of a screen. The first one's is the app's own; who writes its name there is led to it."""
    return "" if name == HOME else name


def _draw(name: str, window: Window) -> None:
    import_module(f"ui.screens.{name}").show(window)


main()
