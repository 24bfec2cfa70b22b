"""The synthesis screen: an example, an estimate, a run with its figures, and the way to what it made."""

from __future__ import annotations

import json
import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from curation.synthesis.desk import newest_made, recipe_cards
from tamiz.decisions import judge, mark_sieved
from tamiz.jobs import job
from tamiz.project import Project
from tamiz.records import Finding, Verdict
from ui.wording import LANGUAGES, Words

TOML = '[export]\nmin_pairs = 4\n[synthesis]\nprovider = "deterministic"\nmodel = "tiny"\n'
WORDS = ("factura", "antena", "contrato", "recibo", "tarjeta", "señal", "mando", "batería")
HOSTILE = "<img src=x onerror=alert(1)> **no** :red[x]"


@pytest.fixture
def accepted(folder, opened, make_pair):
    with (folder / "tamiz.toml").open("a", encoding="utf-8") as file:
        file.write(TOML)
    pairs = []
    for number, word in enumerate(WORDS):
        asked = " ".join(f"{word}{n}" for n in range(6))
        answer = f"Mira en {asked} y elige {word}. {HOSTILE}"
        pairs.append(make_pair(number, question=f"¿Cómo cambio la {word} de {asked}?", answer=answer))
    opened.add_pairs(pairs, "import:test")
    judge(opened, [Verdict(pair=pair.id, version=1, decision="accept", by="rule:all") for pair in pairs])
    return pairs


def html_of(test) -> str:
    return "\n".join(element.proto.body for element in test.get("html"))


def choose(test, recipe: str):
    test.selectbox(key="synth-recipe").set_value(recipe).run()
    assert not test.exception
    return test


def run_job(test, folder, name: str, until):
    test.button(key=f"job-start-{name}").click().run()
    assert not test.exception
    project = Project.open(folder)
    until(lambda: (state := job(project, name)) is not None and not state.running, 60)
    state = job(project, name)
    assert state.code == 0, state.said
    test.run()
    assert not test.exception
    return state


@pytest.mark.parametrize("recipe", ["variants", "noise"])
def test_an_example_is_made_of_the_projects_own_pairs_and_nothing_is_kept(draw, opened, accepted, recipe):
    test = choose(draw("synthesis"), recipe)
    said = html_of(test)
    assert "Out of this" in said
    assert "it makes" in said
    assert "<img" not in said
    assert "&lt;img src=x onerror=alert(1)&gt; **no** :red[x]" in said
    assert newest_made(opened, "en") == []


def test_a_recipe_that_asks_a_model_shows_what_it_asks(draw, accepted):
    test = choose(draw("synthesis"), "paraphrase")
    assert any(f"{WORDS[0]}0" in code.value for code in test.code)


@pytest.mark.parametrize(("language", "cases"), [("en", "concrete"), ("es", "concreta")])
def test_what_may_be_set_for_a_recipe_are_its_fields_and_go_with_the_run(draw, accepted, folder, language, cases):
    test = choose(draw("synthesis", language=language), "variants")
    test.number_input(key="synth-variants-count").set_value(2).run()
    assert html_of(test).partition("Out of this" if language == "en" else "A partir de esto")[2].count("tz-turn") == 3
    test.button(key="job-start-synth-variants").click().run()
    about = json.loads((folder / "jobs" / "synth-variants" / "job.json").read_text(encoding="utf-8"))
    assert about["arguments"] == ["synth", "variants", "--limit=20", "--set=count=2"]
    choose(test, "harder")
    assert test.selectbox(key="synth-harder-way").options[0] == cases


def test_every_option_of_a_recipe_has_words_in_both_languages():
    for language in LANGUAGES:
        words = Words(language)
        for recipe in recipe_cards():
            for one in recipe.options:
                assert words.known(f"synth_option.{recipe.name} {one.name}", ""), f"{recipe.name} {one.name}"


def test_where_nothing_suits_a_recipe_it_says_so(draw, accepted):
    test = choose(draw("synthesis", language="es"), "turns")
    assert any("Aún no hay nada adecuado" in one.value for one in test.caption)


