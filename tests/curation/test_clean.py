"""Cleaning: what is repaired, what must stay as it is, and that nothing is found twice."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.clean import CleanStep, clean_text
from curation.edits import apply_edits, apply_findings
from curation.steps import fingerprint
from tamiz.records import Pair
from tamiz.settings import CleanSettings, CurationSettings

CASES = json.loads((Path(__file__).parents[1] / "cases" / "curation" / "clean.json").read_text(encoding="utf-8"))

PIECES = [
    "Hola",
    "contraseÃ±a",
    "Ã",
    "\u200b",
    "\u200d",
    "&amp;",
    "&lt;",
    "b",
    "&gt;",
    "<br>",
    "</p>",
    "<b>",
    "`",
    "```\n",
    "\n",
    "  ",
    "\u00a0",
    "expand_more",
    "\ue000",
    "[b]",
    "[/b]",
    "Was this helpful? Yes No",
    "Última actualización: 2023",
    "\x80",
    "\u0301",
    "e",
    "&#769;",
    "amp;",
    "Re: ",
    "[solved]",
    "lt;",
    "\ufffd",
    "Volver arriba",
    "á",
    "â‚¬",
    "\u202e",
    "שלום",
    "&",
    "\t",
    ". ",
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=15).map("".join),
)


def pair_of(question: str = "¿Cómo va?", answer: str = "Va bien así.", **changes: object) -> Pair:
    values = {"lang": "es", "url": "https://a.example/1", "kind": "faq", "group": "g", "source": "s", **changes}
    return Pair(question=question, answer=answer, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in CASES])
def test_a_text_is_cleaned_to_what_it_was_meant_to_be(case: dict) -> None:
    edits = clean_text(case["text"], markdown=case.get("markdown", ""), is_answer=case.get("field") != "question")
    assert apply_edits(case["text"], edits) == case.get("clean", case["text"])
    assert set(case.get("kinds", [])) <= {edit.kind for edit in edits}


@settings(max_examples=400, deadline=None)
@given(question=texts, answer=texts, markdown=st.one_of(st.just(""), st.none(), texts))
@example(question="q", answer="Usa <br>\u200b aquí", markdown="Usa `<br>` aquí")
def test_cleaning_a_cleaned_pair_finds_nothing(question: str, answer: str, markdown: str | None) -> None:
    try:
        pair = pair_of(question, answer, answer_markdown=answer if markdown is None else markdown)
    except ValueError:
        return  # an empty text is no pair
    step = CleanStep(CurationSettings())
    cleaned = apply_findings(pair, step.look([pair]), "step:clean")
    assert [finding for finding in step.look([cleaned]) if finding.after is not None] == []


@settings(max_examples=200, deadline=None)
@given(texts)
def test_every_finding_quotes_the_text_at_its_place(text: str) -> None:
    pair = pair_of(answer=text + "x")
    for finding in CleanStep(CurationSettings()).look([pair]):
        if finding.after is not None:
            assert pair.answer[finding.start : finding.end] == finding.before != finding.after


def test_findings_carry_the_exact_span_and_both_texts() -> None:
    pair = pair_of(answer="Cambia la contraseÃ±a hoy.")
    [finding] = CleanStep(CurationSettings()).look([pair])
    assert (finding.kind, finding.field, finding.start, finding.end) == ("encoding", "answer", 10, 21)
    assert (finding.before, finding.after) == ("contraseÃ±a", "contraseña")


def test_own_boilerplate_of_the_settings_is_taken_out() -> None:
    step = CleanStep(CurationSettings(clean=CleanSettings(boilerplate=(r"Equipo de soporte .*",))))
    pair = pair_of(answer="Reinicia el router.\nEquipo de soporte de Lumbre")
    assert apply_findings(pair, step.look([pair]), "step:clean").answer == "Reinicia el router."


def test_a_last_line_that_many_answers_of_a_source_end_in_is_boilerplate() -> None:
    pairs = [pair_of(answer=f"Respuesta {n}.\nUn saludo, el equipo", url=f"u{n}") for n in range(8)]
    other = pair_of(answer="Respuesta.\nUn saludo, el equipo", source="other")
    step = CleanStep(CurationSettings())
    step.learn([*pairs, other])
    found = list(step.look([*pairs, other]))
    assert {finding.pair for finding in found} == {pair.id for pair in pairs}
    assert all(finding.kind == "boilerplate" and finding.confidence < 0.9 for finding in found)


def test_a_line_that_becomes_frequent_makes_the_step_look_again() -> None:
    step = CleanStep(CurationSettings())
    before = fingerprint(step)
    step.learn([pair_of(answer=f"Respuesta {n}.\nUn saludo", url=f"u{n}") for n in range(8)])
    assert fingerprint(step) != before


def test_an_answer_that_is_only_boilerplate_is_reported_and_not_emptied() -> None:
    pair = pair_of(answer="Was this helpful? Yes No")
    [finding] = CleanStep(CurationSettings()).look([pair])
    assert (finding.kind, finding.after) == ("nothing_left", None)
    assert apply_findings(pair, [finding], "step:clean") is pair


def test_a_lost_character_is_shown_to_people_and_not_guessed() -> None:
    pair = pair_of(answer="Cambia la contrase\ufffda hoy.")
    [finding] = CleanStep(CurationSettings()).look([pair])
    assert (finding.kind, finding.start, finding.after) == ("lost_characters", 18, None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 1_000_000, id="a word of a megabyte"),
        pytest.param("é" * 200_000, id="a word of accents"),
        pytest.param("a\u200b" * 200_000, id="zero-width between all letters"),
        pytest.param("<b>" * 50_000, id="fifty thousand tags"),
        pytest.param("&amp;" * 50_000, id="fifty thousand entities"),
        pytest.param("[b]" * 50_000 + "[/b]", id="forum marks never closed"),
        pytest.param("Updated on " + "3 " * 50_000 + "x", id="a date that never ends"),
        pytest.param("<a " + "x" * 100_000, id="a tag never closed"),
        pytest.param("`" * 50_000, id="backticks only"),
        pytest.param(("Was this " * 20_000) + "?", id="a question never asked"),
        pytest.param(" \n" * 50_000 + "x", id="white lines"),
        pytest.param("\ue000 " * 50_000 + "x", id="icon glyphs"),
    ],
)
def test_hostile_texts_are_cleaned_in_seconds(text: str) -> None:
    start = time.process_time()
    edits = clean_text(text, markdown=text)
    assert time.process_time() - start < 10
    assert len(edits) <= 1000
