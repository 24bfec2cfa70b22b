"""The review screen's parts beside the pair, without a browser: drafts, similar pairs, comments, tags, offers."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from tamiz.decisions import mark_sieved
from tamiz.drafts import load_draft, save_draft
from tamiz.guidelines import write_guideline
from tamiz.records import Finding
from tamiz.remarks import add_remark, remarks, tags_of

ME, OTHER = "person:reviewer-1", "person:reviewer-2"
HOSTILE = "<img src=x onerror=alert(1)> **fett** :red[rot]"


@pytest.fixture
def bring(opened, make_pair):
    def run(*texts: tuple[str, str]):
        pairs = [make_pair(number, question=question, answer=answer) for number, (question, answer) in enumerate(texts)]
        opened.add_pairs(pairs, "source:ayuda")
        mark_sieved(opened, [pair.id for pair in pairs])
        return pairs

    return run


def html(test) -> str:
    return "\n".join(str(one.value) for one in test.get("html"))


def unfold(test, name: str, opened, pair):
    version = opened.pair(pair.id).version
    test.session_state[f"beside-{name}-{pair.id}-{version}"] = True
    test.run()
    assert not test.exception
    return test


def press(test, label: str):
    time.sleep(0.3)  # a decision sooner than 250 ms after the pair came up is refused
    next(one for one in test.button if one.label == label).click().run()
    assert not test.exception
    return test


def test_a_kept_draft_is_in_the_fields_and_can_be_discarded(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    save_draft(opened, ME, pair.id, 2, {"answer": "Sí, claro."})
    test = draw("review")
    assert [area.value for area in test.text_area][:2] == ["¿Uno?", "Sí, claro."]
    assert any("Brought back" in one.value for one in test.markdown)
    press(test, "Discard")
    assert test.text_area[1].value == "Sí."
    assert load_draft(opened, ME, pair.id) is None


def test_the_reason_of_a_rejection_is_kept_with_the_draft_until_it_is_rejected(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    test = draw("review")
    reason = next(one for one in test.selectbox if one.label == "Reason, if you reject it")
    reason.set_value("outdated")
    press(test, "Skip")
    assert load_draft(opened, ME, pair.id).body["reason"] == "outdated"
    again = draw("review")
    assert next(one for one in again.selectbox if one.label == "Reason, if you reject it").value == "outdated"
    press(again, "Reject")
    assert opened.history(pair.id)[-1].reason == "outdated"
    assert load_draft(opened, ME, pair.id) is None


def test_every_run_tells_the_browser_what_the_fields_hold(draw, opened, bring):
    """It may have missed the run that filled them, when a key was pressed twice; empty ones would be sent back."""
    pair, _ = bring(("¿Uno?", "Es la cotraseña."), ("¿Dos?", "No."))
    about = {"kind": "spelling", "field": "answer", "start": 6, "end": 15, "before": "cotraseña", "after": "contraseña"}
    found = Finding(pair=pair.id, step="spelling", **about)
    opened.add_look("spelling", "s", [pair.id], [found])
    save_draft(opened, ME, pair.id, 2, {"label": "claves", "lang": "en", "chosen": [found.id]})
    test = draw("review").run()
    assert [area.proto.default for area in test.text_area][:2] == ["¿Uno?", "Es la cotraseña."]
    label = next(one for one in test.text_input if one.label == "Label")
    lang = next(one for one in test.selectbox if one.label == "Language")
    assert (label.proto.default, lang.options[lang.proto.default]) == ("claves", "English")
    assert [box.proto.default for box in test.checkbox if box.key.startswith("take-")] == [True]


def test_another_persons_draft_is_never_in_the_fields(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    save_draft(opened, OTHER, pair.id, 2, {"answer": "De otra persona"})
    assert draw("review").text_area[1].value == "Sí."


def test_what_was_typed_stays_with_a_skipped_pair_and_goes_with_an_accepted_one(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    test = draw("review")
    test.text_area[1].set_value("A medias")
    press(test, "Skip")
    assert load_draft(opened, ME, pair.id).body["answer"] == "A medias"
    assert test.text_area[1].value == "A medias"
    press(test, "Accept")
    assert load_draft(opened, ME, pair.id) is None
    assert [stored.pair.answer for stored in opened.pairs("accepted")] == ["A medias"]


def test_a_pair_that_answers_the_same_question_otherwise_is_a_warning(draw, bring):
    bring(
        ("¿Cuánto cuesta la tarifa Brasa?", "Cuesta 29,90 € al mes."),
        ("¿Cuánto cuesta la tarifa Brasa?", f"Cuesta 39,90 € al mes. {HOSTILE}"),
    )
    shown = html(draw("review"))
    assert "May contradict this other pair (to review)" in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "<img" not in shown


def test_the_parts_beside_are_worked_out_when_opened_and_stay_open_for_the_next_pair(draw, opened, bring):
    pair, _ = bring(("¿Uno?", "Sí."), ("¿Dos?", "No."))
    test = draw("review")
    assert "was not read from a stored page" not in str([one.value for one in test.info])
    unfold(test, "page", opened, pair)
    assert "was not read from a stored page" in test.info[0].value
    press(test, "Accept")
    assert test.text_area[0].value == "¿Dos?"
    assert "was not read from a stored page" in test.info[0].value


def test_comments_are_shown_as_text_and_ones_own_can_be_taken_back(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    add_remark(opened, pair.id, HOSTILE, OTHER)
    test = unfold(draw("review"), "said", opened, pair)
    assert html(test).count("&lt;img src=x onerror=alert(1)&gt; **fett** :red[rot]") == 2
    test.text_area[2].set_value("Mirad la tarifa.")
    press(test, "Add comment")
    assert [(one.actor, one.text) for one in remarks(opened, [pair.id])][1:] == [(ME, "Mirad la tarifa.")]
    press(test, "Take back")
    assert remarks(opened, [pair.id])[1].taken_back == ME


def test_tags_are_put_on_and_taken_off_and_a_wrong_one_is_said(draw, opened, bring):
    (pair,) = bring(("¿Uno?", "Sí."))
    test = unfold(draw("review"), "said", opened, pair)
    test.multiselect[0].set_value(["Legal Check"]).run()
    assert tags_of(opened, [pair.id])[pair.id] == ["legal-check"]
    test.multiselect[0].set_value(["legal-check", "x" * 50]).run()
    assert "shorten it to 40" in test.warning[0].value
    assert tags_of(opened, [pair.id])[pair.id] == ["legal-check"]
    test.multiselect[0].set_value([]).run()
    assert tags_of(opened, [pair.id])[pair.id] == []


def test_an_edit_is_offered_to_the_pairs_with_the_same_words_and_taken_back_as_one(draw, opened, bring):
    bring(
        ("¿Uno?", "Es la cotraseña."),
        ("¿Dos?", "La cotraseña nueva."),
        ("¿Tres?", "Otra cotraseña."),
        ("¿Qué?", "Nada."),
    )
    test = draw("review")
    test.text_area[1].set_value("Es la contraseña.")
    press(test, "Accept")
    assert test.text_area[0].value == "¿Dos?"
    offer = next(one.label for one in test.button if one.label.startswith("Apply to"))
    press(test, offer)
    changed = {stored.pair.answer for stored in opened.pairs("waiting")}
    assert "Otra contraseña." in changed
    press(test, "Take all of it back")
    assert "Otra cotraseña." in {stored.pair.answer for stored in opened.pairs("waiting")}


def test_what_the_gates_found_is_told_in_the_language_of_the_screen(draw, opened, bring):
    (pair,) = bring(("¿Cuándo?", "En 45 días."))
    about = {"kind": "number_not_in_source", "field": "answer", "start": 3, "end": 10, "before": "45 días"}
    opened.add_look("gates", "", [pair.id], [Finding(pair=pair.id, step="gates", note="in English", **about)])
    shown = html(draw("review", language="es"))
    assert "«45 días»: ese número no está en la fuente" in shown
    assert "in English" not in shown


def test_a_pair_longer_than_training_reads_is_a_warning(draw, bring):
    bring(("¿Uno?", "palabra " * 400))
    assert "training reads 512" in html(draw("review"))


def test_the_keys_and_the_guidelines_are_one_click_away(draw, opened, bring):
    bring(("¿Uno?", "Sí."))
    write_guideline(opened, "es", "Trata **de tú**.", ME, seen=0)
    test = draw("review")
    assert any("`Ctrl + Enter` | Accept" in one.value for one in test.markdown)
    test.session_state["guide"] = True
    test.run()
    assert any("Trata **de tú**." in one.value for one in test.markdown)


def test_an_undone_accept_shows_the_pair_as_it_was(draw, opened, bring):
    bring(("¿Uno?", "Sí."), ("¿Dos?", "No."))
    test = press(draw("review"), "Accept")
    press(test, "Undo")
    assert test.text_area[0].value == "¿Uno?"


def test_a_chosen_order_moves_no_pair_on_the_screen_and_is_kept_while_other_screens_are_drawn(folder, bring):
    def script(place: str) -> None:
        from importlib import import_module
        from pathlib import Path

        import streamlit as st

        from ui.session import open_window

        import_module(f"ui.screens.{st.session_state['at']}").show(open_window(Path(place)))

    bring(("¿Uno?", "Sí."), ("¿Dos?", "No."), ("¿Tres?", "Quizá."))
    test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
    for name, value in {"at": "review", "language": "en", "reviewer": "reviewer-1"}.items():
        test.session_state[name] = value
    test.run()
    test.radio(key="queue-order").set_value("newest").run()
    assert test.text_area[0].value == "¿Uno?"
    test.session_state["at"] = "lineage"
    test.run()
    test.session_state["at"] = "review"
    test.run()
    assert test.radio(key="queue-order").value == "newest"
    press(test, "Skip")
    assert test.text_area[0].value == "¿Tres?"
