"""Copies and questions asked again: which are found, which only look alike, and in whatever order they come."""

from __future__ import annotations

import random
from typing import Any

import pytest

from curation.dedupe import DedupeStep
from curation.near.overlap import similarity
from curation.near.texts import normal
from tamiz.records import Finding, Pair, Turn
from tamiz.settings import CurationSettings, NearSettings

LONG = (
    "Entra en la página del router, abre el menú de la red inalámbrica, escribe la clave nueva dos veces y pulsa "
    "Guardar. El router tarda un momento en reiniciarse y después hay que conectar otra vez cada aparato."
)


def pair_of(question: str, answer: str = LONG, **changes: Any) -> Pair:
    values = {"lang": "es", "url": "https://a.example/1", "kind": "faq", "group": "g", **changes}
    return Pair(question=question, answer=answer, **values)


def look(*pairs: Pair, accepted: tuple[Pair, ...] = (), **near: Any) -> list[Finding]:
    step = DedupeStep(CurationSettings(near=NearSettings(**near)))
    step.remember(accepted)
    return list(step.look(pairs))


def in_order_of_id(*pairs: Pair) -> list[Pair]:
    return sorted(pairs, key=lambda pair: pair.id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("  ¿CÓMO   va?\n", "cómo va", id="case, space and question marks"),
        pytest.param("«C++» y C#", "c++ y c#", id="signs that belong to a name"),
        pytest.param("versión 2.4, no 24", "versión 2.4 no 24", id="the point of a number"),
        pytest.param("grep -R y grep -r", "grep -R y grep -r", id="options keep their case"),
        pytest.param("- uno\n• dos", "uno dos", id="bullets"),
        pytest.param("ﬁbra ①", "fibra 1", id="compatibility characters"),
    ],
)
def test_exact_comparison_is_of_the_normal_text(text: str, expected: str) -> None:
    assert normal(text) == expected


def test_the_same_question_and_answer_is_an_exact_duplicate_of_the_kept_pair() -> None:
    first, second = pair_of("¿Cómo cambio la clave?", votes=1), pair_of("Cómo  CAMBIO la clave", url="u2")
    [finding] = look(first, second)
    assert (finding.pair, finding.kind, finding.witness) == (second.id, "exact_duplicate", first.id)
    assert finding.note == "same question and answer; the other one has more votes (1 / 0)"


def test_a_near_copy_says_how_alike_it_is_what_differs_and_why_the_other_is_kept() -> None:
    one = pair_of("¿Cómo cambio la clave del wifi de casa?", accepted=True)
    other = pair_of("¿Cómo cambio la clave del wifi de mi casa?", LONG.replace("un momento", "un ratito"))
    [finding] = look(one, other)
    alike = [similarity(normal(a), normal(b)) for a, b in ((one.question, other.question), (one.answer, other.answer))]
    assert (finding.kind, finding.confidence) == ("near_duplicate", round(min(alike), 4))
    assert finding.note == (
        f"question {alike[0]:.2f} alike, answer {alike[1]:.2f} alike; question: mi / nothing; "
        "answer: ratito / momento; the other one is the accepted answer"
    )


def test_an_exact_copy_of_a_near_copy_is_told_of_the_pair_that_stands_first() -> None:
    kept = pair_of("¿Cómo cambio la clave del wifi de casa?", votes=9)
    near = pair_of("¿Cómo cambio la clave del wifi de mi casa?", votes=5)
    same = pair_of("¿Cómo cambio la clave del wifi de mi casa?", votes=1)
    same = pair_of(same.question, votes=1, url="u2")
    found = [finding for finding in look(same, near, kept) if finding.pair == same.id]
    assert [(one.kind, one.witness) for one in found] == [("near_duplicate", kept.id), ("exact_duplicate", near.id)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"accepted": True}, {"votes": 90}, id="accepted before votes"),
        pytest.param({"votes": 5}, {"votes": 2, "answer": LONG + " Gracias por esperar."}, id="votes before length"),
        pytest.param({"answer": LONG + " Gracias por esperar."}, {"written_at": "2026-01-31"}, id="length before date"),
        pytest.param({"written_at": "2026-01-31"}, {"written_at": "2021-05-01"}, id="date"),
    ],
)
@pytest.mark.parametrize("turned", [False, True], ids=["better first", "better later"])
def test_the_better_copy_is_kept(better: dict, worse: dict, turned: bool) -> None:
    one = pair_of("¿Cómo cambio la clave del wifi de casa?", **better)
    other = pair_of("¿Cómo cambio la clave del wifi de mi casa?", **worse)
    [finding] = look(*([other, one] if turned else [one, other]))
    assert (finding.pair, finding.witness) == (other.id, one.id)