def test_a_run_is_estimated_started_and_its_calls_add_up(draw, opened, accepted, folder, until):
    test = choose(draw("synthesis"), "paraphrase")
    next(field for field in test.number_input if field.label == "Work on so many").set_value(3).run()
    next(field for field in test.number_input if field.label == "Calls at most").set_value(2).run()
    run_job(test, folder, "synth-estimate-paraphrase", until)
    [calls] = [one for one in test.metric if one.label == "Calls"]
    assert (calls.value, calls.proto.help.partition(".")[0]) == ("3", "6 at most")
    assert any(
        "(--max-calls 2) is likely reached before the end: about 1 get no call" in one.value for one in test.caption
    )
    next(field for field in test.number_input if field.label == "Calls at most").set_value(50).run()
    state = run_job(test, folder, "synth-paraphrase", until)
    assert state.arguments == ("synth", "paraphrase", "--limit=3", "--max-calls=50")
    figures = {one.label: int(one.value) for one in test.metric if one.value.isdecimal()}
    assert figures["Calls asked"] == figures["answered"] + figures["failed"] >= 3
    assert figures["New pairs"] >= 1
    shown = html_of(test)
    assert f'<td class="tz-number">{figures["Calls asked"]}</td>' in shown.partition("All calls so far")[2]
    told = "\n".join(one.value for one in test.markdown)
    assert f"{figures['New pairs']} made pairs are new: the steps have not checked them yet" in told
    assert "(tamiz curate)" in told
    assert not test.button(key="job-start-curate").disabled
    made = newest_made(opened, "en")
    assert len(made) == min(10, figures["New pairs"])
    assert {one.recipe for one in made} == {"paraphrase"}
    assert made[0].stored.pair.question in html_of(test)


def test_who_may_only_look_sees_all_of_it_and_can_start_nothing(folder, opened, accepted, make_pair):
    def script(place: str) -> None:
        from dataclasses import replace
        from pathlib import Path

        from ui.screens import synthesis
        from ui.session import open_window

        synthesis.show(replace(open_window(Path(place)), role="viewer"))

    made = make_pair(50, kind="synthetic", pattern="synth:grounded by tiny", question="¿Hecho?", answer="Sí.")
    waits = make_pair(51, kind="synthetic", pattern="synth:grounded by tiny", question="¿Y esto?", answer="También.")
    opened.add_pairs([made, waits], "synth:grounded")
    mark_sieved(opened, [waits.id])
    test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
    test.session_state["language"] = "en"
    test.run()
    for recipe in ("paraphrase", "toolcalls"):
        choose(test, recipe)
        assert "Out of this" in html_of(test) or recipe == "toolcalls"
        assert {"¿Hecho?", "¿Y esto?"} <= set(re.findall("<b>(.*?)</b>", html_of(test)))
        starts = [one for one in test.button if one.key.startswith("job-start")]
        names = {one.key.removeprefix("job-start-") for one in starts}
        assert names == {f"synth-estimate-{recipe}", f"synth-{recipe}", "curate", "synth-judge"}
        assert all(one.disabled for one in starts)
        assert len(starts) == len(list(test.button))  # and no way to the review
    assert test.get("file_uploader")[0].proto.disabled
    assert "Your role may not start this" in "\n".join(one.value for one in test.info)


def test_how_far_a_judge_agrees_with_people_is_shown_and_what_is_missing_to_know(draw, opened, make_pair):
    pairs = [
        make_pair(n, kind="synthetic", pattern=f"synth:{name} by tiny", question=f"¿{name} {n}?")
        for n, name in enumerate(["grounded"] * 24 + ["paraphrase"] * 5)
    ]
    opened.add_pairs(pairs, "synth:x")
    mark_sieved(opened, [pair.id for pair in pairs])
    settings = json.dumps({"model": "big:8b", "prompt": "p"})
    rejects = {pair.id for n, pair in enumerate(pairs) if n % 3 == 0}
    found = [Finding(pair=name, step="judge", kind="judge_rejects", note="no") for name in sorted(rejects)]
    assert "No model has judged any pair yet" in "\n".join(one.value for one in draw("synthesis").caption)
    opened.add_look("judge", settings, [pair.id for pair in pairs], found)
    decided = [*pairs[:22], *pairs[24:27]]
    judge(
        opened,
        [
            Verdict(
                pair=pair.id,
                version=opened.pair(pair.id).version,
                decision="reject" if (pair.id in rejects) != (n == 1) else "accept",
                by="person:reviewer-1",
            )
            for n, pair in enumerate(decided)
        ],
    )
    shown = {language: html_of(draw("synthesis", language=language)) for language in ("en", "es")}
    english = [re.sub("<[^>]+>", "|", row) for row in re.findall("<tr>(.*?)</tr>", shown["en"])]
    [grounded] = [row for row in english if "Questions and answers from pages" in row and "big:8b" in row]
    assert "22 of 24" in grounded
    assert "95%" in grounded
    assert re.search(r"0\.\d\d \(0\.\d\d to 1\.00\)", grounded)
    [paraphrase] = [row for row in english if "Paraphrased questions" in row]
    assert "3 of 5" in paraphrase
    assert "unknown: 7 short" in paraphrase
    assert "no se sabe: faltan 7" in shown["es"]


