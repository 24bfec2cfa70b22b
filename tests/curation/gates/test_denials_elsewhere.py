"""A source that denies something of one thing bears out no answer that denies it of another."""

from __future__ import annotations

import pytest

from curation.synthesis.gates import look, reason_of
from curation.synthesis.gates.findings import GATES
from tamiz.records import Finding, Pair

DOGS = "Dogs are allowed on a leash. Drones are not allowed."
FIRES = "Dogs are allowed on a leash of at most 6 feet. Fires are not permitted between June and September."
PERROS = "Se admiten perros con correa. No se admiten patinetes."
PLANES = "El plan Básico incluye llamadas. El plan Mini no incluye mensajes."
ABONOS = "Los abonos se pueden devolver en taquilla. Las entradas de un día no se pueden devolver."
TICKETS = "Season tickets can be refunded at the office. Day tickets cannot be refunded."
SEGURO = "El seguro cubre el robo. No cubre la pérdida."
FREE = "Children under 4 travel free. Bicycles do not travel free."


def found(lang: str, source: str, question: str, answer: str) -> list[Finding]:
    pair = Pair(question=question, answer=answer, lang=lang, url="u", kind="synthetic", group="g")
    return [one for one in look(pair, source, (), None) if one.kind in GATES["grounding"]]


@pytest.mark.parametrize(
    ("lang", "source", "answer"),
    [
        pytest.param("en", DOGS, "Dogs are not allowed.", id="drones are not"),
        pytest.param("en", FIRES, "Dogs are not allowed.", id="denied in other words, of fires"),
        pytest.param("es", PERROS, "No se admiten perros.", id="patinetes"),
        pytest.param("es", PLANES, "El plan Básico no incluye llamadas.", id="another plan"),
        pytest.param("es", ABONOS, "Los abonos no se pueden devolver.", id="subject like the verb"),
        pytest.param("en", TICKETS, "Season tickets cannot be refunded.", id="other tickets"),
        pytest.param("es", SEGURO, "El seguro no cubre el robo.", id="another object"),
        pytest.param("en", FREE, "Children under 4 do not travel free.", id="free in both"),
        pytest.param(
            "en",
            "You may cancel a class up to two hours before. You may not cancel a workshop.",
            "You may not cancel a class.",
            id="may not",
        ),
    ],
)
def test_a_negation_that_the_source_has_of_another_thing_is_found(lang: str, source: str, answer: str) -> None:
    question = "¿Qué tengo que saber?" if lang == "es" else "What do I need to know?"
    (one,) = found(lang, source, question, answer)
    assert one.kind == "negation_changed"
    assert one.witness in source.split(". ")[0] + "."


@pytest.mark.parametrize(
    ("lang", "source", "question", "answer"),
    [
        pytest.param("en", DOGS, "Can I fly a drone?", "Drones are not permitted.", id="other words"),
        pytest.param("es", PERROS, "¿Puedo entrar con patinete?", "No se admiten patinetes.", id="patinetes"),
        pytest.param("es", ABONOS, "¿Y una entrada?", "Las entradas de un día no se devuelven.", id="entradas"),
        pytest.param("es", SEGURO, "¿Cubre la pérdida?", "El seguro no cubre la pérdida.", id="subject left out"),
        pytest.param("en", FREE, "Do I pay for a bike?", "Yes: bikes do not travel free.", id="bikes"),
        pytest.param(
            "en",
            "Dogs are allowed on a leash. In the dunes, dogs are not allowed at all.",
            "Can I take my dog to the dunes?",
            "Dogs are not allowed in the dunes.",
            id="allowed here, not there",
        ),
    ],
)
def test_what_the_source_denies_may_be_denied(lang: str, source: str, question: str, answer: str) -> None:
    assert found(lang, source, question, answer) == []


@pytest.mark.parametrize(
    ("lang", "source", "answer", "said"),
    [
        pytest.param("en", "A pass costs $12 a day.", "A pass costs $12 a week.", "$12 a day", id="a week"),
        pytest.param(
            "es", "La cuota es de 6 € a la semana.", "La cuota es de 6 € al mes.", "6 € a la semana", id="mes"
        ),
    ],
)
def test_where_only_the_rate_differs_the_reason_tells_both_rates_once(
    lang: str, source: str, answer: str, said: str
) -> None:
    (one,) = found(lang, source, "¿Cuánto cuesta?" if lang == "es" else "How much is a pass?", answer)
    assert (one.kind, one.witness) == ("unit_not_in_source", said)
    assert answer.endswith(f"{one.before}.")
    assert one.before != said
    assert said in reason_of(one, "en")