def test_the_settings_say_which_copy_is_kept() -> None:
    voted = pair_of("¿Cómo cambio la clave?", votes=5, source="foro")
    longer = pair_of("¿Cómo cambio la clave?", LONG + " Gracias por esperar.", source="ayuda")
    assert look(voted, longer, keep=("votes",))[0].witness == voted.id
    assert look(voted, longer, keep=("longest", "votes"))[0].witness == longer.id
    [finding] = look(voted, longer, keep=("source",), source_order=("ayuda", "foro"))
    assert finding.witness == longer.id
    assert finding.note.endswith("the other one comes from a source that stands before")


def test_an_accepted_pair_is_kept_whatever_comes_later() -> None:
    accepted = pair_of("¿Cómo cambio la clave del wifi de casa?")
    better = pair_of("¿Cómo cambio la clave del wifi de mi casa?", votes=50, accepted=True)
    [finding] = look(better, accepted=(accepted,))
    assert (finding.pair, finding.witness) == (better.id, accepted.id)
    assert finding.note.endswith("the other one is accepted already")


def test_nothing_is_found_about_accepted_pairs() -> None:
    asked = "¿Cómo cambio la clave del wifi de casa?"
    accepted = (pair_of(asked), pair_of(asked, url="u2"), pair_of(asked, "No se puede."), pair_of(asked, LONG + " 5"))
    assert look(pair_of("¿Dónde está la tienda?", "En Lugo."), accepted=accepted) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("¿Qué es el error 651 al conectar?", "¿Qué es el error 691 al conectar?", id="another number"),
        pytest.param(
            "¿Cómo activo el roaming de datos?", "¿Cómo desactivo el roaming de datos?", id="the opposite, Spanish"
        ),
        pytest.param("How do I enable call waiting?", "How do I disable call waiting?", id="the opposite, English"),
        pytest.param(
            "¿Se puede cambiar la tarifa este mes?", "¿No se puede cambiar la tarifa este mes?", id="a negation"
        ),
        pytest.param(
            "¿Uso cifrado WPA en el router viejo?", "¿Uso cifrado WEP en el router viejo?", id="another acronym"
        ),
        pytest.param("¿Qué borra rm -r en la carpeta?", "¿Qué borra rm -R en la carpeta?", id="another option"),
        pytest.param("¿Cuánto son 5 € de recarga?", "¿Cuánto son 5 $ de recarga?", id="another currency"),
        pytest.param("¿Cómo reinicio el router de casa?", "¿Cómo cambio el router de casa?", id="another word"),
    ],
)
def test_small_differences_that_matter_make_two_questions(one: str, other: str) -> None:
    assert look(pair_of(one), pair_of(other)) == []
    assert look(pair_of(one), pair_of(other, "Llama al 1004 y pregunta.")) == []


def test_short_answers_to_different_questions_are_no_copies() -> None:
    pairs = [pair_of("¿Puedo pagar en la tienda?", "Sí."), pair_of("¿Puedo llevar mi móvil a otra casa?", "Sí.")]
    assert look(*pairs) == []


def test_the_same_words_after_other_turns_are_another_question() -> None:
    one = pair_of("¿Y ahora?", context=(Turn(role="user", content="El wifi no va"),))
    other = pair_of("¿Y ahora?", context=(Turn(role="user", content="He pagado dos veces"),))
    assert look(one, other) == []


def test_the_same_question_with_another_answer_is_shown_to_people() -> None:
    first, second = pair_of("¿Cómo cambio la clave?"), pair_of("Cómo cambio la clave", "No se puede cambiar.")
    [finding] = look(second, first)
    assert (finding.pair, finding.kind, finding.witness) == (second.id, "same_question", first.id)
    assert finding.note.startswith("same question, another answer (0.")
    assert finding.note.endswith("the other one has the longer answer")


def test_nearly_the_same_question_with_another_answer_is_shown_to_people() -> None:
    first, second = pair_of("¿Cómo cambio la clave del wifi?"), pair_of("¿Como cambio mi clave del wifi?", "Llama.")
    [finding] = look(second, first)
    assert (finding.pair, finding.kind, finding.witness) == (second.id, "same_question", first.id)
    assert finding.confidence == round(similarity(normal(first.question), normal(second.question)), 4) < 1


def test_a_question_about_something_narrower_is_another_question() -> None:
    one = pair_of("¿Cómo cambio la contraseña del correo?", "En los ajustes del buzón, en dos pasos.")
    other = pair_of("¿Cómo cambio la contraseña del correo corporativo?", "El corporativo lo cambia tu empresa.")
    assert look(one, other) == []


