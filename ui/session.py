"""What every screen needs: the project, its store, the words, and who is sitting there."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from tamiz.people import Act, Role, is_open, may
from tamiz.project import Project
from tamiz.store import Store
from ui.handover import cookie_name
from ui.screens import ICONS
from ui.sign_in import Door, draw_signed_in, signed_in
from ui.wording import LANGUAGES, Words, pick_language

__all__ = ["Window", "enter", "open_window", "project_folder", "reopen"]

LANGUAGE, REVIEWER = "language", "reviewer"  # in the address and in the session


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One browser tab on one project. `pages` are the screens by name, for links to them.

    `role` is what the person who sits there may do; the services ask for it themselves, see tamiz.people.permit.
    """

    project: Project
    store: Store
    words: Words
    reviewer: str
    role: Role = "admin"
    pages: dict[str, StreamlitPage] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Who acts here, as services and the history write it."""
        return f"person:{self.reviewer}"

    def may(self, act: Act) -> bool:
        """Whether to offer this; who has it offered is asked for again when it is done."""
        return may(self.role, act)

    def link(self, screen: str, label: str) -> None:
        """Draw a link to a screen; nothing where that screen is not part of the app that runs."""
        if screen in self.pages:
            st.page_link(self.pages[screen], label=label, icon=f":material/{ICONS[screen]}:")

    def go(self, screen: str) -> None:
        """Go to a screen of the app that runs, with what the address says of this tab; ends the run."""
        st.switch_page(self.pages[screen], query_params=st.query_params.to_dict())


def project_folder(arguments: Sequence[str]) -> Path:
    """The folder named by `--project DIR` behind the `--` of streamlit run; else the current one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, default=Path.cwd())
    folder: Path = parser.parse_known_args(arguments)[0].project
    return folder


def open_window(folder: Path) -> Window:
    """What a screen needs; where somebody has to sign in first, they are asked to and the run ends there."""
    found = enter(folder)
    if isinstance(found, Door):
        found.draw()
        st.stop()
    return found


def enter(folder: Path) -> Window | Door:
    """Open the project once for all tabs, and draw the sidebar with the language and who is there.

    The door where the project has people and nobody of them is signed in here.
    """
    project, store = _open(str(folder.resolve()))
    words = _choose_language(project)
    if is_open(store):
        return Window(project=project, store=store, words=words, reviewer=_choose_name(words))
    cookie = cookie_name(folder)
    who = signed_in(store, cookie)
    if who is None:
        return Door(store=store, words=words, cookie=cookie)
    with st.sidebar:
        draw_signed_in(store, who, words)
    return Window(project=project, store=store, words=words, reviewer=who.name, role=who.role)


def _choose_name(words: Words) -> str:
    start = _user_name()
    st.session_state.setdefault(REVIEWER, st.query_params.get(REVIEWER, start))
    with st.sidebar:
        name = st.text_input(words("sidebar.reviewer"), max_chars=60, key=REVIEWER, help=words("sidebar.reviewer_help"))
    _tell_address(REVIEWER, name, start)
    return name


def _choose_language(project: Project) -> Words:
    start = pick_language(project.settings.review.language, st.context.locale)
    asked = st.query_params.get(LANGUAGE, "")
    st.session_state.setdefault(LANGUAGE, asked if asked in LANGUAGES else start)
    with st.sidebar:
        chosen = st.selectbox("Idioma · Language", list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=LANGUAGE)
    _tell_address(LANGUAGE, chosen, start)
    return Words(chosen)


def _tell_address(name: str, chosen: str, start: str) -> None:
    """Have the address say what was chosen, so that a reloaded page keeps it; what it would begin with needs no saying.

    Streamlit's own binding of a field to the address spells options as they are shown, and forbids switch_page.
    """
    told = st.query_params.get(name, "")
    if told != chosen and (told or chosen != start):
        st.query_params[name] = chosen


def reopen() -> None:
    """Have every window read tamiz.toml again with its next run, after a change that was made from a screen."""
    _open.clear()


@st.cache_resource(show_spinner=False)
def _open(folder: str) -> tuple[Project, Store]:
    project = Project.open(Path(folder))
    return project, Store.open(project.store_url, vault=project.vault)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in passwd
        return ""
