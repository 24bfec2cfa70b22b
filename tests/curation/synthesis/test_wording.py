"""Questions in other words, Spanish and English; forms of address; what must never change."""

from __future__ import annotations

import doctest
import importlib
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.synthesis.wording.address import address_of, readdressed
from curation.synthesis.wording.english import english_variants
from curation.synthesis.wording.kept import facts_stand, kept_spans, names_in, pieces
from curation.synthesis.wording.keywords import keywords
from curation.synthesis.wording.slips import slipped
from curation.synthesis.wording.spanish import spanish_variants
from curation.synthesis.wording.titles import question_of
from curation.synthesis.wording.verbs import conjugate, forms_of, infinitives, readings

CASES = Path(__file__).parents[2] / "cases" / "synthesis"
WORDERS = {"es": spanish_variants, "en": english_variants}


def cases():
    for lang in ("es", "en"):
        for case in json.loads((CASES / f"questions_{lang}.json").read_text(encoding="utf-8")):
            yield pytest.param(lang, case, id=f"{lang}: {case['label']}")


@pytest.mark.parametrize(("lang", "case"), list(cases()))
def test_a_question_is_worded_as_people_word_it(lang, case):
    made = [variant.text for variant in WORDERS[lang](case["question"])]
    assert not (case.get("none") and made), made
    assert [text for text in case.get("made", []) if text not in made] == []
    assert [(never, text) for never in case.get("never", []) for text in made if never in text] == []


@pytest.mark.parametrize(
    ("infinitive", "person", "tense", "form"),
    [
        ("cambiar", "vos", "present", "cambiás"),
        ("poder", "vos", "present", "podés"),
        ("tener", "2s", "present", "tienes"),
        ("tener", "vos", "present", "tenés"),
        ("pedir", "vos", "present", "pedís"),
        ("pedir", "3s", "past", "pidió"),
        ("ser", "vos", "present", "sos"),
        ("ir", "2p", "present", "vais"),
        ("haber", "3p", "present", "han"),
        ("enviar", "2s", "present", "envías"),
        ("continuar", "1s", "present", "continúo"),
        ("recoger", "1s", "present", "recojo"),
        ("seguir", "1s", "present", "sigo"),
        ("conocer", "1s", "present", "conozco"),
        ("reducir", "3p", "past", "redujeron"),
        ("incluir", "3s", "past", "incluyó"),
        ("pagar", "2s", "subjunctive", "pagues"),
        ("buscar", "3s", "subjunctive", "busque"),
        ("cerrar", "2p", "subjunctive", "cerréis"),
        ("tener", "2p", "subjunctive", "tengáis"),
        ("hacer", "3s", "past", "hizo"),
        ("poder", "3s", "conditional", "podría"),
        ("instalar", "2p", "present", "instaláis"),
        ("jugar", "2s", "present", "juegas"),
    ],
)
def test_verbs_have_their_forms(infinitive, person, tense, form):
    assert conjugate(infinitive, person, tense) == form


def test_every_form_of_every_verb_is_read_as_that_verb():
    for infinitive in infinitives():
        for forms in forms_of(infinitive).values():
            assert len(forms) == 7
            for form in forms:
                assert infinitive in {reading.infinitive for reading in readings(form)}


