"""Our figures are those of the field's packages, and what is counted as a number, a name or a refusal."""

from __future__ import annotations

import numpy as np
import pytest
from sacrebleu.metrics.chrf import CHRF

from tuning.classify import classification_scores
from tuning.report.evidence import total
from tuning.report.measures import MEASURES, answer_rows, label_rows, macro_f1, token_f1
from tuning.report.texts import names, negations, numbers, refuses, rouge_l
from tuning.report.wrong import fluent_but_wrong, slips

ANSWERS = (
    "Abra Ajustes y pulse Guardar.",
    "",
    "The router has 4 lights.",
    "No, la instalación tarda 48 horas.",
    "ab",
)
TRUTH = (
    "Abra la app, vaya a Ajustes y pulse «Guardar».",
    "Press save.",
    "The router has four lights: power, net, wifi and phone.",
    "La instalación tarda 24 horas.",
    "abc def",
)
# F1 of rouge-score 0.1.2, RougeScorer(["rougeL"], use_stemmer=False).
ROUGE_SCORE = (
    ("press save now", "now press save", 0.666667),
    ("Open Settings and press Save.", "Press Save in the settings.", 0.4),
    ("the router has four lights", "The router has 4 lights: power, net, wifi and phone.", 0.533333),
    ("", "press save", 0.0),
    ("You can cancel within 14 days of the order.", "You can cancel your order within 14 days.", 0.705882),
    ("a b c d e f g", "a x c y e z g", 0.571429),
    ("wait wait wait", "wait", 0.5),
)


def test_chrf_of_many_answers_is_sacrebleus():
    ours = total("chrf", answer_rows(ANSWERS, TRUTH)["chrf"])
    assert ours == pytest.approx(CHRF().corpus_score(list(ANSWERS), [list(TRUTH)]).score)


@pytest.mark.parametrize("place", range(len(ANSWERS)))
def test_chrf_of_one_answer_is_sacrebleus(place):
    row = answer_rows(ANSWERS, TRUTH)["chrf"][place : place + 1]
    theirs = CHRF().sentence_score(ANSWERS[place], [TRUTH[place]]).score
    assert MEASURES["chrf"].value(row)[0] == pytest.approx(theirs)


@pytest.mark.parametrize(("answer", "truth", "theirs"), ROUGE_SCORE)
def test_rouge_l_of_english_is_that_of_rouge_score(answer, truth, theirs):
    assert rouge_l(answer, truth) == pytest.approx(theirs, abs=1e-6)


def test_rouge_l_keeps_spanish_words_whole():
    assert rouge_l("Configuración rápida", "configuración rápida") == 1.0
    assert rouge_l("niño", "ni o") == 0.0  # two words without their letter in rouge-score


def test_macro_f1_of_all_questions_is_that_of_the_card():
    truth, said = ["a", "a", "b", "c"], ["a", "b", "b", "a"]
    rows = label_rows(said, truth)
    scores = classification_scores(truth, said)
    assert macro_f1().value(rows["macro_f1"].sum(axis=0, keepdims=True))[0] == pytest.approx(scores["macro_f1"])
    assert total("accuracy", rows["accuracy"]) == pytest.approx(scores["accuracy"])


def test_token_f1_of_texts():
    assert token_f1("", "something") == 0.0
    assert token_f1("red mark", "a red mark") == pytest.approx(0.8)


def test_numbers_are_kept_whatever_their_separators():
    rows = answer_rows(["Son 1,500 € en 24 h."], ["Son 1.500 € en 48 h."])["numbers_kept"]
    assert rows.tolist() == [[1.0, 2.0]]
    assert numbers("12.5 % o 12,5 %") == {"12.5"}


def test_where_no_reference_has_a_number_none_is_kept_or_lost():
    assert total("numbers_kept", answer_rows(["Sí."], ["Sí."])["numbers_kept"]) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Pulse Ajustes. Luego Guardar.", {"ajustes", "guardar"}, id="inside a sentence"),
        pytest.param("- Ajustes\n- Guardar", set(), id="the first words of a list are no names"),
        pytest.param("The WiFi of an iPhone", {"wifi", "iphone"}, id="capitals within"),
        pytest.param("See https://a.example/x, I say.", {"https://a.example/x"}, id="addresses"),
    ],
)
def test_what_a_text_names(text, found):
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("No dispongo de esa información.", True),
        ("Lo sentimos, no podemos decírselo.", True),
        ("I don't know.", True),
        ("There is no information on that.", True),
        ("No se puede cambiar por teléfono.", False),
        ("You can't change it online.", False),
        ("No, la cuota es de 10 €.", False),
    ],
)
def test_what_counts_as_a_refusal(text, refused):
    assert refuses(text) is refused


def test_negations_are_counted_in_both_languages():
    assert [negations(text) for text in ("Nunca sin clave", "don’t", "Siempre")] == [2, 1, 0]


def test_an_answer_with_the_tone_and_another_number_is_fluent_but_wrong():
    truth = ["La instalación tarda 24 horas y es gratis.", "Llame al soporte de Lumbre.", "Sí, puede cambiarlo."]
    said = ["La instalación tarda 48 horas y es gratis.", "Llame al soporte de Brasa.", "No, no tengo ni idea de eso"]
    found = fluent_but_wrong(["¿Cuánto tarda?", "¿A quién llamo?", "¿Puedo?"], truth, said)
    assert (found.answered, found.close, found.wrong) == (3, 2, 2)
    assert found.kinds == {"number": 1, "name": 1}
    assert "2 of those differ" in found.line()


def test_a_number_of_the_question_may_be_said_again():
    assert slips("En 24 horas, para 2 routers.", "En 24 horas.", "Tengo 2 routers, ¿cuánto tarda?") == ()
    assert [slip.kind for slip in slips("No se puede.", "Se puede.", "¿Se puede?")] == ["negation"]


def test_a_measure_of_no_answers_is_no_figure():
    assert total("rouge_l", np.zeros((0, 2))) is None
