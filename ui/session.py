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
    with st.sidebar:
        return st.text_input(
            words("sidebar.reviewer"),
            value=_user_name(),
            max_chars=60,
            key="reviewer",
            help=words("sidebar.reviewer_help"),
            bind="query-params",  # so that a reloaded page keeps the name
        )


def _choose_language(project: Project) -> Words:
    start = pick_language(project.settings.review.language, st.context.locale)
    with st.sidebar:
        chosen = st.selectbox(
            "Idioma · Language",
            list(LANGUAGES),
            index=list(LANGUAGES).index(start),
            format_func=LANGUAGES.__getitem__,
            key="language",
            bind="query-params",
        )
    return Words(chosen)


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