@pytest.mark.parametrize(
    ("question", "to", "said"),
    [
        ("¿Puedes ayudarme con mi factura?", "usted", "¿Puede ayudarme con mi factura?"),
        ("¿Qué necesitas para darte de alta?", "usted", "¿Qué necesita para darse de alta?"),
        ("¿Qué necesitas para darte de alta?", "vos", "¿Qué necesitás para darte de alta?"),
        ("¿Eres cliente y quieres ampliar tus datos?", "vos", "¿Sos cliente y querés ampliar tus datos?"),
        ("¿Cuándo te llega la factura?", "usted", "¿Cuándo le llega la factura?"),
        ("¿Cómo te das de baja?", "usted", "¿Cómo se da de baja?"),
        ("¿Has olvidado tu contraseña?", "usted", "¿Ha olvidado su contraseña?"),
        ("¿Tenéis un código de descuento?", "ustedes", "¿Tienen un código de descuento?"),
        ("¿Cómo pagas tus facturas?", "usted", "¿Cómo paga sus facturas?"),
    ],
)
def test_a_form_of_address_is_turned_with_its_verbs_and_pronouns(question, to, said):
    assert readdressed(question, to) == said


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("¿Cómo chequeas tu saldo?", id="a verb that is not known"),
        pytest.param("¿Tienes problemas y cargas la batería?", id="a word that is a noun or a verb"),
        pytest.param("¿Cómo cambio la clave?", id="nobody is spoken to"),
    ],
)
def test_what_is_not_clear_is_not_turned(question):
    assert readdressed(question, "usted") is None


def test_nouns_that_look_like_verbs_speak_to_nobody():
    assert address_of("¿Cómo descargo las facturas de mis líneas?") is None
    assert address_of("¿Hay cortes por las tardes?") is None


@pytest.mark.parametrize(
    ("lang", "heading", "question"),
    [
        ("es", "Cómo cambiar la clave de tu wifi", "¿Cómo puedo cambiar la clave de mi wifi?"),
        ("es", "Darse de baja", "¿Cómo puedo darme de baja?"),
        ("es", "Qué hacer si no tienes internet", "¿Qué hago si no tengo internet?"),
        ("es", "Requisitos para la portabilidad", "¿Cuáles son los requisitos para la portabilidad?"),
        ("es", "Formas de pago", "¿Cuáles son las formas de pago?"),
        ("es", "Error TV-101", "¿Qué significa el error TV-101?"),
        ("es", "¿Cuándo recibo la factura?", "¿Cuándo recibo la factura?"),
        ("es", "Facturas y pagos", ""),
        ("es", "¿No encuentras lo que buscas?", ""),
        ("es", "Cambiar su contraseña", ""),
        ("en", "How to reset your router", "How do I reset my router?"),
        ("en", "Changing your password", "How do I change my password?"),
        ("en", "What to do if you have no internet", "What should I do if I have no internet?"),
        ("en", "3. Setting up voicemail", "How do I set up voicemail?"),
        ("en", "Still need help?", ""),
        ("en", "Pricing", ""),
    ],
)
def test_a_heading_becomes_the_question_of_a_customer(lang, heading, question):
    assert question_of(heading, lang) == question


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("¿Cómo abro el puerto 25565 en 192.168.1.1?", ["25565", "192.168.1.1"]),
        ("¿Cuánto cuesta el bono de 2 GB?", ["2 GB"]),
        ("SMS raro pidiendo 1,99 €", ["SMS", "1,99 €"]),
        ("¿Por qué no llega a ayuda@lumbre.example?", ["no", "ayuda@lumbre.example"]),
        ("Run `apt-get install -y tamiz` without sudo", ["`apt-get install -y tamiz`", "without"]),
        ("¿Cuánto cuesta Mi Lumbre?", ["Mi Lumbre"]),
        ("Does the Farol W6 have three ports?", ["Farol W6", "three"]),
        ("¿Puedo pagar el lunes en dos veces?", ["lunes", "dos"]),
    ],
)
def test_numbers_names_code_and_negations_are_kept(text, kept):
    assert [text[start:end] for start, end in kept_spans(text)] == kept


def test_a_name_is_known_by_how_the_answer_writes_it():
    names = names_in("Conecta el farol.", "Entra en el menú del router Farol y pulsa Guardar.")
    assert facts_stand("¿Cómo entro en el farol?", "entrar farol", names)
    assert not facts_stand("¿Cómo entro en el farol?", "entrar faról", names)


TEXT = st.text(alphabet="abcñáéí ABC¿?¡!.,'\"`<>/@:-_0123456789€$%#\n", max_size=120)


