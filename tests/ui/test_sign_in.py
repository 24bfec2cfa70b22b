"""The door of a project with people: nothing of it is shown before somebody has signed in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui
from curation import pins
from curation.access import add_person, find_person, open_session, remove_person, set_role
from tamiz.decisions import mark_sieved

APP = Path(ui.__file__).with_name("app.py")
PIN = "52-klm"


@pytest.fixture
def team(opened, monkeypatch, make_pair):
    monkeypatch.setitem(pins.COST, "n", 2)
    add_person(opened, "Lead", "admin", by="shell:me", pin=PIN)
    add_person(opened, "guest", "viewer", by="person:Lead", pin=PIN)
    pair = make_pair(7)
    opened.add_pairs([pair], "source:ayuda")
    mark_sieved(opened, [pair.id])
    return opened


@pytest.fixture
def app(folder, monkeypatch):
    def run(token: str = "") -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", "--project", str(folder)])
        test = AppTest.from_file(str(APP), default_timeout=20)
        test.session_state["language"] = "en"
        if token:
            test.session_state["session_token"] = token
        test.run()
        assert not test.exception
        return test

    return run


def field(test, label):
    return next((one for one in test.text_input if one.label == label), None)


def everything(test) -> str:
    kinds = ("markdown", "html", "info", "success", "warning", "error", "subheader", "title", "metric", "caption")
    return "\n".join(str(one.value) for kind in kinds for one in test.get(kind))


def enter(test, name, pin):
    field(test, "Name").set_value(name)
    field(test, "PIN").set_value(pin)
    next(one for one in test.button if one.label == "Sign in").click()
    test.run()
    assert not test.exception
    return test


def signed_in(test) -> bool:
    return any(one.label == "Sign out" for one in test.button)


def test_nothing_of_the_project_is_shown_before_the_door_is_passed(team, app):
    test = app()
    assert field(test, "PIN").proto.type == field(test, "PIN").proto.PASSWORD
    assert not signed_in(test)
    for secret in ("lumbre-fibra", "router", "Lead", "wifi", "1 pair"):
        assert secret not in everything(test)


def test_name_and_pin_open_the_door_and_sign_out_closes_it(team, app):
    test = enter(app(), "lead", PIN)
    assert signed_in(test)
    assert field(test, "PIN") is None
    next(one for one in test.button if one.label == "Sign out").click()
    test.run()
    assert field(test, "PIN") is not None


def test_a_refusal_is_the_same_for_a_wrong_pin_and_an_unknown_name(team, app):
    said = [everything(enter(app(), *given)) for given in (("Lead", "no such"), ("nobody", PIN))]
    assert said[0] == said[1]
    assert "The name or the PIN is not right." in said[0]


def test_who_tries_too_often_is_told_how_long_to_wait(team, app):
    test = app()
    for _ in range(5):
        enter(test, "Lead", "no such")
    assert "Try again in 5 s." in everything(enter(test, "Lead", PIN))


def test_a_typed_pin_does_not_stay_in_the_session(team, app):
    test = enter(app(), "Lead", "no such")
    assert field(test, "PIN").value == ""


def test_a_session_that_ends_elsewhere_ends_here(team, app):
    test = app(open_session(team, find_person(team, "guest")))
    assert signed_in(test)
    remove_person(team, "guest", by="person:Lead")
    test.run()
    assert not signed_in(test)


def test_screens_get_the_name_and_the_role_of_who_signed_in(team, folder):
    def script(place: str) -> None:
        from pathlib import Path

        import streamlit as st

        from ui.session import open_window

        window = open_window(Path(place))
        st.title(f"{window.by} {window.role} {window.may('decide')}")

    test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
    test.session_state["session_token"] = open_session(team, find_person(team, "guest"))
    test.session_state["reviewer"] = "Lead"
    test.run()
    assert test.title[0].value == "person:guest viewer False"
    set_role(team, "guest", "reviewer", by="person:Lead")
    test.run()
    assert test.title[0].value == "person:guest reviewer True"
