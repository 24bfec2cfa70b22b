"""The pairs most like one that is reviewed, and those that answer the same question otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.nearby import about_tokens, nearby
from tamiz.decisions import claim_pair, decide, mark_sieved
from tamiz.records import Finding, Verdict

ME = "person:reviewer-1"


@pytest.fixture
def bring(store, make_pair):
    def run(*texts: tuple[str, str]):
        pairs = [make_pair(number, question=question, answer=answer) for number, (question, answer) in enumerate(texts)]
        store.add_pairs(pairs, "source:ayuda")
        mark_sieved(store, [pair.id for pair in pairs])
        return pairs

    return run


def test_the_most_alike_come_first_and_strangers_do_not_come(store, bring):
    mine, far, near, _ = bring(
        ("¿Cómo reinicio el router Farol?", "Pulsa el botón diez segundos."),
        ("¿Cómo configuro el router Farol en modo puente?", "Entra en la página del aparato."),
        ("¿Cómo reinicio mi router Farol?", "Pulsa el botón unos diez segundos."),
        ("¿Cuánto cuesta la portabilidad?", "Nada."),
    )
    found = nearby(store, mine)
    assert [one.stored.pair.id for one in found] == [near.id, far.id]
    assert not any(one.contradicts for one in found)


@pytest.mark.parametrize(
    ("question", "answer", "contradicts"),
    [
        pytest.param("¿Cuánto cuesta la tarifa Brasa?", "La tarifa Brasa cuesta 39,90 € al mes.", True, id="a number"),
        pytest.param(
            "¿Cuánto cuesta la tarifa Brasa?", "La tarifa Brasa no cuesta 29,90 € al mes.", True, id="a denial"
        ),
        pytest.param("¿Cuánto cuesta la tarifa Brasa?", "Depende de la permanencia elegida.", True, id="other words"),
        pytest.param(
            "¿Cuánto cuesta la tarifa Brasa?", "La tarifa Brasa cuesta 29,90 € cada mes.", False, id="the same"
        ),
        pytest.param("¿Cuánto cuesta la tarifa Brasa 2?", "La tarifa cuesta 49,90 €.", False, id="another question"),
    ],
)
def test_the_same_question_with_another_answer_is_a_warning(store, bring, question, answer, contradicts):
    mine, other = bring(
        ("¿Cuánto cuesta la tarifa Brasa?", "La tarifa Brasa cuesta 29,90 € al mes."), (question, answer)
    )
    assert [(one.stored.pair.id, one.contradicts) for one in nearby(store, mine)] == [(other.id, contradicts)]


def test_pairs_that_are_out_are_no_neighbours(store, bring):
    mine, other = bring(("¿Cómo reinicio el router?", "Así."), ("¿Cómo reinicio el router ya?", "De otra manera."))
    assert len(nearby(store, mine)) == 1
    held = claim_pair(store, other.id, ME, lease_seconds=60)
    decide(store, Verdict(pair=other.id, version=held.version, decision="reject", by=ME))
    assert nearby(store, mine) == []


def test_what_a_step_has_named_is_a_neighbour_in_whatever_words(store, bring):
    mine, other = bring(("¿Va lento?", "Reinicia."), ("Conexión con poca velocidad", "Apaga y enciende."))
    store.add_look(
        "dedupe", "s", [other.id], [Finding(pair=other.id, step="dedupe", kind="same_meaning", witness=mine.id)]
    )
    assert [one.stored.pair.id for one in nearby(store, mine)] == [other.id]


def test_the_tokens_of_a_pair_grow_with_its_text_and_its_turns(make_pair):
    short = make_pair(1, question="a" * 36, answer="b" * 36)
    assert about_tokens(short) == 20
    assert about_tokens(replace(short, answer="b" * 3_600)) == 1_010
