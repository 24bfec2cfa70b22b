"""Copies: which are found, which only look alike, which one is kept, and in whatever order they come."""

from __future__ import annotations

import random

import pytest

from curation.dedupe import ExactStep, NearStep, find_copies
from curation.guards import answer_difference, question_difference, replaced_words
from curation.similar import normal
from tamiz.records import Finding, Pair, Turn
from tamiz.settings import CurationSettings, NearSettings

LONG = (
    "Entra en la página del router, abre el menú de la red inalámbrica, escribe la clave nueva dos veces y pulsa "
    "Guardar. El router tarda un momento en reiniciarse y después hay que conectar otra vez cada aparato."
)


def pair_of(question: str, answer: str = LONG, **changes: object) -> Pair:
    values = {"lang": "es", "url": "https://a.example/1", "kind": "faq", "group": "g", **changes}
    return Pair(question=question, answer=answer, **values)  # type: ignore[arg-type]


def look(step: type[ExactStep] | type[NearStep], *pairs: Pair, accepted: tuple[Pair, ...] = ()) -> list[Finding]:
    built = step(CurationSettings())
    built.remember(accepted)
    return list(built.look(pairs))


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
    first, second = (
        pair_of("¿Cómo cambio la clave?"),
        pair_of("como  CAMBIO la clave".replace("como", "Cómo"), url="u2"),
    )
    [finding] = look(ExactStep, first, second)
    assert (finding.pair, finding.kind, finding.witness) == (second.id, "exact_duplicate", first.id)
    assert "came first" in finding.note


def test_the_same_question_with_another_answer_is_shown_to_people() -> None:
    first, second = pair_of("¿Cómo cambio la clave?"), pair_of("¿Cómo cambio la clave?", "No se puede cambiar.")
    [finding] = look(ExactStep, first, second)
    assert (finding.pair, finding.kind, finding.witness) == (second.id, "same_question", first.id)


def test_the_same_words_after_other_turns_are_another_question() -> None:
    one = pair_of("¿Y ahora?", context=(Turn(role="user", content="El wifi no va"),))
    other = pair_of("¿Y ahora?", context=(Turn(role="user", content="He pagado dos veces"),))
    assert look(ExactStep, one, other) == []
    assert [finding.kind for finding in look(NearStep, one, other)] == []


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        pytest.param({"accepted": True}, {"votes": 90}, "accepted answer", id="accepted before votes"),
        pytest.param(
            {"votes": 5}, {"votes": 2, "answer": LONG + " Gracias por esperar."}, "more votes", id="votes before length"
        ),
        pytest.param({"answer": LONG + " Gracias por esperar."}, {}, "longer answer", id="length before arrival"),
        pytest.param({}, {}, "came first", id="arrival"),
    ],
)
@pytest.mark.parametrize("turned", [False, True], ids=["better first", "better later"])
def test_the_better_copy_is_kept(better: dict, worse: dict, why: str, turned: bool) -> None:
    one = pair_of("¿Cómo cambio la clave del wifi de casa?", **better)
    other = pair_of("¿Cómo cambio la clave del wifi de mi casa?", **worse)
    if turned and why == "came first":
        one, other = other, one
    pairs = [other, one] if turned and why != "came first" else [one, other]
    [finding] = look(NearStep, *pairs)
    assert (finding.pair, finding.witness) == (other.id, one.id)
    assert why in finding.note


def test_an_accepted_pair_is_kept_whatever_comes_later() -> None:
    accepted = pair_of("¿Cómo cambio la clave del wifi de casa?")
    better = pair_of("¿Cómo cambio la clave del wifi de mi casa?", votes=50, accepted=True)
    [finding] = look(NearStep, better, accepted=(accepted,))
    assert (finding.pair, finding.witness) == (better.id, accepted.id)


def test_confidence_is_the_lower_of_the_two_similarities() -> None:
    one = pair_of("¿Cómo cambio la clave del wifi de casa?")
    other = pair_of("¿Cómo cambio la clave del wifi de mi casa?", LONG.replace("un momento", "un buen rato"))
    [finding] = look(NearStep, one, other)
    [copy] = find_copies([one, other], NearSettings())
    assert finding.confidence == round(min(copy.question, copy.answer), 4) < 1


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
    ],
)
def test_small_differences_that_matter_make_two_questions(one: str, other: str) -> None:
    assert question_difference(one, other)
    assert look(NearStep, pair_of(one), pair_of(other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("¿Cómo cambio la contraseña?", "¿Como cambio la contrasena?", id="accents"),
        pytest.param("¿Cómo puedo cambiar la clave?", "¿Cómo cambiar la clave?", id="a helping verb"),
        pytest.param("¿Cómo reinicio el router?", "¿Cómo se reinicia el ruter?", id="a slip and another form"),
        pytest.param("1. Abre la red\n2. Guarda", "Abre la red\nGuarda", id="numbers of a list"),
    ],
)
def test_small_differences_that_do_not_matter_are_passed_over(one: str, other: str) -> None:
    assert question_difference(one, other) == ""
    assert replaced_words(one, other) is None


