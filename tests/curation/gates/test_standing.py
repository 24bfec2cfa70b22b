"""When a pair stands alone."""

from __future__ import annotations

import time

import pytest

from curation.synthesis.gates import look
from tamiz.records import Pair, Turn

ANSWER = "Open the settings, choose Network and switch the proxy off."


def kinds(question: str, answer: str = ANSWER, lang: str = "en", **more: object) -> set[str]:
    pair = Pair(question=question, answer=answer, lang=lang, url="u", kind="synthetic", group="g", **more)  # type: ignore[arg-type]
    return {one.kind for one in look(pair, "", (), None)}


def test_a_question_in_a_dialogue_may_point_at_what_was_said() -> None:
    context = (Turn(role="user", content="My proxy is on."), Turn(role="assistant", content="I see."))
    assert kinds("How do I turn it off?") == {"unclear_question"}
    assert kinds("How do I turn it off?", context=context) == set()


def test_what_a_display_says_in_quotes_names_enough() -> None:
    assert kinds("It says 'Error 12' on my printer. Why?") == set()


@pytest.mark.parametrize("asked", ["According to the FAQ, who pays for the lift?", "As per the page, who pays?"])
def test_a_question_that_names_the_page_it_was_made_from_does_not_stand_alone(asked: str) -> None:
    assert "speaks_of_source" in kinds(asked)


HONEST = "I don't have information about train times; this help centre is about the Halden router."


@pytest.mark.parametrize("answer", [HONEST, "Sorry, I cannot tell: this help centre is about the Halden router."])
def test_an_answer_that_is_meant_as_a_refusal_is_none_that_a_gate_objects_to(answer: str) -> None:
    asked = "When does the night train leave?"
    pair = Pair(question=asked, answer=answer, lang="en", url="u", kind="synthetic", group="g")
    assert [one.kind for one in look(pair, "", (), None)] == ["refusal"]
    assert look(pair, "", (), None, refusal=True) == []


def test_whether_a_refusal_is_meant_is_not_told_by_the_name_of_who_made_it() -> None:
    assert kinds("When does the night train leave?", HONEST, made_by="synth:refusals") == {"refusal"}


def test_not_even_a_refusal_says_that_it_is_a_model() -> None:
    asked, answer = "When does the night train leave?", "As an AI, I can't say."
    pair = Pair(question=asked, answer=answer, lang="en", url="u", kind="synthetic", group="g")
    assert [one.kind for one in look(pair, "", (), None, refusal=True)] == ["refusal"]


def test_the_style_of_an_augmentation_is_left_alone() -> None:
    pair = Pair(question="turn it off", answer=ANSWER, lang="en", url="u", kind="synthetic", group="g")
    assert look(pair, "", (), None, augmentation=True) == []


@pytest.mark.parametrize(
    ("question", "answer"), [("x" * 700, ANSWER), ("How do I switch the proxy off?", "word " * 1500)]
)
def test_what_is_far_too_long_is_found(question: str, answer: str) -> None:
    assert "too_long" in kinds(question, answer)


@pytest.mark.parametrize("hostile", ["a_", "1 ", "-a", "veinte y ", "que no ", "A-", "a@", "`", "la informacion "])
def test_texts_made_to_take_long_take_no_time(hostile: str) -> None:
    text = (hostile * 3000)[:6000]
    pair = Pair(question="How do I reset the Halden?", answer=text, lang="en", url="u", kind="synthetic", group="g")
    start = time.process_time()
    look(pair, text, [text], None)
    assert time.process_time() - start < 5


def test_an_answer_of_one_number_is_an_answer() -> None:
    assert kinds("How many users may share the family plan?", "6") == set()


@pytest.mark.parametrize(
    "answer",
    [
        "La encuentras en Mi Lumbre, en el apartado Facturas, cada mes.",
        "La encuentras en Mi Lumbre, en la sección Facturas, cada mes.",
    ],
)
def test_a_part_of_an_app_that_is_named_is_not_the_text_that_nobody_has_before_them(answer: str) -> None:
    assert kinds("¿Dónde veo la factura?", answer, "es") == set()


@pytest.mark.parametrize("answer", ["Los pasos están en el apartado anterior.", "Mira lo que pone en esta sección."])
def test_a_section_that_nobody_can_name_is(answer: str) -> None:
    assert "speaks_of_source" in kinds("¿Dónde veo la factura?", answer, "es")


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("¿Qué puedo hacer si no tengo internet?", "es"),
        ("¿Me puedes decir qué tarifas móviles hay?", "es"),
        ("What should I do if I have no internet?", "en"),
        ("How do I write a will?", "en"),
    ],
)
def test_a_question_with_a_common_word_for_its_topic_is_clear(question: str, lang: str) -> None:
    assert (
        kinds(question, ANSWER if lang == "en" else "Abre los ajustes, elige Red y desactiva el proxy.", lang) == set()
    )


@pytest.mark.parametrize("question", ["What should I do next?", "What can I do about the problem?"])
def test_a_question_that_names_nothing_is_still_unclear(question: str) -> None:
    assert kinds(question) == {"unclear_question"}


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("DNS servers of Lumbre Fibra", "en"),
        ("price of Lumbre TV", "en"),
        ("programar wifi apague noche", "es"),
    ],
)
def test_keywords_and_names_are_in_no_wrong_language(question: str, lang: str) -> None:
    assert (
        kinds(question, ANSWER if lang == "en" else "Abre los ajustes, elige Red y desactiva el proxy.", lang) == set()
    )


def test_a_short_question_in_another_language_is_found() -> None:
    assert kinds("¿cómo cambio la clave del wifi?") == {"wrong_language"}
