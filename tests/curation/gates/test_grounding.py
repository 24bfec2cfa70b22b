"""What grounding takes for the same, and what for something else."""

from __future__ import annotations

import pytest

from curation.synthesis.gates import KINDS, look, reason_of
from curation.synthesis.gates.findings import GATES
from curation.synthesis.gates.quotes import stands_in
from tamiz.records import Pair


def kinds(answer: str, source: str, lang: str = "en", question: str = "") -> set[str]:
    asked = question or (
        "¿Qué tengo que saber del servicio Faro?" if lang == "es" else "What do I need to know of Faro?"
    )
    pair = Pair(question=asked, answer=answer, lang=lang, url="u", kind="synthetic", group="g")
    return {one.kind for one in look(pair, source, (), None) if one.kind in GATES["grounding"]}


@pytest.mark.parametrize(
    ("answer", "source", "lang"),
    [
        pytest.param("It takes two weeks.", "It takes 14 days.", "en", id="weeks in days"),
        pytest.param("Tarda una hora y media.", "Tarda 90 minutos.", "es", id="an hour and a half in minutes"),
        pytest.param("It costs €1,500.", "It costs 1500 euros.", "en", id="grouped digits and a sign"),
        pytest.param(
            "Cuesta 12,50 €.", "It costs 12.50 euros. Cuesta 12.50 euros.", "es", id="decimal comma and point"
        ),
        pytest.param("Abre a las seis y media de la tarde.", "Abre a las 18:30.", "es", id="a time in words"),
        pytest.param("We refund 50 % of it.", "We refund half of it.", "en", id="half in percent"),
        pytest.param("Son treinta y cinco euros.", "Son 35 €.", "es", id="a number in words"),
        pytest.param("Call 0800 555 0134.", "Call 0800-5550134.", "en", id="a telephone number"),
        pytest.param("Solo cuesta 20 céntimos.", "Cuesta 0,20 €.", "es", id="cents in euros"),
    ],
)
def test_the_same_amount_in_other_words_is_grounded(answer: str, source: str, lang: str) -> None:
    assert kinds(answer, source, lang) == set()


@pytest.mark.parametrize(
    ("answer", "source", "kind"),
    [
        pytest.param("It takes 15 days.", "It takes 14 days.", "number_not_in_source", id="number"),
        pytest.param("It takes 14 weeks.", "It takes 14 days.", "unit_not_in_source", id="unit"),
        pytest.param("It costs £6 per week.", "It costs £6 per month.", "unit_not_in_source", id="rate"),
        pytest.param("Write to a@x.example.", "Write to b@x.example.", "address_not_in_source", id="e-mail"),
        pytest.param("Run `faro stop`.", "Run faro start.", "command_not_in_source", id="command"),
        pytest.param("Pay the bill with Zumpay.", "Pay the bill with Yolpay.", "name_not_in_source", id="name"),
        pytest.param("Closed on Sundays.", "Closed on Mondays.", "name_not_in_source", id="day"),
        pytest.param("Open boxes can be returned.", "Open boxes cannot be returned.", "negation_changed", id="no less"),
        pytest.param("The boxes can't be returned.", "The boxes can be returned.", "negation_changed", id="no more"),
        pytest.param("Parking is forbidden here.", "Parking is allowed here.", "negation_changed", id="forbidden"),
        pytest.param("Bring a towel and a helmet.", "Bring a towel.", "foreign_fact", id="foreign thing"),
    ],
)
def test_what_is_altered_is_found_with_its_kind(answer: str, source: str, kind: str) -> None:
    assert kind in kinds(answer, source)


OUTAGE = (
    "Do I get compensation for an outage, which before did not count?\n\n"
    "TV-204 means that no signal comes. Yes, outages of 12 hours are compensated; what was before does not count."
)


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, outages of 12 hours are compensated; what was before does not count.",
        "TV-204 means that no signal comes.",
        "TV-204 means that no signal comes. Yes, outages of 12 hours are compensated; what was before does not count.",
    ],
)
def test_sentences_of_the_source_as_they_stand_there_change_no_negation(answer: str) -> None:
    assert kinds(answer, OUTAGE, question="Do I get compensation for an outage?") == set()


def test_a_sentence_of_which_a_part_was_left_out_is_not_the_source_s_own() -> None:
    assert "negation_changed" in kinds("Open boxes can be returned.", "Open boxes, if they smell, cannot be returned.")


def test_a_quote_is_looked_for_whatever_the_spaces_case_marks_and_unicode_form_but_word_for_word() -> None:
    source = "Pulse «Guardar\u00a0cambios»  y espere\n10 segundos. Cafe\u0301."
    assert stands_in("pulse “Guardar cambios” y espere 10 segundos", source)
    assert stands_in("café", source)
    assert not stands_in("pulse Guardar los cambios", source)
    assert not stands_in("", source)


def test_a_quote_that_is_not_in_the_source_is_found() -> None:
    pair = Pair(
        question="How long do refunds take?",
        answer="It takes 14 days.",
        lang="en",
        url="u",
        kind="synthetic",
        group="g",
    )
    found = look(pair, "It takes 14 days.", ["It takes 14 days", "It takes ten days"], None)
    assert [one.kind for one in found] == ["quote_missing"]


def test_a_finding_points_at_the_words_that_it_is_about() -> None:
    answer = "Hold the button for 25 seconds."
    pair = Pair(question="How do I reset the Halden?", answer=answer, lang="en", url="u", kind="synthetic", group="g")
    (one,) = look(pair, "Hold the button for 15 seconds.", (), None)
    assert (answer[one.start : one.end], one.before, one.witness) == ("25 seconds", "25 seconds", "15 seconds")


def test_a_reason_names_what_is_meant_and_what_the_source_says_in_either_language() -> None:
    pair = Pair(
        question="How do I reset it, the Halden?",
        answer="Wait 25 seconds.",
        lang="en",
        url="u",
        kind="synthetic",
        group="g",
    )
    number, quote = (
        next(one for one in look(pair, "Wait 15 seconds.", ["Wait a bit"], None) if one.kind == kind)
        for kind in ("number_not_in_source", "quote_missing")
    )
    assert reason_of(number, "es") == "«25 seconds»: ese número no está en la fuente (la fuente: «15 seconds»)"
    assert reason_of(number, "en") == number.note
    assert reason_of(quote, "es") == "«Wait a bit»: esta cita no está en la fuente"


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_reason_in_both_languages(kind: str, lang: str) -> None:
    from tamiz.records import Finding

    assert len(reason_of(Finding(pair="a", step="gates", kind=kind, before="x"), lang)) > 8
