"""The door of a project that has people: name and PIN, or an identity provider, before anything else is shown."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from curation.access import Wait, open_session, person_by_claims, sign_in
from tamiz.errors import NotPermitted
from tamiz.people import Person
from tamiz.signins import close_session, session_person
from tamiz.store import Store
from ui.handover import draw_handover, offer, pending
from ui.widgets.browser_script import drop_local_copies
from ui.widgets.text import literal
from ui.wording import Words

__all__ = ["Door", "draw_signed_in", "let_in", "signed_in"]

TOKEN, CODE, SAID, LEFT = "session_token", "session_code", "sign_in_said", "signed_out"
SIGNED_OUT = "drop_local_copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The sign-in screen of somebody who is not signed in."""

    store: Store
    words: Words
    cookie: str

    def draw(self) -> None:
        """Ask for name and PIN, and offer the identity providers of .streamlit/secrets.toml."""
        words = self.words
        if st.session_state.get(SIGNED_OUT):
            drop_local_copies()
        st.subheader(words("signin.title"))
        said = st.session_state.pop(SAID, "")
        if said:
            st.error(said)
        providers = _providers()
        if (
            providers and st.user.is_logged_in and LEFT not in st.session_state
        ):  # and nobody of this project, or signed_in() had found them
            st.error(words("signin.stranger"))
            st.button(words("signin.other"), on_click=st.logout, icon=":material/logout:")
            return
        with st.form("sign_in", width=420, enter_to_submit=True):
            st.text_input(words("signin.name"), key="sign_in_name", max_chars=60, autocomplete="username")
            st.text_input(
                words("signin.pin"),
                key="sign_in_pin",
                type="password",
                max_chars=200,
                autocomplete="current-password",
            )
            st.form_submit_button(words("signin.go"), type="primary", on_click=self._enter, icon=":material/login:")
        for provider in providers:
            label = words("signin.with", provider=provider or words("signin.provider"))
            st.button(label, on_click=st.login, args=(provider or None,), key=f"login-{provider}")
        st.caption(words("signin.help"))

    def _enter(self) -> None:
        words, name, pin = self.words, st.session_state["sign_in_name"], st.session_state["sign_in_pin"]
        st.session_state["sign_in_pin"] = ""
        try:
            let_in(self.store, sign_in(self.store, name, pin), self.cookie)
        except Wait as wait:
            st.session_state[SAID] = words("signin.wait", seconds=f"{wait.seconds:.0f}")
        except NotPermitted:
            st.session_state[SAID] = words("signin.refused")


def signed_in(store: Store, cookie: str) -> Person | None:
    """Who sits at this browser: by the session of this tab, by the browser's cookie, or by the identity provider."""
    for token in (st.session_state.get(TOKEN, ""), st.context.cookies.get(cookie, "")):
        found = session_person(store, token) if token and isinstance(token, str) else None
        if found is not None:
            st.session_state[TOKEN] = token
            return found
    if _providers() and st.user.is_logged_in and LEFT not in st.session_state:
        try:
            found = person_by_claims(store, st.user.to_dict())
        except NotPermitted:
            return None
        let_in(store, found, cookie)
        return found
    return None


def draw_signed_in(store: Store, who: Person, words: Words) -> None:
    """Who is signed in, with the way out; and hand the browser its cookie where that is still to be done."""
    code = st.session_state.get(CODE, "")
    st.caption(words("signin.as", name=literal(who.name), role=words(f"person_role.{who.role}")))
    st.button(words("signin.out"), icon=":material/logout:", on_click=_sign_out, args=(store,), type="tertiary")
    if pending(code):
        draw_handover(code)


def let_in(store: Store, who: Person, cookie: str) -> None:
    """This person is signed in here, and the browser gets a cookie for its next visits."""
    token = open_session(store, who)
    st.session_state[TOKEN], st.session_state[CODE] = token, offer(cookie, token)


def _sign_out(store: Store) -> None:
    close_session(store, st.session_state.get(TOKEN, ""))
    st.session_state.clear()  # what this person typed and looked at is not the next one's
    st.session_state[SIGNED_OUT] = True
    if _providers() and st.user.is_logged_in:
        st.session_state[LEFT] = True  # until the browser has been at the provider's address for signing out
        st.logout()


def _providers() -> list[str]:
    """The identity providers of .streamlit/secrets.toml; "" is one without a name."""
    if not st.secrets.load_if_toml_exists():
        return []
    auth = st.secrets.get("auth", {})
    named = [name for name, value in auth.items() if hasattr(value, "keys") and "client_id" in value]
    return named or ([""] if "client_id" in auth else [])
