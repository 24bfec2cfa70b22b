"""The lineage screen: a pair, a line or words lead to the way of a pair; nothing outside of the exports is read."""

from __future__ import annotations

import dataclasses

import pytest

from tamiz.decisions import judge, mark_sieved
from tamiz.records import Verdict


@pytest.fixture
def edited(opened, make_pair):
    """A pair and the one that a person has put in its place."""
    pair = make_pair(1)
    opened.add_pairs([pair], "source:ayuda")
    mark_sieved(opened, [pair.id])
    by = "person:reviewer-1"
    better = dataclasses.replace(pair, answer=f"{pair.answer} <b>Y espera.</b>", made_from=(pair.id,), made_by=by)
    judge(opened, [Verdict(pair=pair.id, version=2, decision="accept", by=by, edited=better)])
    return pair, better


def shown(test) -> str:
    return "\n".join(str(element.proto.body) for element in test.get("html"))


def ask(draw, text: str, **how):
    test = draw("lineage", **how)
    test.text_input(key="pair").set_value(text).run()
    assert not test.exception
    return test


def test_a_pair_is_followed_from_its_source_over_its_edit_to_what_stands_now(draw, edited) -> None:
    pair, better = edited
    body = shown(ask(draw, pair.id))
    assert pair.id in body
    assert better.id in body
    assert "&lt;b&gt;Y espera." in body
    assert "<b>Y espera" not in body
    assert "by reviewer-1" in body
    assert "In no version yet" in body


def test_the_beginning_of_an_id_is_enough_and_spanish_is_spoken(draw, edited) -> None:
    body = shown(ask(draw, edited[1].id[:12], language="es"))
    assert "El par ahora" in body
    assert "En ninguna versión todavía" in body


def test_words_of_the_question_lead_to_the_pairs_that_have_them(draw, edited) -> None:
    test = ask(draw, "clave wifi")
    [button] = [button for button in test.button if button.key == f"go-{edited[1].id}"]
    button.click().run()
    assert edited[0].id in shown(test)


def test_no_file_outside_of_the_exports_is_read(draw, folder, edited) -> None:
    (folder / "secret.jsonl").write_text(f'{{"id": "{edited[0].id}"}}\n', encoding="utf-8")
    test = ask(draw, f"{folder}/secret.jsonl:1")
    assert edited[0].id not in shown(test)


def test_a_line_that_is_not_there_is_named(draw, edited) -> None:
    assert "cannot be read" in ask(draw, "exports/v001/pairs/train.jsonl:3").warning[0].value
