"""The settings screen: people, parts, guidelines, and who may change them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from curation import pins
from curation.access import add_person, find_person, open_session, sign_in
from tamiz.assignments import Assignment, assign, assignments
from tamiz.guidelines import guideline_history, latest_guideline, write_guideline
from tamiz.people import people
from ui.widgets.guideline import safe_markdown

PIN = "52-klm"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setitem(pins.COST, "n", 2)


@pytest.fixture
def team(opened):
    add_person(opened, "Lead", "admin", by="shell:me", pin=PIN)
    add_person(opened, "guest", "viewer", by="person:Lead", pin=PIN)
    return opened


@pytest.fixture
def settings(folder, opened):
    """The screen as somebody of the team sees it; "" in a project without people."""

    def script(place: str) -> None:
        from pathlib import Path

        from ui.screens import settings
        from ui.session import open_window

        settings.show(open_window(Path(place)))

    def run(name: str = "") -> AppTest:
        test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
        test.session_state["language"] = "en"
        if name:
            test.session_state["session_token"] = open_session(opened, find_person(opened, name))
        test.run()
        assert not test.exception
        return test

    return run


def by_key(kind, key):
    return next(one for one in kind if one.key == key)


def press(test, label, nth=0):
    [one for one in test.button if one.label == label][nth].click()
    test.run()
    assert not test.exception
    return test


def said(test) -> str:
    return "\n".join(str(one.value) for kind in (test.success, test.warning, test.info) for one in kind)


def test_an_open_project_gets_its_first_admin_here(settings, opened):
    test = settings()
    assert "This project has no people" in said(test)
    by_key(test.text_input, "add_name-0").set_value("Lead")
    by_key(test.text_input, "add_pin-0").set_value(PIN)
    press(test, "Add somebody")
    assert [(one.name, one.role) for one in people(opened)] == [("Lead", "admin")]
    assert any(one.label == "Sign in" for one in test.button)


def test_an_admin_adds_changes_and_removes_somebody(settings, team):
    test = settings("Lead")
    by_key(test.text_input, "add_name-0").set_value("reviewer-1")
    by_key(test.text_input, "add_pin-0").set_value("night 7")
    press(test, "Add somebody")
    assert "reviewer\\-1 was added" in said(test)
    by_key(test.selectbox, "role-reviewer-1-1").set_value("viewer")
    by_key(test.button, "FormSubmitter:role_form-reviewer-1-1-Save").click()
    test.run()
    assert find_person(team, "reviewer-1").role == "viewer"
    by_key(test.text_input, "pin-reviewer-1-2").set_value("another 1")
    by_key(test.button, "FormSubmitter:pin_form-reviewer-1-2-Save").click()
    test.run()
    assert sign_in(team, "reviewer-1", "another 1")
    by_key(test.button, "remove_now-reviewer-1-3").click()
    test.run()
    assert [one.name for one in people(team)] == ["Lead", "guest"]


def test_what_cannot_be_is_said_and_changes_nothing(settings, team):
    test = settings("Lead")
    for name, pin, told in (
        ("LEAD", PIN, "Somebody has this name already"),
        ("reviewer-1", "1234", "one of the first that anybody would try"),
        ("reviewer-1", "", "Give a PIN"),
        ("", PIN, "name"),
    ):
        by_key(test.text_input, "add_name-0").set_value(name)
        by_key(test.text_input, "add_pin-0").set_value(pin)
        press(test, "Add somebody")
        assert told in said(test)
    assert len(people(team)) == 2


def test_names_are_no_links_and_options_show_no_escapes(settings, team):
    add_person(team, "www.x.example", "reviewer", by="person:Lead", pin=PIN)
    test = settings("Lead")
    assert by_key(test.selectbox, "assign_name-0").options == ["Lead", "www.x.example"]
    assert any("**www\u2060\\.x\\.example**" in one.label for one in test.expander)


def test_the_last_admin_cannot_remove_themselves(settings, team):
    test = settings("Lead")
    by_key(test.button, "remove_now-Lead-1").click()
    test.run()
    assert "This is the last admin" in said(test)


def test_others_read_and_change_their_own_pin_only(settings, team):
    write_guideline(team, "es", "Trata de **tú**.", "person:Lead", seen=0)
    test = settings("guest")
    assert {one.label for one in test.button} == {"Sign out", "Save"}
    assert "Trata de **tú**." in [one.value for one in test.markdown]
    by_key(test.text_input, "own_old-1").set_value(PIN)
    by_key(test.text_input, "own_new-1").set_value("another 1")
    press(test, "Save")
    assert "You have a new PIN" in said(test)
    assert sign_in(team, "guest", "another 1")


def test_guidelines_are_written_previewed_and_brought_back(settings, team):
    write_guideline(team, "es", "Uno", "person:Lead", seen=0)
    test = settings("Lead")
    by_key(test.text_area, "guideline-es-1").set_value("Dos ![x](http://a.example/x.png)")
    press(test, "Preview")
    assert "Dos !\u200b[x](http://a.example/x.png)" in [one.value for one in test.markdown]
    by_key(test.button, "save-guideline-es-1").click()
    test.run()
    assert latest_guideline(team, "es").version == 2
    by_key(test.selectbox, "version-es-2").set_value(1).run()
    press(test, "Make version 1 hold again")
    assert guideline_history(team, "es")[0].text == "Uno"


def test_a_guideline_written_over_meanwhile_is_not_lost(settings, team):
    test = settings("Lead")
    by_key(test.text_area, "guideline-es-0").set_value("Mío")
    write_guideline(team, "es", "De otra persona", "person:Lead", seen=0)
    by_key(test.button, "save-guideline-es-0").click()
    test.run()
    assert "Somebody else changed this meanwhile" in said(test)
    assert test.code[0].value == "Mío"
    assert latest_guideline(team, "es").text == "De otra persona"


@pytest.mark.parametrize("text", ["![a](http://b)", "\\![a](http://b)", "![a][ref]\n\n[ref]: http://b"])
def test_no_way_of_writing_an_image_stays_one(text):
    assert "![" not in safe_markdown(text)


def test_an_admin_gives_a_part_and_takes_it_back(settings, team):
    add_person(team, "reviewer-1", "reviewer", by="person:Lead", pin=PIN)
    test = settings("Lead")
    by_key(test.selectbox, "assign_name-0").set_value("reviewer-1")
    by_key(test.multiselect, "assign_langs-0").set_value(["es"])
    by_key(test.slider, "assign_share-0").set_value((0, 50))
    press(test, "Give a part")
    assert [(one.name, one.rule) for one in assignments(team)] == [
        ("reviewer-1", Assignment(langs=("es",), share=(0.0, 0.5)))
    ]
    press(test, "Take back")
    assert assignments(team) == []


def test_the_parts_of_others_are_to_be_read(settings, team):
    assign(team, "reviewer-1", Assignment(sources=("ayuda",)), "person:Lead")
    shown = "".join(str(one.value) for one in settings("guest").html)
    assert "Sources: ayuda" in shown
    assert "lease_seconds = 300" in shown
