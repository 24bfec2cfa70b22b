"""What a support agent says in other words is grounded, and what only looks like it is not."""

from __future__ import annotations

import pytest

from curation.synthesis.gates import look, reason_of
from curation.synthesis.gates.findings import GATES
from curation.synthesis.gates.quantities import quantities
from tamiz.records import Finding, Pair


def found(lang: str, source: str, question: str, answer: str) -> list[Finding]:
    pair = Pair(question=question, answer=answer, lang=lang, url="u", kind="synthetic", group="g")
    return [one for one in look(pair, source, (), None) if one.kind in GATES["grounding"]]


@pytest.mark.parametrize(
    ("lang", "text", "same"),
    [
        pytest.param("en", "at half past ten in the evening", "at 22:30", id="half past"),
        pytest.param("en", "at a quarter to six", "at 5:45", id="quarter to"),
        pytest.param("en", "four o'clock in the afternoon", "at 16:00", id="o'clock"),
        pytest.param("es", "a las doce de la noche", "a medianoche", id="twelve at night"),
        pytest.param("es", "a las dos de la madrugada", "a las 2:00", id="small hours"),
    ],
)
def test_a_time_of_day_in_words_is_that_in_digits(lang: str, text: str, same: str) -> None:
    assert quantities(text, lang)[0].clock & quantities(same, lang)[0].clock


def test_weeks_after_an_article_are_no_time_of_day() -> None:
    assert not quantities("a las tres semanas", "es")[0].clock


@pytest.mark.parametrize(
    ("lang", "source", "question", "answer"),
    [
        pytest.param(
            "en", "It runs for 3 h 15.", "How long does it run?", "It runs for three and a quarter hours.", id="3 h 15"
        ),
        pytest.param("es", "El examen dura hora y media.", "¿Cuánto dura?", "Noventa minutos.", id="hora y media"),
        pytest.param("es", "Hasta el quinto día hábil.", "¿Hasta cuándo?", "Hay cinco días hábiles.", id="fifth day"),
        pytest.param(
            "en", "Your data stay for 60 days.", "How long do my data stay?", "They stay for two months.", id="60 days"
        ),
        pytest.param("es", "Los martes de 16 a 18.", "¿A qué hora?", "Los martes de cuatro a seis.", id="afternoon"),
        pytest.param(
            "en", "Under-16s must come with an adult.", "Can he come?", "Those below 16 come with an adult.", id="16s"
        ),
        pytest.param(
            "en", "Pets must not weigh over 8 kg.", "How heavy may a pet be?", "Pets may weigh up to 8 kg.", id="bound"
        ),
        pytest.param(
            "es", "La suscripción no se renueva sola.", "¿Se renueva sola?", "No, tiene que renovarla usted.", id="no"
        ),
        pytest.param(
            "en", "Photos without flash are allowed.", "Can I take photos?", "Yes, photos without flash.", id="without"
        ),
        pytest.param("es", "Los días hábiles.", "¿Qué días?", "Los días laborables.", id="plural in -les"),
    ],
)
def test_the_same_in_other_words_is_grounded(lang: str, source: str, question: str, answer: str) -> None:
    assert found(lang, source, question, answer) == []


CARDS = "If you lose a paper card, we cannot replace it."
KIOSK = "Send your reading by text to 60606 or in the app. Mail us when it is late."


@pytest.mark.parametrize(
    ("lang", "source", "question", "answer", "kind", "what"),
    [
        pytest.param(
            "en", CARDS, "I lost my card.", "Paper cards that are lost can be replaced.", "negation_changed", "lost",
            id="denied of it, affirmed of the card",
        ),
        pytest.param(
            "es", "Está prohibido fumar y cruzar la frontera.", "¿Puedo ir?", "Está permitido cruzar la frontera.",
            "negation_changed", "frontera", id="both verbs are forbidden",
        ),
        pytest.param(
            "en", "Rules are applied to new messages only.", "Which messages?",
            "Rules are applied to existing messages, too.", "negation_changed", "too", id="only and too",
        ),
        pytest.param(
            "es", "El desayuno va incluido en todas las tarifas menos la Básica.", "¿Y la Básica?",
            "El desayuno va incluido en todas las tarifas, también en la Básica.", "negation_changed", "Básica",
            id="excepted and also",
        ),
        pytest.param(
            "en", "Block it in the app (Cards > Block). Report payments.", "Where?", "In the app, in Payments > Block.",
            "name_not_in_source", "Payments", id="another menu",
        ),
        pytest.param("en", KIOSK, "How do I send it?", "Send it by post.", "foreign_fact", "post", id="another way"),
        pytest.param(
            "es", "Son 4 € por animal y noche.", "¿Cuánto es?", "Son 4 € por animal y semana.", "unit_not_in_source",
            "4 €", id="per animal and week",
        ),
        pytest.param(
            "en", "It holds ten cups, for eight people. It is off after 12 hours.", "For how many?",
            "It is for twelve people.", "number_not_in_source", "twelve", id="a number of other things",
        ),
        pytest.param(
            "en", "It should be back by Friday evening.", "When is it back?", "By Friday evening, unless it snows.",
            "foreign_fact", "snows", id="a condition of its own",
        ),
        pytest.param(
            "en", "The yearly fee is £60.", "How much is the fee?", "The fee is £60 a month.", "unit_not_in_source",
            "£60", id="per month for yearly",
        ),
    ],
)  # fmt: skip
def test_what_only_sounds_like_the_source_is_found(
    lang: str, source: str, question: str, answer: str, kind: str, what: str
) -> None:
    ones = found(lang, source, question, answer)
    assert kind in {one.kind for one in ones}
    named = next(one for one in ones if one.kind == kind)
    assert what in (named.before or answer)
    assert reason_of(named, "es") != reason_of(named, "en")
