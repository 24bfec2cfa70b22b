"""The duplicates screen: what it shows of pairs that are alike, and that its buttons do what they say."""

from __future__ import annotations

import time

import pytest

from tamiz.decisions import judge, mark_sieved
from tamiz.drafts import load_draft, save_draft
from tamiz.records import Finding, Verdict
from tamiz.relations import different_pairs
from ui.widgets.flow import Box, Stage, flow_html

READ = 0.3  # seconds between two presses that count
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> **no** [x](javascript:alert(3))"


@pytest.fixture
def alike(opened, make_pair):
    """Two pairs that are open, the second found to be nearly the first."""
    answers = (f"Pulsa Guardar y espera 24 horas. {HOSTILE}", f"Pulsa Guardar y espera 48 horas. {HOSTILE}")
    pairs = [make_pair(n, question="¿Cómo cambio la clave?", answer=answer) for n, answer in enumerate(answers)]
    opened.add_pairs(pairs, "source:ayuda")
    note = "same question, answer 0.95 alike but for numbers or codes: 48 / 24; the other one has more votes (2 / 1)"
    found = Finding(pair=pairs[1].id, step="dedupe", kind="contradiction", witness=pairs[0].id, note=note)
    opened.add_look("dedupe", "s", [pair.id for pair in pairs], [found])
    mark_sieved(opened, [pair.id for pair in pairs])
    return pairs


def shown(test) -> str:
    return "\n".join(str(element.proto.body) for element in test.get("html"))


def press(test, act: str, pair) -> None:
    time.sleep(READ)
    [button] = [b for b in test.button if b.key.startswith(f"cluster-{act}-") and b.key.endswith(pair.id)]
    button.click().run()
    assert not test.exception


def states(store, pairs) -> list[str]:
    return [store.pair(pair.id).state for pair in pairs]


def test_the_difference_and_the_reason_of_the_choice_are_told_in_both_languages_and_all_is_escaped(draw, alike) -> None:
    body = shown(draw("duplicates"))
    assert "&lt;img src=x onerror=alert" in body
    assert "<img" not in body
    assert "<script" not in body
    assert "<del>24</del><ins>48</ins>" in body
    assert "They differ in numbers or codes: 48 / 24" in body
    assert "it has more votes (2 / 1)" in body
    assert "Difieren en números o códigos: 48 / 24" in shown(draw("duplicates", language="es"))


def test_keeping_one_rejects_the_other_and_undo_takes_it_back(draw, opened, alike) -> None:
    test = draw("duplicates")
    press(test, "keep", alike[1])
    assert states(opened, alike) == ["rejected", "waiting"]
    assert "rejected as its duplicates: 1" in test.success[0].value
    time.sleep(READ)
    test.button(key="clusters_undo").click().run()
    assert states(opened, alike) == ["waiting", "waiting"]


def test_the_kept_one_is_accepted_too_where_that_is_ticked(draw, opened, alike) -> None:
    test = draw("duplicates")
    test.checkbox(key="clusters_accept").check()
    press(test, "keep", alike[0])
    assert states(opened, alike) == ["accepted", "rejected"]


def test_not_a_duplicate_tells_them_apart_and_the_cluster_goes(draw, opened, alike) -> None:
    test = draw("duplicates")
    press(test, "split", alike[1])
    assert len(different_pairs(opened)) == 1
    assert states(opened, alike) == ["waiting", "waiting"]
    assert "Nothing that is alike waits" in test.info[0].value


def test_the_others_text_is_taken_mended_and_kept_in_one_act(draw, opened, alike) -> None:
    test = draw("duplicates")
    press(test, "take", alike[1])
    [field] = [area for area in test.text_area if area.key.startswith("cluster-answer-")]
    assert field.value == alike[1].answer
    field.set_value("Pulsa Guardar y espera entre 24 y 48 horas.")
    time.sleep(READ)
    [keep] = [button for button in test.button if "with this text" in button.label]
    keep.click().run()
    [made] = [s.pair for s in opened.pairs("waiting")]
    assert (made.answer, made.made_from) == ("Pulsa Guardar y espera entre 24 y 48 horas.", (alike[0].id,))
    assert states(opened, alike) == ["replaced", "rejected"]


def written(test):
    [field] = [area for area in test.text_area if area.key.startswith("cluster-answer-")]
    return field.value


def test_what_was_typed_before_is_back_and_goes_only_when_it_is_sent_or_discarded(draw, opened, alike) -> None:
    by = "person:reviewer-1"
    judge(opened, [Verdict(pair=alike[0].id, version=2, decision="accept", by="person:reviewer-2")])
    assert save_draft(opened, by, alike[0].id, 3, {"answer": "A medias"})
    test = draw("duplicates")
    assert written(test) == "A medias"
    press(test, "keep", alike[1])
    assert "another text" in test.warning[0].value
    assert states(opened, alike) == ["accepted", "waiting"]
    assert written(test) == "A medias"
    next(button for button in test.button if button.label == "Discard").click().run()
    assert load_draft(opened, by, alike[0].id) is None
    assert not test.text_area