def test_answers_with_another_number_are_the_same_question_and_no_copy() -> None:
    one, other = (
        pair_of("¿Cuánto tarda el alta de la línea?", LONG + " Tarda 5 días."),
        pair_of("¿Cuánto tarda el alta de la linea?", LONG + " Tarda 7 días."),
    )
    assert answer_difference(one.answer, other.answer)
    assert [finding.kind for finding in look(NearStep, one, other)] == ["same_question"]


def test_a_question_worded_another_way_with_the_same_long_answer_is_a_doubtful_copy() -> None:
    one, other = pair_of("¿Cómo reinicio el router de casa?"), pair_of("¿Cómo cambio el router de casa?")
    [finding] = look(NearStep, one, other)
    assert (finding.kind, finding.confidence) == ("near_duplicate", 0.45)
    assert "cambio / reinicio" in finding.note


def test_a_replaced_word_that_the_answers_speak_about_makes_two_pairs() -> None:
    one = pair_of("¿Cómo instalo la app de ayuda en Android?", LONG + " Vale para Android.")
    other = pair_of("¿Cómo instalo la app de ayuda en iPhone?", LONG + " Vale para iPhone.")
    assert look(NearStep, one, other) == []


def test_short_answers_to_different_questions_are_no_copies() -> None:
    pairs = [
        pair_of("¿Puedo pagar la factura en la tienda?", "Sí."),
        pair_of("¿Puedo pagar la cuota en el banco?", "Sí."),
    ]
    assert look(NearStep, *pairs) == []


def test_no_chains_every_witness_is_kept_and_itself_similar() -> None:
    words = LONG.split()
    pairs = [
        pair_of("¿Cómo cambio la clave?", " ".join(words[n : n + 20]), url=f"u{n}") for n in range(len(words) - 20)
    ]
    copies = find_copies(pairs, NearSettings(), at_least=0.0)
    gone = {copy.pair.id for copy in copies}
    assert copies
    assert all(copy.of.id not in gone and min(copy.question, copy.answer) >= 0.7 for copy in copies)


def test_pairs_made_from_each_other_are_never_compared() -> None:
    original = pair_of("¿Cómo cambio la clave del wifi?")
    made = [
        pair_of(q, made_from=(original.id,), made_by="s") for q in (original.question, "¿Cómo cambio clave del wifi?")
    ]
    for step in (ExactStep, NearStep):
        assert look(step, original, *made) == look(step, *made) == []


def test_what_is_found_does_not_depend_on_the_order_of_arrival() -> None:
    pairs = [
        pair_of(
            f"¿Cómo cambio la clave del {thing}{end}?", f"{LONG} Esto vale para el {thing}.{end}", url=f"{thing}{end}"
        )
        for thing in ("wifi", "correo", "panel")
        for end in ("", " ya", " ahora ya")
    ]
    kept = set()
    for seed in range(5):
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        kept.add(
            frozenset(pair.id for pair in pairs) - {copy.pair.id for copy in find_copies(shuffled, NearSettings())}
        )
    assert len(kept) == 1


def test_exact_copies_are_left_to_the_exact_step() -> None:
    pairs = [pair_of("¿Cómo cambio la clave?", url=f"u{n}") for n in range(4)]
    assert look(NearStep, *pairs) == []
    assert len(look(ExactStep, *pairs)) == 3


def test_the_exact_check_across_parts_misses_nothing() -> None:
    from curation.similar import jaccard, shingles, similar_across

    words = LONG.split()
    chosen = random.Random(5)
    texts = [shingles(" ".join(chosen.choices(words, k=12) + words[:14]), 3) for _ in range(160)]
    left, right = texts[:70], texts[70:]
    every = {(a, b) for a, one in enumerate(left) for b, two in enumerate(right) if jaccard(one, two) >= 0.55}
    assert 0 < len(every) < len(left) * len(right)
    assert set(similar_across(left, right, 0.55)) == every
