"""Which pairs are whose: the parts that people were given, and a form to give one."""

from __future__ import annotations

import streamlit as st

from tamiz.assignments import Assigned, Assignment, assign, assignments
from tamiz.people import people
from tamiz.remarks import tag_counts
from ui.session import Window
from ui.widgets.noticed import carry_out
from ui.widgets.text import literal, plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_assignments"]


def draw_assignments(window: Window) -> None:
    """Draw everybody's part of the pairs; an admin can give another one."""
    words, given = window.words, assignments(window.store)
    st.caption(words("assign.what"))
    for one in given:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(plain(one.name, tag="b") + plain(_told(one.rule, words)) + plain(_said(one), kind="tz-small"))
            if window.may("manage"):
                st.button(
                    words("assign.take_back"),
                    icon=":material/undo:",
                    key=f"everything-{one.name}-{one.at}",
                    type="tertiary",
                    on_click=_give_all,
                    args=(window, one.name),
                )
    if not given:
        st.info(words("assign.none"))
    if window.may("manage"):
        _draw_form(window, given)


def _draw_form(window: Window, given: list[Assigned]) -> None:
    words, settings = window.words, window.project.settings
    names = [one.name for one in people(window.store) if one.role != "viewer"]
    turn = st.session_state.setdefault("assign_turn", 0)
    with st.expander(words("assign.give"), icon=":material/assignment_ind:"), st.form(f"assign-{turn}", border=False):
        st.selectbox(
            words("signin.name"),
            names or sorted({one.name for one in given} | {window.reviewer}),
            accept_new_options=not names,  # an open project knows people by what they sign with
            index=None,
            placeholder=words("assign.who"),
            key=f"assign_name-{turn}",
        )
        sources, langs, tags = st.columns(3)
        sources.multiselect(
            words("assign.sources"),
            [source.name for source in settings.sources],
            accept_new_options=True,
            placeholder=words("assign.all"),
            key=f"assign_sources-{turn}",
        )
        langs.multiselect(
            words("assign.langs"),
            list(settings.project.languages),
            format_func=lambda code: words.known(f"language.{code}", code),
            placeholder=words("assign.all"),
            key=f"assign_langs-{turn}",
        )
        tags.multiselect(
            words("assign.tags"),
            list(tag_counts(window.store)),
            placeholder=words("assign.all"),
            key=f"assign_tags-{turn}",
        )
        st.slider(
            words("assign.share"),
            0,
            100,
            (0, 100),
            step=5,
            format="%d %%",
            help=words("assign.share_help"),
            key=f"assign_share-{turn}",
        )
        st.form_submit_button(words("assign.give"), type="primary", on_click=_give_typed, args=(window, turn))


def _give_typed(window: Window, turn: int) -> None:
    state = st.session_state
    first, last = state[f"assign_share-{turn}"]
    if first == last:
        last = min(first + 5, 100)
        first = last - 5
    rule = Assignment(
        sources=tuple(state[f"assign_sources-{turn}"]),
        langs=tuple(state[f"assign_langs-{turn}"]),
        tags=tuple(state[f"assign_tags-{turn}"]),
        share=(first / 100, last / 100),
    )
    if _give(window, str(state[f"assign_name-{turn}"] or ""), rule):
        state["assign_turn"] = turn + 1


def _give_all(window: Window, name: str) -> None:
    _give(window, name, Assignment())


def _give(window: Window, name: str, rule: Assignment) -> bool:
    words = window.words
    done = words("assign.given", name=literal(name), part=literal(_told(rule, words)))
    return carry_out(window, lambda: assign(window.store, name, rule, window.by), done)


def _told(rule: Assignment, words: Words) -> str:
    """The part in words: which sources, languages, tags, and from where to where."""
    if rule.everything:
        return words("assign.everything")
    first, last = (f"{100 * part:.0f}" for part in rule.share)
    parts = [
        f"{words('assign.sources')}: {', '.join(rule.sources)}" if rule.sources else "",
        f"{words('assign.langs')}: {', '.join(rule.langs)}" if rule.langs else "",
        f"{words('assign.tags')}: {', '.join(rule.tags)}" if rule.tags else "",
        f"{words('assign.share')}: {first}–{last} %" if rule.share != (0.0, 1.0) else "",
    ]
    return " · ".join(filter(None, parts))


def _said(one: Assigned) -> str:
    return f"{one.actor.removeprefix('person:')} · {moment(one.at)}"
