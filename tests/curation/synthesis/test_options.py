"""What may be set for a run: each recipe declares it, and anything else is refused before the run begins."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from curation.synthesis.desk import example_of, recipe_cards
from curation.synthesis.options import Choice, Count, Text, check_wishes, options_of
from curation.synthesis.recipe import Material, ModelRecipe
from curation.synthesis.recipes import RECIPES, find_recipe
from curation.synthesis.run import Synthesis, estimate_synthesis, synthesise
from tamiz.cli import cli
from tamiz.errors import InputError, SettingsError
from tamiz.records import Pair, Turn

DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "recipes.md"
TOOLS = '[{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]'
ANSWER = "Entra en Mi Lumbre, Facturas, y pulsa Guardar; tarda 2 días y no cuesta nada a nadie en ningún caso."
PAIR = Pair(question="¿Cómo cambio la clave del wifi?", answer=ANSWER, lang="es", url="u", kind="forum", group="g")
WITH_OPTIONS = [(name, one) for name in RECIPES for one in options_of(find_recipe(name))]
WITHOUT = [name for name in RECIPES if not options_of(find_recipe(name))]


class Watched(Mapping[str, str]):
    """Options that are not set, and remember which were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_reads_the_options_that_it_declares_and_no_others(name) -> None:
    recipe, watched = find_recipe(name), Watched()
    for lang in ("es", "en"):
        turns = (Turn(role="user", content=PAIR.question), Turn(role="assistant", content=ANSWER))
        material = Material(
            key="k", text=ANSWER, lang=lang, pair=PAIR, pairs=(PAIR,), turns=turns, largest=9, tools=TOOLS,
            options=watched,
        )  # fmt: skip
        if isinstance(recipe, ModelRecipe):
            recipe.ask(material, random.Random(1))
        else:
            recipe.make(material, random.Random(1))
    assert watched.asked == {one.name for one in options_of(recipe)}


@pytest.mark.parametrize("name", RECIPES)
def test_an_unknown_option_names_itself_the_recipe_and_what_it_knows(name) -> None:
    known = [one.name for one in options_of(find_recipe(name))]
    there = f"it knows {', '.join(known)}$" if known else "it takes none$"
    with pytest.raises(SettingsError, match=f"--set cuont=2: the recipe {name} has no option 'cuont'; {there}"):
        check_wishes(find_recipe(name), {"cuont": "2"}, "")


@pytest.mark.parametrize(("name", "option"), [pytest.param(*one, id=f"{one[0]} {one[1].name}") for one in WITH_OPTIONS])
def test_a_value_of_another_kind_says_what_to_give(name, option) -> None:
    wrong = {Count: ["", "0", "many", "2.5", "-1", "٣", "9" * 5000], Choice: ["", "nobody"], Text: ["", "x" * 500]}
    for value in wrong[type(option)]:
        with pytest.raises(SettingsError, match=f"^--set {option.name}=.{{0,60}}: give ") as caught:
            check_wishes(find_recipe(name), {option.name: value}, TOOLS if name == "toolcalls" else "")
        assert len(str(caught.value)) < 300


def test_what_can_be_given_is_taken() -> None:
    check_wishes(find_recipe("noise"), {"count": "50", "layout": "us"}, "")
    check_wishes(find_recipe("personas"), {"persona": "prisa", "locale": "en"}, "")
    check_wishes(find_recipe("tone"), {"tone": "formal", "style": "de vos, como un vecino"}, "")


def test_nothing_is_divided_or_begun_where_an_option_is_refused(make_project, opened) -> None:
    project = make_project()  # it holds no pairs: dividing them would say so
    store = opened(project)
    for run in (synthesise, estimate_synthesis):
        with pytest.raises(SettingsError, match="has no option 'layuot'"):
            run(project, store, Synthesis(recipe="noise", options={"layuot": "es"}))
    with pytest.raises(SettingsError, match="has no option 'layuot'"):
        example_of(project, store, "noise", options={"layuot": "es"})


@pytest.mark.parametrize(
    ("name", "tools", "why"),
    [
        ("toolcalls", "", "the recipe toolcalls needs a tool list"),
        ("toolcalls", "{}", "is no list of tools; give 1 to 64"),
        ("noise", TOOLS, "the recipe noise calls no tools"),
    ],
)
def test_a_tool_list_is_there_where_it_is_needed_and_nowhere_else(name, tools, why) -> None:
    with pytest.raises(InputError, match=why):
        check_wishes(find_recipe(name), {}, tools)


@pytest.mark.parametrize(
    ("name", "given", "lang", "means"),
    [("personas", {"persona": "hurried"}, "es", "prisa"), ("tone", {"tone": "conciso"}, "en", "concise")],
)
def test_a_word_of_one_language_means_the_same_in_the_other(name, given, lang, means) -> None:
    ((key, _),) = given.items()
    option = next(one for one in options_of(find_recipe(name)) if one.name == key)
    assert option.of(Material(key="k", text="", lang=lang, options=given), "by lot") == means


def test_a_place_of_another_language_leaves_it_to_the_lot() -> None:
    locale = next(one for one in options_of(find_recipe("personas")) if one.name == "locale")
    material = Material(key="k", text="", lang="en", options={"locale": "es-MX"})
    assert locale.of(material, "en") == "en"
    assert locale.of(replace(material, lang="es"), "es-ES") == "es-MX"


def test_the_cards_of_the_screen_tell_the_options() -> None:
    told = {card.name: [one.name for one in card.options] for card in recipe_cards()}
    assert told["noise"] == ["count", "layout"]
    assert all(not told[name] for name in WITHOUT)


def test_the_help_and_the_list_of_the_command_tell_every_option(tmp_path) -> None:
    (tmp_path / "tamiz.toml").write_text("", encoding="utf-8")
    helped = " ".join(CliRunner().invoke(cli, ["synth", "--help"]).stdout.split())
    listed = CliRunner().invoke(cli, ["--project", str(tmp_path), "synth"]).stdout
    for name, option in WITH_OPTIONS:
        assert f"{name} {option.name} {option.about}: {option.takes}" in helped
        assert f"--set {option.name}=: {option.about}: {option.takes}" in listed


def test_the_page_about_recipes_tells_the_options_as_they_are_declared() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` (.*)\|$", DOCS.read_text(encoding="utf-8"), re.M))
    for name in RECIPES:
        told = set(re.findall(r"`(\w+)=", rows[name]))
        assert told == {one.name for one in options_of(find_recipe(name))}
        defaults = dict(re.findall(r"`(\w+)=(\d+)`", rows[name]))
        counts = {one.name: str(one.default) for one in options_of(find_recipe(name)) if isinstance(one, Count)}
        assert defaults == counts
