"""The embedded spelling engine: what it corrects, and above all what it leaves alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from curation.spelling.corrections import Correction, Text
from curation.spelling.embedded import EmbeddedEngine

SILENT = 0.9


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine()


def found(engine: EmbeddedEngine, text: str, lang: str = "es", corpus: Sequence[Text] = ()) -> list[Correction]:
    shown = Text(text=text, lang=lang)
    engine.learn([shown, *corpus])
    return engine.check([shown])[0]


def corrected(engine: EmbeddedEngine, text: str, lang: str = "es", corpus: Sequence[Text] = ()) -> str:
    """The text with every silent change made."""
    for one in reversed(found(engine, text, lang, corpus)):
        if one.confidence >= SILENT and one.after is not None:
            text = text[: one.start] + one.after + text[one.end :]
    return text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Para ahorrar energia, suspenda el equipo.", "Para ahorrar energía, suspenda el equipo."),
        ("Seleccione la aplicasion que desea instalar.", "Seleccione la aplicación que desea instalar."),
        ("Los archibos están en su carpeta.", "Los archivos están en su carpeta."),
        ("Tambien puede hacerlo así.", "También puede hacerlo así."),
        ("Cuando termine, desactivelo.", "Cuando termine, desactívelo."),
        ("¿Que modelo necesito?", "¿Qué modelo necesito?"),
        ("¿Por que se apaga?", "¿Por qué se apaga?"),
        ("A mi me funciona.", "A mí me funciona."),
        ("El equipo no esta conectado.", "El equipo no está conectado."),
        ("Avise al termino del plazo.", "Avise al término del plazo."),
        ("Anote el numero de serie.", "Anote el número de serie."),
        ("Mi coneccion es lenta.", "Mi conexión es lenta."),
        ("No sé que debo hacer.", "No sé qué debo hacer."),
        ("Tiene dos anos de garantía.", "Tiene dos años de garantía."),
    ],
)
def test_spanish_slips_are_corrected(engine: EmbeddedEngine, wrong: str, right: str) -> None:
    assert corrected(engine, wrong) == right


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Click the buton to restart the netowrk.", "Click the button to restart the network."),
        ("Recieve updates automaticaly.", "Receive updates automatically."),
    ],
)
def test_english_slips_are_corrected(engine: EmbeddedEngine, wrong: str, right: str) -> None:
    assert corrected(engine, wrong, "en") == right


@pytest.mark.parametrize(
    "text",
    [
        "Configure el APN y el endpoint en el router.",
        "Ejecute `sudo instlar paquette` en la consola.",
        "Abra /etc/conexion/fichro.conf o use --forzr.",
        "Escriba a soporte@conexxion.es o visite https://conexxion.es/aplicasion.",
        "Si tenés dudas, reiniciá el equipo y configuralo vos.",
        "Tú puedes reiniciarlo; usted puede reiniciarlo.",
        "El celular, la computadora, el ordenador y el móvil.",
        "Sólo funciona solo; éste no, aquél tampoco, y el guión sí.",
        "El cambio de hoy se registro en el libro.",
        "Yo cambio la clave y él cambió el correo.",
        "Configúrelo, envíeselo y descárguelos.",
        "Después reenvíalo y confíalo; continúalo mañana.",
        "Pulse sobre Show hidden files in the folder view para verlos.",
        "Lo firmó Nguyen Okonkwo en Ouagadougou.",
        "Use {placehoder} o <nombrre> y %(usuaro)s.",
    ],
)
def test_right_spanish_stays(engine: EmbeddedEngine, text: str) -> None:
    assert corrected(engine, text) == text


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Each time it happien again, wait.", "en"),  # happens
        ("Nos dio oportunidas de mejora.", "es"),  # oportunidades, not oportunidad
        ("Sceene of violence are shown.", "en"),  # a short word with a capital
        ("Quiero hablar Ingles con soporte.", "es"),  # inglés
        ("reinisie el equipo.", "es"),  # Reinicie
    ],
)
def test_a_word_that_is_wrong_in_more_than_its_spelling_goes_to_people(
    engine: EmbeddedEngine, text: str, lang: str
) -> None:
    changes = found(engine, text, lang)
    assert changes
    assert all(one.confidence < SILENT for one in changes)


def test_what_the_corpus_writes_as_a_name_is_no_verb_without_accent(engine: EmbeddedEngine) -> None:
    uses = [Text(text=f"El sistema de Debian es el numero {n}, segun la pagina tecnica.", lang="es") for n in range(5)]
    assert corrected(engine, "La version de debian no esta aqui.", corpus=uses) == (
        "La versión de debian no está aquí."
    )


@pytest.mark.parametrize("text", ["Indique la subred del equipo.", "Use el paquete debian-installer aqui."])
def test_prefixes_and_parts_of_compounds_stay(engine: EmbeddedEngine, text: str) -> None:
    changes = found(engine, text)
    assert not [one for one in changes if one.confidence >= SILENT and one.before in ("subred", "debian")]


@pytest.mark.parametrize("text", ["The colour of the centre is grey.", "The color of the center is gray."])
def test_both_englishes_are_right(engine: EmbeddedEngine, text: str) -> None:
    assert found(engine, text, "en") == []


def test_english_inside_spanish_is_checked_as_english(engine: EmbeddedEngine) -> None:
    assert corrected(engine, "The area of the version is on the menu.") == "The area of the version is on the menu."


def test_capitals_are_kept(engine: EmbeddedEngine) -> None:
    assert corrected(engine, "Despues reinicie.") == "Después reinicie."


def test_what_many_texts_use_is_a_term(engine: EmbeddedEngine) -> None:
    uses = [Text(text=f"El terminal plaspi número {n} funciona bien.", lang="es") for n in range(5)]
    assert corrected(engine, "Encienda el plaspi ahora.", corpus=uses) == "Encienda el plaspi ahora."


def test_a_verb_that_an_accent_tells_apart_goes_to_people(engine: EmbeddedEngine) -> None:
    changes = found(engine, "Ayer se desconecto solo.")
    assert [(one.after, one.confidence < SILENT) for one in changes] == [("desconectó", True)]


def test_an_author_who_leaves_accents_out_is_believed_less(engine: EmbeddedEngine) -> None:
    habit = [Text(text="Tambien despues aqui asi ademas razon dias", lang="es", author="ana") for _ in range(3)]
    careful = [Text(text="También después aquí así además razón días", lang="es", author="eva") for _ in range(3)]
    texts = [Text(text="Vea la pagina y la practica.", lang="es", author=who) for who in ("ana", "eva")]
    engine.learn([*habit, *careful, *texts])
    forgetful, exact = ({one.before: one.confidence for one in mine} for mine in engine.check(texts))
    assert forgetful["practica"] >= exact.get("practica", 0.0)
    assert forgetful["practica"] > 0.5


def test_places_fit_a_text_whose_accents_are_marks_of_their_own(engine: EmbeddedEngine) -> None:
    text = unicodedata.normalize("NFD", "La sección y la conexion 😀 también, la aplicasion no.")
    changes = found(engine, text)
    assert [text[one.start : one.end] for one in changes] == ["conexion", "aplicasion"]


def test_kept_spans_are_not_touched(engine: EmbeddedEngine) -> None:
    text = Text(text="Abra aplicasion y aplicasion.", lang="es", kept=((5, 15),))
    engine.learn([text])
    assert [one.start for one in engine.check([text])[0]] == [18]


def test_the_order_of_texts_changes_nothing(engine: EmbeddedEngine) -> None:
    texts = [Text(text=line, lang="es") for line in ("La aplicasion falla.", "¿Que es esto?", "El boton verde.")]
    engine.learn(texts)
    forwards = engine.check(texts)
    engine.learn(texts[::-1])
    assert engine.check(texts[::-1])[::-1] == forwards


def test_a_language_without_a_dictionary_is_named(engine: EmbeddedEngine) -> None:
    assert found(engine, "これはテストです。", "ja") == []
    assert "ja" in engine.unknown_languages


def test_versions_name_each_dictionary(engine: EmbeddedEngine) -> None:
    found(engine, "hola")
    assert {"embedded", "wordfreq", "dictionary es"} <= set(engine.versions)


_LINE = (
    "la el aplicasion energia tambien esta mas que como ¿que si para mi conexion archibos no conectado buton the "
    "recieve netowrk is se desconecto pagina sera anos mama descargalo aun él tu práctica , . ? wifi router"
)
_WORDS = st.sampled_from(_LINE.split())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(_WORDS, min_size=1, max_size=14).map(" ".join), lang=st.sampled_from(["es", "en"]))
@example(text="¿que tu", lang="es")
@example(text="tu tambien", lang="es")
def test_correcting_a_corrected_text_finds_nothing_new(engine: EmbeddedEngine, text: str, lang: str) -> None:
    once = corrected(engine, text, lang)
    assert corrected(engine, once, lang) == once
