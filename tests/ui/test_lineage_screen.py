"""The lineage screen: a pair, a line or words lead to the way of a pair; nothing outside of the exports is read."""

from __future__ import annotations

import dataclasses

import pytest

from curation.export import export
from curation.lineage import lineage
from curation.synthesis.providers.deterministic import DeterministicProvider
from curation.synthesis.run import Synthesis, synthesise
from tamiz.decisions import judge, mark_sieved
from tamiz.project import Project
from tamiz.records import Finding, Verdict


@pytest.fixture
def edited(opened, make_pair):
    """A pair and the one that a person has put in its place."""
    pair = make_pair(1)
    opened.add_pairs([pair], "source:ayuda")
    mark_sieved(opened, [pair.id])
    by = "person:reviewer-1"
    better = dataclasses.replace(pair, answer=f"{pair.answer} <b>Y espera.</b>", made_from=(pair.id,), made_by=by)
    judge(opened, [Verdict(pair=pair.id, version=2, decision="accept", by=by, edited=better)])
    return pair, better


def shown(test) -> str:
    return "\n".join(str(element.proto.body) for element in test.get("html"))


def ask(draw, text: str, **how):
    test = draw("lineage", **how)
    test.text_input(key="pair").set_value(text).run()
    assert not test.exception
    return test


def test_a_pair_is_followed_from_its_source_over_its_edit_to_what_stands_now(draw, edited) -> None:
    pair, better = edited
    body = shown(ask(draw, pair.id))
    assert pair.id in body
    assert better.id in body
    assert "&lt;b&gt;Y espera." in body
    assert "<b>Y espera" not in body
    assert "by reviewer-1" in body
    assert "In no version yet" in body


def test_the_beginning_of_an_id_is_enough_and_spanish_is_spoken(draw, edited) -> None:
    body = shown(ask(draw, edited[1].id[:12], language="es"))
    assert "El par ahora" in body
    assert "En ninguna versión todavía" in body


@pytest.fixture
def made(folder, opened, make_pair):
    """Two pairs that a recipe made with a model out of accepted ones: one waits, the other was edited by a person."""
    with (folder / "tamiz.toml").open("a", encoding="utf-8") as file:
        file.write("[export]\nmin_pairs = 4\n")
    pairs = []
    for number, word in enumerate(("factura", "antena", "contrato", "recibo", "tarjeta", "señal", "mando", "batería")):
        told = " ".join(f"{word}{n}" for n in range(6))
        pairs.append(make_pair(number, question=f"¿Cómo cambio la {word} de {told}?", answer=f"En {told}: {word}."))
    opened.add_pairs(pairs, "source:ayuda")
    judge(opened, [Verdict(pair=pair.id, version=1, decision="accept", by="rule:sound") for pair in pairs])
    project = Project.open(folder)
    synthesise(project, opened, Synthesis(recipe="paraphrase"), provider=DeterministicProvider())
    waits, new = [stored.pair for stored in opened.pairs("new")][:2]
    found = Finding(pair=waits.id, step="gates", kind="number_not_in_source", field="answer", before="45 días")
    opened.add_look("gates", "later", [waits.id], [found])
    mark_sieved(opened, [waits.id, new.id])
    by = "person:reviewer-1"
    better = dataclasses.replace(new, answer="Se cambia en la tienda.", made_from=(new.id,), made_by=by)
    judge(opened, [Verdict(pair=new.id, version=2, decision="accept", by=by, edited=better)])
    return waits, better


def test_a_made_pair_tells_its_recipe_model_prompt_call_and_what_the_gates_found(draw, opened, made) -> None:
    waits, _ = made
    making = lineage(opened, waits.id)[0].making
    body = shown(ask(draw, waits.id, language="es"))
    facts = (f"{making.call}", making.prompt, making.request, making.material, making.run)
    said = ("Preguntas parafraseadas (paraphrase)", "deterministic", *facts)
    told = body.partition("El par como lo hizo una receta")[2].partition("<h3")[0]
    assert all(f">{one}<" in told for one in said)
    assert all(facts)
    assert "«45 días»: ese número no está en la fuente" in told
    assert "El par del que se partió" in body
    decided = body.partition("Decisiones</h3>")[2]
    assert "sobre el par del que se partió · aceptado · por la regla sound" in decided
    picture = body.partition("</ol>")[0]
    assert "Preguntas parafraseadas" in picture
    assert "por la regla sound" not in picture  # somebody decided about the other pair, not about this one


def test_an_edited_made_pair_tells_how_it_was_made_and_who_edited_it(draw, opened, made) -> None:
    body = shown(ask(draw, made[1].id))
    parts = ("The pair it was made of", "The pair as a recipe made it", "The pair now", "Edits")
    places = [body.index(f">{part}<", body.index("</ol>")) for part in parts]
    assert places == sorted(places)
    assert "Paraphrased questions (paraphrase)" in body
    assert "by reviewer-1" in body.partition("Decisions</h3>")[2]


def test_the_versions_of_a_made_pair_are_not_those_of_the_pair_it_was_made_of(draw, folder, opened, made) -> None:
    export(Project.open(folder), opened, ["json"])
    waits, better = made
    assert "In no version yet" in shown(ask(draw, waits.id))
    assert "exports/v001/pairs/train.jsonl" in shown(ask(draw, better.id))
    lines = (folder / "exports" / "v001" / "json" / "train.json").read_text(encoding="utf-8").split("\n")
    [number] = [number for number, line in enumerate(lines, 1) if better.id in line]
    assert better.id in shown(ask(draw, f"exports/v001/json/train.json:{number}"))


def test_words_of_the_question_lead_to_the_pairs_that_have_them(draw, edited) -> None:
    test = ask(draw, "clave wifi")
    [button] = [button for button in test.button if button.key == f"go-{edited[1].id}"]
    button.click().run()
    assert edited[0].id in shown(test)


def test_no_file_outside_of_the_exports_is_read(draw, folder, edited) -> None:
    (folder / "secret.jsonl").write_text(f'{{"id": "{edited[0].id}"}}\n', encoding="utf-8")
    test = ask(draw, f"{folder}/secret.jsonl:1")
    assert edited[0].id not in shown(test)


def test_a_line_that_is_not_there_is_named(draw, edited) -> None:
    assert "cannot be read" in ask(draw, "exports/v001/pairs/train.jsonl:3").warning[0].value
