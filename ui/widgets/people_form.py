"""The people of the project: who they are, and what an admin can change about them."""

from __future__ import annotations

import streamlit as st

from curation.access import add_person, change_own_pin, remove_person, set_pin, set_role, set_subject
from tamiz.people import MAY, Person, PersonChange, people, people_history
from ui.handover import cookie_name
from ui.session import Window
from ui.sign_in import let_in
from ui.widgets.noticed import carry_out
from ui.widgets.text import literal, plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_own_pin", "draw_people"]

ROLES = tuple(MAY)
LONGEST = {"name": 60, "pin": 200, "subject": 320}
HISTORY = 30


def draw_people(window: Window) -> None:
    """Draw everybody with their role; an admin can add, change and remove."""
    words, found = window.words, people(window.store)
    if not found:
        st.info(words("team.open"), icon=":material/lock_open:")
    for one in found:
        if window.may("manage"):
            _draw_person(window, one)
        else:
            st.markdown(_summary(one, words))
    if not window.may("manage"):
        st.caption(words("team.ask_admin"))
        return
    _draw_add(window, first=not found)
    changes = people_history(window.store, HISTORY)
    if changes:
        with st.expander(words("team.history")):
            st.html("".join(plain(_change(one, words), kind="tz-small") for one in changes))


def draw_own_pin(window: Window) -> None:
    """A form for a new PIN of one's own; nothing where nobody has signed in."""
    words = window.words
    me = next((one for one in people(window.store) if one.name == window.reviewer), None)
    if me is None:
        return
    with st.expander(words("team.own_pin"), icon=":material/password:"), st.form(f"own-{me.version}", border=False):
        if me.has_pin:
            _pin_field(words("team.old_pin"), f"own_old-{me.version}", "current-password")
        _pin_field(words("team.new_pin"), f"own_new-{me.version}", "new-password")
        st.form_submit_button(words("team.save"), on_click=_change_own_pin, args=(window, me))


def _draw_person(window: Window, one: Person) -> None:
    words, key = window.words, f"{one.name}-{one.version}"
    with st.expander(_summary(one, words), key=f"person-{key}"):
        role, pin, subject = st.columns(3)
        with role.form(f"role_form-{key}", border=False):
            st.selectbox(
                words("team.role"),
                ROLES,
                index=ROLES.index(one.role),
                format_func=lambda name: words(f"person_role.{name}"),
                key=f"role-{key}",
            )
            st.form_submit_button(words("team.save"), on_click=_set_role, args=(window, one, f"role-{key}"))
        with pin.form(f"pin_form-{key}", border=False):
            _pin_field(words("team.new_pin"), f"pin-{key}", "new-password")
            st.form_submit_button(words("team.save"), on_click=_set_pin, args=(window, one, f"pin-{key}"))
        with subject.form(f"subject_form-{key}", border=False):
            _subject_field(words, f"subject-{key}", one.subject)
            st.form_submit_button(words("team.save"), on_click=_set_subject, args=(window, one, f"subject-{key}"))
        with st.popover(words("team.remove"), icon=":material/person_remove:", key=f"remove-{key}"):
            st.write(words("team.remove_means", name=literal(one.name)))
            st.button(
                words("team.remove_now"), key=f"remove_now-{key}", type="primary", on_click=_remove, args=(window, one)
            )


def _draw_add(window: Window, *, first: bool) -> None:
    words = window.words
    turn = st.session_state.setdefault("team_turn", 0)  # so that the fields are empty after each one added
    with st.expander(words("team.add"), icon=":material/person_add:", expanded=first), st.form(f"add-{turn}"):
        name, role = st.columns(2)
        name.text_input(words("signin.name"), max_chars=LONGEST["name"], key=f"add_name-{turn}", autocomplete="off")
        role.selectbox(
            words("team.role"),
            ROLES[:1] if first else ROLES,
            index=0 if first else 1,
            format_func=lambda name: words(f"person_role.{name}"),
            key=f"add_role-{turn}",
        )
        pin, subject = st.columns(2)
        with pin:
            _pin_field(words("signin.pin"), f"add_pin-{turn}", "new-password")
        with subject:
            _subject_field(words, f"add_subject-{turn}", "")
        st.caption(words("team.roles"))
        st.form_submit_button(words("team.add"), type="primary", on_click=_add, args=(window, turn))


def _pin_field(label: str, key: str, autocomplete: str) -> None:
    st.text_input(label, type="password", max_chars=LONGEST["pin"], key=key, autocomplete=autocomplete)


def _subject_field(words: Words, key: str, value: str) -> None:
    st.text_input(
        words("team.subject"),
        value=value,
        max_chars=LONGEST["subject"],
        key=key,
        help=words("team.subject_help"),
        autocomplete="off",
    )


def _add(window: Window, turn: int) -> None:
    words = window.words
    given = {name: st.session_state[f"add_{name}-{turn}"] for name in ("name", "role", "pin", "subject")}
    done = words("team.added", name=literal(given["name"]))
    if carry_out(window, lambda: add_person(window.store, given.pop("name"), by=window.by, **given), done):
        st.session_state["team_turn"] = turn + 1


def _set_role(window: Window, one: Person, key: str) -> None:
    words = window.words
    role = st.session_state[key]
    if role != one.role:
        done = words("team.role_set", name=literal(one.name), role=words(f"person_role.{role}"))
        carry_out(window, lambda: set_role(window.store, one.name, role, by=window.by), done)


def _set_pin(window: Window, one: Person, key: str) -> None:
    words = window.words
    pin, done = st.session_state[key], words("team.pin_set", name=literal(one.name))
    carry_out(window, lambda: set_pin(window.store, one.name, pin, by=window.by), done)


def _set_subject(window: Window, one: Person, key: str) -> None:
    words = window.words
    subject, done = st.session_state[key], words("team.subject_set", name=literal(one.name))
    carry_out(window, lambda: set_subject(window.store, one.name, subject, by=window.by), done)


def _remove(window: Window, one: Person) -> None:
    words = window.words
    done = words("team.removed", name=literal(one.name))
    carry_out(window, lambda: remove_person(window.store, one.name, by=window.by), done)


def _change_own_pin(window: Window, me: Person) -> None:
    words = window.words
    old = st.session_state.get(f"own_old-{me.version}", "")
    new = st.session_state[f"own_new-{me.version}"]

    def work() -> None:
        let_in(window.store, change_own_pin(window.store, me, old, new), cookie_name(window.project.folder))

    carry_out(window, work, words("team.own_pin_set"))


def _summary(one: Person, words: Words) -> str:
    ways = [*([words("signin.pin")] if one.has_pin else []), *([one.subject] if one.subject else [])]
    return f"**{literal(one.name)}** · {words(f'person_role.{one.role}')} · {literal(', '.join(ways))}"


def _change(one: PersonChange, words: Words) -> str:
    what = words(f"team_change.{one.what}")
    role = f" ({words(f'person_role.{one.role}')})" if one.what in ("added", "role") else ""
    return f"{moment(one.at)} · {one.name}: {what}{role} · {one.actor.removeprefix('person:')}"
