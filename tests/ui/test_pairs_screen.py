"""The pairs screen: find pairs, page through them, decide about many after a preview, and take it back."""

from __future__ import annotations

import pytest

from tamiz.decisions import claim_pair, mark_sieved
from tamiz.store import Store

SIZE = 26


@pytest.fixture
def pairs(opened: Store, make_pair):
    made = [
        make_pair(number, question=f"¿Número {number}? <b>móvil</b>" if number < 3 else f"¿Número {number}?")
        for number in range(SIZE)
    ]
    opened.add_pairs(made, "source:ayuda")
    mark_sieved(opened, [pair.id for pair in made])
    return made


def shown(test) -> str:
    return "\n".join(str(block.proto.body) for block in test.get("html"))


def says(test) -> str:
    parts = [*test.markdown, *test.success, *test.warning, *test.info, *test.error]
    return "\n".join(part.value for part in parts)


def press(test, key):
    test.button(key=key).click().run()
    assert not test.exception
    return test


def test_pages_lead_forth_and_back(pairs, draw):
    test = draw("pairs")
    assert f"Pairs found: {SIZE}" in says(test)
    assert "¿Número 25?" in shown(test)
    assert "¿Número 5?" not in shown(test)
    press(test, "pairs-next")
    assert "¿Número 5?" in shown(test)
    assert test.button(key="pairs-next").disabled
    press(test, "pairs-previous")
    assert "¿Número 25?" in shown(test)


def test_what_is_searched_for_is_marked_and_markup_is_text(pairs, draw):
    test = draw("pairs")
    test.text_input(key="pairs-text").set_value("movil").run()
    assert "Pairs found: 3" in says(test)
    assert "&lt;b&gt;<mark>móvil</mark>&lt;/b&gt;" in shown(test)
    test.text_input(key="pairs-text").set_value("nothing*&").run()
    assert "No pair is like this" in says(test)
    press(test, "pairs-clear")
    assert f"Pairs found: {SIZE}" in says(test)


def test_many_are_rejected_after_a_preview_and_taken_back(pairs, draw, opened):
    test = draw("pairs")
    test.text_input(key="pairs-text").set_value("movil").run()
    test.selectbox(key="bulk-act").set_value("reject").run()
    press(test, "bulk-look")
    assert "To be rejected: 3" in says(test)
    assert opened.counts() == {"waiting": SIZE}
    claim_pair(opened, pairs[1].id, "person:reviewer-2", lease_seconds=60)
    test.selectbox(key="bulk-reason").set_value("outdated").run()
    press(test, "bulk-do")
    assert "Pairs: 2." in says(test)
    assert "Being looked at by others, left: 1." in says(test)
    assert opened.history(pairs[0].id)[-1].reason == "outdated"
    press(test, "bulk-undo")
    assert "Pairs as before: 2." in says(test)
    assert opened.counts() == {"waiting": SIZE}


def test_marked_rows_are_decided_and_others_are_not(pairs, draw, opened):
    test = draw("pairs", language="es")
    last = opened.pair(pairs[-1].id)
    test.checkbox(key=f"pick-{last.seq}-{last.version}").check().run()
    test.radio(key="bulk-which").set_value("picked").run()
    press(test, "bulk-look")
    assert "Se aceptarían: 1" in says(test)
    press(test, "bulk-do")
    assert opened.counts() == {"waiting": SIZE - 1, "accepted": 1}
    assert opened.pair(pairs[-1].id).state == "accepted"


def test_another_filter_drops_the_preview(pairs, draw):
    test = draw("pairs")
    press(test, "bulk-look")
    test.text_input(key="pairs-text").set_value("movil").run()
    assert "To be accepted" not in says(test)


def test_a_pair_is_opened_for_review_or_its_story(pairs, draw, opened):
    test = draw("pairs")
    first = opened.pair(pairs[-1].id)
    press(test, f"review-{first.seq}")
    assert test.session_state["stay_at"] == pairs[-1].id
    press(test, f"story-{first.seq}")
    assert test.session_state["lineage_go"] == pairs[-1].id


def test_an_empty_project_says_what_to_do(draw):
    assert "There are no pairs yet" in says(draw("pairs"))


def test_long_texts_are_cut_and_shown_whole_on_demand(opened, make_pair, draw):
    opened.add_pairs([make_pair(1, question=f"¿{'palabra ' * 375}final?", answer=f"{'sí ' * 400}fin.")], "source:ayuda")
    test = draw("pairs")
    assert "final?" not in shown(test)
    assert "fin." not in shown(test)
    [whole] = test.toggle
    whole.set_value(True).run()
    assert "final?" in shown(test)
    assert "fin." in shown(test)