def test_answers_with_another_number_contradict_each_other() -> None:
    one = pair_of("¿Cuánto tarda el alta de la línea?", LONG + " Tarda 5 días.", votes=1)
    other = pair_of("¿Cuánto tarda el alta de la linea?", LONG + " Tarda 7 días.")
    [finding] = look(one, other)
    assert (finding.pair, finding.kind, finding.witness) == (other.id, "contradiction", one.id)
    assert "but for numbers or codes: 7 días / 5 días" in finding.note


def test_an_answer_in_other_words_is_no_contradiction() -> None:
    told = (
        "The visit takes 2 hours. The technician {} you the day before to {} the time, and {} the line. "
        "We leave it tested before we go, all of it."
    )
    one = pair_of("How long does installation take?", told.format("calls", "confirm", "tests"), votes=1)
    other = pair_of("How long does the installation take?", told.format("phones", "settle", "checks"))
    [finding] = look(one, other)
    assert (finding.kind, finding.witness) == ("same_question", one.id)
    assert "alike but for phones / calls" in finding.note


def test_of_many_that_ask_the_same_each_names_the_preferred_one_only() -> None:
    answers = ("No se puede.", "Llama al 1004.", "En la tienda de tu calle.", "Por correo certificado.")
    pairs = [
        pair_of(f"¿Cómo cambio la clave del wifi{end}", answer, votes=9 - n)
        for n, (answer, end) in enumerate(zip(answers, ("?", "?", " ya?", " pues?"), strict=True))
    ]
    found = look(*random.Random(3).sample(pairs, 4))
    assert {finding.pair: finding.witness for finding in found} == {pair.id: pairs[0].id for pair in pairs[1:]}
    assert len(found) == 3


def test_what_asks_the_same_is_looked_for_among_kept_pairs_only() -> None:
    asked = "¿Cómo cambio la clave del wifi de casa?"
    kept, other = pair_of(asked, votes=9), pair_of(asked, "No se puede.", votes=5)
    copy = pair_of(asked, url="u2", votes=7)
    found = look(kept, copy, other)
    assert {(f.pair, f.kind, f.witness) for f in found} == {
        (copy.id, "exact_duplicate", kept.id),
        (other.id, "same_question", kept.id),
    }


def test_thousands_of_similar_questions_are_compared_in_seconds() -> None:
    pairs = [
        pair_of(f"¿Cómo configuro el router modelo {chr(97 + n % 26)}x{n} en casa?", f"Con la guía {n}.", url=f"{n}")
        for n in range(3000)
    ]
    again = pair_of("¿Cómo configuro el router modelo ax0 en mi casa?", "Pregunta en la tienda de tu barrio.")
    [finding] = look(*pairs, again)
    assert {finding.pair, finding.witness} == {pairs[0].id, again.id}


def test_no_chains_every_witness_is_kept_and_itself_similar() -> None:
    words = LONG.split()
    pairs = [
        pair_of("¿Cómo cambio la clave?", " ".join(words[n : n + 20]), url=f"u{n}") for n in range(len(words) - 20)
    ]
    by_id = {pair.id: pair for pair in pairs}
    copies = [finding for finding in look(*pairs) if finding.kind == "near_duplicate"]
    gone = {copy.pair for copy in copies}
    assert copies
    for copy in copies:
        one, other = by_id[copy.pair], by_id[copy.witness]
        assert other.id not in gone
        assert round(similarity(normal(one.answer), normal(other.answer)), 4) == copy.confidence >= 0.7


def test_pairs_made_from_each_other_are_no_near_copies_and_no_variants() -> None:
    original = pair_of("¿Cómo cambio la clave del wifi?")
    made = [
        pair_of("¿Cómo cambio mi clave del wifi?", made_from=(original.id,), made_by="s"),
        pair_of(original.question, "Con la llave del router.", made_from=(original.id,), made_by="s"),
        pair_of(original.question, LONG + " Tarda 5 días.", made_from=(original.id,), made_by="s"),
    ]
    assert look(original, *made) == []
    assert look(*made) == []


def test_what_is_found_does_not_depend_on_the_order_of_arrival() -> None:
    ends = [("", ""), (" ya", " Y ya."), (" ahora ya", " Y ahora ya."), ("", " Tarda 5 días."), ("", "?")]
    pairs = [
        pair_of(f"¿Cómo cambio la clave del {thing}{end}?", f"{LONG} Vale para {thing}.{more}", url=f"{thing}{more}")
        for thing in ("wifi", "correo", "panel")
        for end, more in ends
    ]
    found = look(*pairs)
    assert {finding.kind for finding in found} == {"exact_duplicate", "near_duplicate", "contradiction"}
    for seed in range(4):
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        assert {finding.id for finding in look(*shuffled)} == {finding.id for finding in found}