@given(TEXT)
@settings(max_examples=60, deadline=None)
def test_cut_at_what_is_kept_and_joined_again_a_text_is_the_same(text):
    assert "".join(piece for piece, _ in pieces(text, kept_spans(text))) == text
    assert facts_stand(text, text)


@given(TEXT, st.sampled_from(["es", "en"]))
@settings(max_examples=80, deadline=None)
def test_no_text_breaks_the_wordings(text, lang):
    for variant in WORDERS[lang](text):
        assert variant.text.strip()


@pytest.mark.parametrize("name", ["address", "keywords", "kept", "slips", "talk", "titles", "verbs"])
def test_the_examples_in_the_docstrings_hold(name):
    module = importlib.import_module(f"curation.synthesis.wording.{name}")
    assert doctest.testmod(module).failed == 0


def test_the_wordings_in_the_docs_are_what_the_recipe_makes():
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "recipes.md").read_text(encoding="utf-8")
    tables = text.split("| kind | `")[1:]
    assert len(tables) == 3
    for table in tables:
        question, _, rows = table.partition("` |\n|---|---|\n")
        made = {variant.text for variant in WORDERS["es" if "¿" in question else "en"](question)}
        told = [row.split(" | ")[1].removesuffix(" |") for row in rows.split("\n\n")[0].splitlines()]
        assert told
        assert [one for one in told if one not in made] == []


def test_the_headings_in_the_docs_are_read_as_told():
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "recipes.md").read_text(encoding="utf-8")
    rows = text.split("| heading | question |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    assert rows
    for row in rows:
        heading, question = row.strip("| ").split(" | ")
        assert question_of(heading, "es" if question.startswith("¿") else "en") == question


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("¿Cómo cambio la clave del wifi?", {"", "es-ES", "es-AR", "es-MX"}),
        ("¿Qué hago si pierdo el móvil?", {"", "es-ES"}),
        ("¿Qué hago si el router se ha roto?", {"", "es-ES", "es-MX"}),
        ("El router se ha apagado.", {""}),
    ],
)
def test_nobody_speaks_as_in_spain_elsewhere(question, places):
    assert {one.place for one in spanish_variants(question)} == places


def test_a_slip_makes_no_word_that_one_does_not_want_to_read():
    made = {slipped("puedo", random.Random(seed), "es") for seed in range(300)}
    assert "pedo" not in {one[0] for one in made if one}


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        ("darme de baja", "darme de baja"),
        ("la baja del servicio", "baja servicio"),
        ("el router2 router3", "router2 router3"),
    ],
)
def test_a_query_keeps_what_belongs_together(asked, typed):
    assert keywords(asked, "es") == typed


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("Which router will I get?", []),
        ("What speed should I get?", []),
        ("How do I get rid of old devices?", ["get rid old devices"]),
        ("Can I get one invoice for several lines?", ["one invoice several lines"]),
        ("¿Qué velocidad debo tener con mi tarifa?", ["velocidad tarifa"]),
        ("¿Qué incluye la tarifa Faro?", ["tarifa Faro"]),
        ("¿Tiene algún coste?", []),
    ],
)
def test_a_query_is_made_of_words_that_tell_something(question, typed):
    made = WORDERS["es" if "¿" in question else "en"](question)
    assert [one.text for one in made if one.style == "keywords"] == typed


def test_whether_one_may_is_not_turned_into_asking_somebody_to_do_it():
    made = [one.text for one in spanish_variants("¿Puedo poner código en la firma del correo?")]
    assert "¿Es posible poner código en la firma del correo?" in made
    assert [text for text in made if re.match("¿Podría poner", text)] == []


def test_a_slip_is_carried_into_no_wording():
    assert spanish_variants("¿Qué hago si el router se ha roto?")
    assert spanish_variants("¿Qué ago si el router se ha roto?") == []