def test_what_failed_can_be_asked_again_and_a_stopped_run_goes_on(draw, accepted, folder):
    home = folder / "jobs" / "synth-paraphrase"
    home.mkdir(parents=True)
    arguments = ["synth", "paraphrase", "--limit=3"]
    about = {"pid": 1, "by": "", "arguments": arguments, "started_at": "2026-01-31T09:30:00+00:00", "code": 130}
    (home / "job.json").write_text(json.dumps(about | {"keep_result": True}), encoding="utf-8")
    counts = dict.fromkeys(("divided", "known", "left_open", "made", "clean", "ok", "not_asked", "failed_before"), 0)
    counts |= {"prompt_tokens": 5, "completion_tokens": 5, "asked": 2, "failed": 2, "materials": 3, "usd": 0.0}
    told = {"provider": "deterministic", "stopped": "Ctrl-C", "left_out": {}}
    told |= {"failures": {"<b>cut off</b>": 2}}
    (home / "result.json").write_text(json.dumps(counts | told), encoding="utf-8")
    test = choose(draw("synthesis"), "paraphrase")
    assert "&lt;b&gt;cut off&lt;/b&gt;" in html_of(test)
    assert "Stopped: Ctrl-C" in html_of(test)
    assert {"Go on where it stopped", "Ask again what failed (2)"} <= {one.label for one in test.button}
    assert "Parado: alguien lo detuvo (Ctrl-C)" in html_of(choose(draw("synthesis", language="es"), "paraphrase"))
    test.button(key="synth-retry").click().run()
    about = json.loads((home / "job.json").read_text(encoding="utf-8"))
    assert about["arguments"] == [*arguments, "--retry-failed"]


def test_a_server_elsewhere_needs_a_limit_in_dollars_or_somebodys_word(draw, accepted, folder):
    toml = (folder / "tamiz.toml").read_text(encoding="utf-8")
    asked = 'provider = "openai"\nbase_url = "https://models.example/v1"'
    (folder / "tamiz.toml").write_text(toml.replace('provider = "deterministic"', asked), encoding="utf-8")
    test = choose(draw("synthesis"), "paraphrase")
    assert "This may cost money" in test.info[0].value
    assert test.button(key="job-start-synth-paraphrase").disabled
    next(field for field in test.number_input if field.label == "US dollars at most").set_value(2.5).run()
    assert not test.button(key="job-start-synth-paraphrase").disabled
    next(field for field in test.number_input if field.label == "US dollars at most").set_value(0.0).run()
    next(box for box in test.checkbox if box.label == "Run without a limit in dollars").check().run()
    assert not test.button(key="job-start-synth-paraphrase").disabled
    assert not test.info


def test_made_pairs_lead_to_a_review_of_only_them(folder, opened, make_pair):
    def script(place: str) -> None:
        from importlib import import_module
        from pathlib import Path

        import streamlit as st

        from ui.session import open_window

        import_module(f"ui.screens.{st.session_state['at']}").show(open_window(Path(place)))

    made = make_pair(50, kind="synthetic", pattern="synth:grounded by tiny", question="¿Hecho?", answer="Sí, 45 días.")
    found = make_pair(51, question="¿Hallado?", answer="No.")
    opened.add_pairs([found, made], "synth:grounded")
    chat = make_pair(52, kind="synthetic", pattern="", question="¿Conversado?", answer="Respondido en una charla.")
    opened.add_pairs([chat], "source:chat")
    about = {"kind": "number_not_in_source", "field": "answer", "start": 4, "end": 11, "before": "45 días"}
    opened.add_look("gates", "", [made.id], [Finding(pair=made.id, step="gates", **about)])
    note = "“big:8b: grounded, alone (No dice de qué.)”: a model that judges rejects it"
    said = Finding(pair=made.id, step="judge", kind="judge_rejects", note=note)
    opened.add_look("judge", json.dumps({"model": "big:8b"}), [made.id], [said])
    mark_sieved(opened, [found.id, made.id])
    test = AppTest.from_function(script, args=(str(folder),), default_timeout=20)
    for name, value in {"at": "synthesis", "language": "es", "reviewer": "reviewer-1"}.items():
        test.session_state[name] = value
    test.run()
    assert "«45 días»: ese número no está en la fuente" in html_of(test)
    assert "¿Conversado?" not in html_of(test)  # a model's answer that was noted in a talk, made by no recipe
    test.button(key="synth-review").click().run()
    test.session_state["at"] = "review"
    test.run()
    assert test.text_area[0].value == "¿Hecho?"
    card = html_of(test)
    assert "«45 días»: ese número no está en la fuente" in card
    assert "big:8b, como juez, lo rechaza: algo de la respuesta no está en la fuente; no se entiende sin haber" in card
    assert "(No dice de qué.)" in card
    assert "a model that judges" not in card
    time.sleep(0.3)  # a decision sooner than 250 ms after the pair came up is refused
    next(one for one in test.button if one.label == "Aceptar").click().run()
    assert "No te queda ningún par sintético" in test.info[0].value
    test.button(key="queue-all").click().run()
    assert test.text_area[0].value == "¿Hallado?"
