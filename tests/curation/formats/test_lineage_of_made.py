"""A line of an export that a recipe made leads to its page, recipe, model, prompt, gates and reviewers."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner

from curation.export import export
from curation.lineage_story import story
from curation.synthesis.providers.deterministic import DeterministicProvider
from curation.synthesis.recipe import Ask, Made, Material
from curation.synthesis.run import Synthesis, synthesise
from tamiz.cli import cli
from tamiz.decisions import judge, mark_sieved
from tamiz.project import Project
from tamiz.records import Page, Turn, Verdict
from tamiz.store import PageReading, Store

BY = "person:reviewer-1"
PROMPT = "Ask otherwise."


@dataclass(frozen=True)
class Otherwise:
    """Asks a model for another question that the same answer fits."""

    name: str = "otherwise"
    title: str = "another question"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: str = "pair"

    def ask(self, material: Material, chance: random.Random) -> Ask:
        assert material.pair is not None
        schema = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
        text = f"{PROMPT}\n{material.pair.answer}"
        return Ask(messages=(Turn(role="user", content=text),), schema=schema, prompt=PROMPT)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        assert material.pair is not None
        question = f"¿Qué significa «{reply['question']}» y cuándo se hace {material.key[:6]}?"
        return [Made(question=question, answer=material.pair.answer, lang=material.lang)]


@pytest.fixture(scope="module")
def made(tmp_path_factory, distinct):
    """A project with pairs of one page each, and a version that holds some that a recipe made of them."""
    folder = tmp_path_factory.mktemp("lineage")
    (folder / "tamiz.toml").write_text("[export]\nmin_pairs = 4\n", encoding="utf-8")
    project = Project.open(folder)
    with Store.open(project.store_url) as store:
        fill(project, store, distinct)
        yield project, store, export(project, store, ["alpaca"])


def fill(project, store, distinct) -> None:
    for number in range(12):
        page = Page(
            url=f"https://ayuda.example/{number}",
            final_url=f"https://ayuda.example/{number}",
            fetched_at="2026-01-30T10:00:00+00:00",
            status=200,
            content_type="text/html",
            content_hash=f"{number:064d}",
            source="ayuda",
            robots="allowed",
        )
        pair = distinct(number, page=page.id, group=page.url)
        store.add_page(page, [pair], PageReading(page=page.id, kind="faq", reason="", found=1))
        mark_sieved(store, [pair.id])
        judge(store, [Verdict(pair=pair.id, version=2, decision="accept", by=BY)])
    synthesise(project, store, Synthesis(recipe="otherwise"), provider=DeterministicProvider(), recipe=Otherwise())
    waiting = list(store.pairs("new", "waiting"))
    judge(store, [Verdict(pair=s.pair.id, version=s.version, decision="accept", by=BY) for s in waiting])


def test_a_line_that_a_recipe_made_leads_to_page_recipe_model_prompt_gates_and_reviewer(made) -> None:
    project, store, manifest = made
    path = project.exports / manifest.version / "alpaca" / "train.jsonl"
    ids = [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").split("\n") if line]
    number = next(n for n, one in enumerate(ids, 1) if store.pair(one).pair.kind == "synthetic")
    found = story(project, store, ids[number - 1])
    making = found.now.making
    assert making is not None
    assert (making.recipe, making.model, making.provider) == ("otherwise", "deterministic", "deterministic")
    assert making.prompt
    assert hashlib.sha256(PROMPT.encode()).hexdigest().startswith(making.prompt)
    assert found.origin.page is not None
    assert found.origin.page.url.startswith("https://ayuda.example/")
    assert BY in {event.actor for event in found.decisions}
    place = f"exports/{manifest.version}/alpaca/train.jsonl:{number}"
    shown = CliRunner().invoke(cli, ["--project", str(project.folder), "lineage", place], catch_exceptions=False)
    assert shown.exit_code == 0
    for said in ("made by the recipe otherwise", f"prompt {making.prompt}", "asked deterministic", "gates", BY):
        assert said in shown.output


def test_the_reply_of_a_model_is_not_in_the_story(made) -> None:
    project, store, _ = made
    one = next(stored.pair for stored in store.pairs("accepted") if stored.pair.kind == "synthetic")
    told = CliRunner().invoke(cli, ["--project", str(project.folder), "lineage", one.id, "--json"]).output
    assert json.loads(told)
    assert '"reply"' not in told


def test_pairs_that_were_found_have_no_making(made) -> None:
    project, store, _ = made
    one = next(stored.pair for stored in store.pairs("accepted") if stored.pair.kind == "faq")
    assert story(project, store, one.id).now.making is None
