"""What becomes of made pairs in the steps and rules, and of replies when an original is sealed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.sieve import curate
from curation.synthesis.marks import is_augmentation, is_refusal, model_of, recipe_of
from curation.synthesis.recipe import Made
from curation.synthesis.run import Synthesis, synthesise
from tamiz.settings import RuleSettings
from tamiz.store import Store
from tamiz.synthledger import call_of
from tamiz.synthmade import forget_replies, made_by


def with_settings(bench, *, rules=(), **synthesis):
    settings = bench.project.settings
    curation = replace(settings.curation, rules=(*settings.curation.rules, *rules))
    settings = replace(settings, curation=curation, synthesis=replace(settings.synthesis, **synthesis))
    return replace(bench.project, settings=settings)


def copies(bench, recipe, **changes):
    settings = replace(bench.settings, **changes)
    return synthesise(bench.project, bench.store, Synthesis(recipe="copy"), settings=settings, recipe=recipe)


def states(bench) -> set[str]:
    return {stored.state for stored in bench.store.pairs() if stored.pair.kind == "synthetic"}


def test_without_a_model_no_call_is_made_and_a_second_run_adds_nothing(file_bench, copy_recipe, server) -> None:
    report = copies(file_bench, copy_recipe)
    assert (report.asked, report.made, report.provider) == (0, report.materials, "")
    again = copies(file_bench, copy_recipe)
    assert (again.made, again.known) == (0, report.materials)
    assert server.bodies == []
    made = file_bench.made()
    assert {how.call for how in made_by(file_bench.store, [pair.id for pair in made]).values()} == {None}
    assert {(recipe_of(pair), model_of(pair), is_augmentation(pair)) for pair in made} == {("copy", "", True)}


def test_changed_copies_wait_and_no_step_mends_or_rejects_them(file_bench, copy_recipe) -> None:
    report = copies(file_bench, copy_recipe)
    curate(file_bench.project, file_bench.store)
    assert states(file_bench) == {"waiting"}
    assert len(file_bench.made()) == report.made


def test_changed_copies_are_accepted_where_the_settings_say_so(file_bench, copy_recipe) -> None:
    report = copies(file_bench, copy_recipe, accept_augmentations=True)
    assert report.accepted == report.made
    assert states(file_bench) == {"accepted"}
    assert copies(file_bench, copy_recipe).materials == report.materials  # nothing is made of what was made


def test_made_pairs_wait_for_people_even_where_a_rule_accepts_sound_pairs(file_bench) -> None:
    file_bench.run(wanted={"limit": 2})
    rule = RuleSettings(name="sound", then="accept")
    curate(with_settings(file_bench, rules=[rule]), file_bench.store, steps=[])
    assert states(file_bench) == {"waiting"}


def test_made_pairs_are_accepted_by_a_rule_that_names_them_when_nothing_was_found(file_bench) -> None:
    file_bench.run(wanted={"limit": 2})
    clean = [pair for pair in file_bench.made() if not file_bench.store.findings([pair.id])[pair.id]]
    curate(with_settings(file_bench, accept="clean"), file_bench.store, steps=[])
    accepted = [one.pair.id for one in file_bench.store.pairs("accepted") if one.pair.kind == "synthetic"]
    assert sorted(accepted) == sorted(pair.id for pair in clean)


def test_what_the_gates_find_is_kept_with_the_pair(file_bench, server) -> None:
    server.behave = lambda number, body: '{"questions": ["según el texto, ¿qué?"]}'
    report = file_bench.run(wanted={"limit": 2})
    made = file_bench.made()
    kinds = {one.kind for found in file_bench.store.findings([p.id for p in made]).values() for one in found}
    assert "speaks_of_source" in kinds
    assert report.found["speaks_of_source"] == len(made)
    assert report.clean == 0


class Decline:
    """Says of everything that it is not known; an honest refusal or, without the mark, a useless answer."""

    name, title, languages, takes = "decline", "refusals", frozenset({"es", "en"}), "pair"

    def __init__(self, *, honest: bool) -> None:
        self.honest = honest

    def make(self, material, chance):
        answer = "No tengo información sobre cetrería; te aconsejo preguntar a una cetrera."
        question = f"¿Cómo se cuida un halcón peregrino de {material.key[:4]}?"
        return [Made(question=question, answer=answer, lang="es", quotes=("halcón",), refusal=self.honest)]


@pytest.mark.parametrize("honest", [True, False])
def test_an_answer_that_is_meant_as_a_refusal_is_not_held_against_a_source(file_bench, honest) -> None:
    report = synthesise(
        file_bench.project,
        file_bench.store,
        Synthesis(recipe="decline", limit=1),
        settings=file_bench.settings,
        recipe=Decline(honest=honest),
    )
    assert [is_refusal(pair) for pair in file_bench.made()] == [honest]
    assert ({"refusal", "quote_missing"} <= set(report.found)) != honest
    assert (report.clean == 1) == honest


def test_a_reply_goes_with_the_original_that_is_sealed_and_is_not_asked_for_again(bench, server) -> None:
    bench.run(wanted={"limit": 2})
    pair = bench.made()[0]
    how = made_by(bench.store, [pair.id])[pair.id]
    assert how.call is not None
    assert how.call.reply
    origin = bench.store.pairs_by_id([pair.made_from[0]])[pair.made_from[0]].pair
    bench.store.database.write(lambda connection: forget_replies(connection, origin.id, origin.group))
    after = call_of(bench.store, how.call.seq)
    assert after is not None
    assert (after.reply, after.state) == ("", "ok")
    report = bench.run(wanted={"limit": 2})
    assert (report.asked, report.failed, len(server.bodies)) == (0, 0, 2)


def test_opening_a_store_twice_shows_the_same_ledger(file_bench) -> None:
    file_bench.run(wanted={"limit": 1})
    pair = file_bench.made()[0]
    with Store.open(file_bench.project.store_url) as other:
        assert made_by(other, [pair.id]) == made_by(file_bench.store, [pair.id])