def test_every_run_tells_the_browser_what_the_fields_hold(draw, opened, alike) -> None:
    """It may have missed the run that filled them, when a key was pressed twice; empty ones would be sent back."""
    save_draft(opened, "person:reviewer-1", alike[0].id, 2, {"answer": "A medias"})
    test = draw("duplicates").run()
    assert [area.proto.default for area in test.text_area] == [alike[0].question, "A medias"]


def test_what_was_typed_stays_when_somebody_else_was_faster(draw, opened, alike) -> None:
    test = draw("duplicates")
    press(test, "take", alike[1])
    judge(opened, [Verdict(pair=alike[1].id, version=2, decision="accept", by="person:reviewer-2")])
    [field] = [area for area in test.text_area if area.key.startswith("cluster-answer-")]
    field.set_value("Entre 24 y 48 horas.")
    time.sleep(READ)
    next(button for button in test.button if "with this text" in button.label).click().run()
    assert "Nothing was changed" in test.warning[0].value
    assert load_draft(opened, "person:reviewer-1", alike[0].id).body["answer"] == "Entre 24 y 48 horas."


def test_a_second_press_at_once_is_held_back(draw, opened, alike) -> None:
    test = draw("duplicates")
    [button] = [b for b in test.button if b.key.startswith("cluster-keep-") and b.key.endswith(alike[0].id)]
    test.session_state["clusters_pace"]._last = time.monotonic() + 60
    button.click().run()
    assert states(opened, alike) == ["waiting", "waiting"]
    assert test.warning


def test_a_press_about_what_has_changed_says_so_and_writes_nothing(draw, opened, alike) -> None:
    test = draw("duplicates")
    judge(opened, [Verdict(pair=alike[1].id, version=2, decision="accept", by="person:reviewer-2")])
    press(test, "keep", alike[0])
    assert states(opened, alike) == ["waiting", "accepted"]
    assert "Nothing was changed" in test.warning[0].value


def test_what_a_rule_took_out_is_listed_as_settled_with_the_rule(draw, opened, alike) -> None:
    reason = f"rule exact-copies: dedupe found contradiction of {alike[0].id}"
    judge(
        opened,
        [Verdict(pair=alike[1].id, version=2, decision="reject", by="rule:exact-copies", reason=reason)],
    )
    test = draw("duplicates")
    test.toggle(key="clusters_settled").set_value(True).run()
    assert "Rejected by the rule exact-copies" in shown(test)
    assert f"in favour of {alike[0].id[:12]}" in shown(test)


def test_the_picture_of_a_way_escapes_all_its_texts() -> None:
    box = Box(kind="page", title=HOSTILE, lines=(HOSTILE,))
    drawn = flow_html([Stage(name=HOSTILE, boxes=(box,))])
    assert drawn.count("&lt;img") == 3
    assert "<img" not in drawn
    assert "<script" not in drawn


@pytest.mark.slow
def test_in_a_real_browser_hostile_pairs_run_nothing_typed_text_stays_and_keys_reach_the_buttons(
    until, screen, app, make_pair
) -> None:
    asked = f"¿Cómo cambio la clave? {HOSTILE}"
    pairs = [make_pair(70 + n, question=asked, answer=f"Pulsa {n}. {HOSTILE}") for n in range(2)]
    found = Finding(pair=pairs[1].id, step="dedupe", kind="near_duplicate", witness=pairs[0].id)
    app.bring(pairs, [found])
    screen.open("duplicates")
    screen.says("Quedarme mejor con este")
    screen.page.get_by_text("onerror=alert(2)").first.wait_for()
    screen.page.get_by_role("button", name="Editar el texto que se queda").click()
    screen.answer.fill("A medias, sin pulsar nada")
    with app.store() as store:
        until(lambda: load_draft(store, "person:reviewer-1", pairs[0].id))
    screen.page.get_by_role("link", name="Inicio").click()
    screen.says("Qué hacer ahora")
    screen.page.get_by_role("link", name="Duplicados").first.click()
    screen.says("Hemos recuperado lo que escribiste")
    assert screen.answer.input_value() == "A medias, sin pulsar nada"
    screen.page.get_by_role("button", name="Descartar").click()
    screen.page.get_by_text("Hemos recuperado").wait_for(state="detached")
    screen.page.get_by_role("button", name="Quedarme mejor con este").focus()
    screen.page.wait_for_timeout(400)
    screen.press("Enter")
    screen.says("rechazados como duplicados suyos: 1")
    assert app.state(pairs[0]) == "rejected"
    screen.open().see(pairs[1])
    screen.page.get_by_role("link", name="De dónde viene").first.click()
    screen.says("El par como llegó")
    assert screen.page.locator("ol.tz-flow > li").count() == 6
    assert screen.page.locator("ol.tz-flow img, ol.tz-flow script").count() == 0
    assert screen.dialogs == []
