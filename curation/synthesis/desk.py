"""What people look at before and after a run: recipes, an example from their own project, and what was made last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from curation.synthesis.asking import chance_of
from curation.synthesis.chunks import Texts, chunks_of
from curation.synthesis.gates import reason_of
from curation.synthesis.marks import is_augmentation, model_of, recipe_of
from curation.synthesis.material import Wanted, gather_materials
from curation.synthesis.options import Option, check_wishes, options_of
from curation.synthesis.personal import Cleared
from curation.synthesis.providers.compatible import is_local
from curation.synthesis.recipe import Made, Material, ModelRecipe, PlainRecipe, Takes
from curation.synthesis.recipes import RECIPES, find_recipe
from curation.synthesis.training import Training
from tamiz.browse import page
from tamiz.filters import Filter
from tamiz.moves import State
from tamiz.project import Project
from tamiz.records import SYNTHESIS_STEPS, Pair, Turn
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store, StoredPair

__all__ = ["Example", "MadePair", "RecipeCard", "example_of", "may_cost", "newest_made", "recipe_cards"]

LOOKED_AT = 5_000  # accepted pairs in which something for an example is looked for
TAKEN, TRIED = 60, 20  # of them, and materials until one gives something
SHOWN = 6
STANDING: tuple[State, ...] = ("new", "waiting", "skipped", "disputed", "accepted", "rejected")
KIND_OF: dict[Takes, str] = {"thread": "forum", "transcript": "transcript"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeCard:
    """A recipe in a list. `takes` is what it works on, `options` what may be set for it."""

    name: str
    title: str
    takes: Takes
    asks_model: bool
    languages: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a recipe does with something of this project: what it makes, or what it would ask a model."""

    material: Material
    made: tuple[Made, ...] = ()
    asked: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePair:
    """A pair that a recipe made, with what the gates say of it in the language that was asked for."""

    stored: StoredPair
    recipe: str
    model: str
    augmentation: bool
    reasons: tuple[str, ...]


def recipe_cards() -> list[RecipeCard]:
    """Every recipe, those that need no model first."""
    return [
        RecipeCard(
            name=one.name,
            title=one.title,
            takes=one.takes,
            asks_model=isinstance(one, ModelRecipe),
            languages=tuple(sorted(one.languages)),
            options=options_of(one),
        )
        for one in map(find_recipe, RECIPES)
    ]


def example_of(
    project: Project,
    store: Store,
    name: str,
    *,
    lang: str = "",
    options: Mapping[str, str] | None = None,
    tools: str = "",
) -> Example | None:
    """One example, in this language where there is something in it; None where nothing here suits the recipe.

    What a run would refuse is refused. Nothing is divided, sent or kept: it is taken from the first accepted pairs,
    whatever their part.
    """
    recipe = find_recipe(name)
    check_wishes(recipe, options or {}, tools)
    found: Example | None = None
    for material in _materials(project, store, recipe.takes, recipe.languages, lang):
        material = replace(material, options=dict(options or {}), tools=tools)
        chance = chance_of(project.settings.synthesis.seed, recipe.name, material.key)
        if isinstance(recipe, PlainRecipe):
            made = tuple(one for one in recipe.make(material, chance) if isinstance(one, Made))[:SHOWN]
            found = Example(material=material, made=made) if made else None
        else:
            ask = recipe.ask(material, chance)
            found = Example(material=material, asked=ask.messages) if ask else None
        if found is not None:
            return found
    return None


def newest_made(store: Store, lang: str, *, limit: int = 10) -> list[MadePair]:
    """The pairs that recipes made last, the newest first, with what the gates found in them; no replaced ones."""
    found = page(store, Filter(kinds=("synthetic",), states=STANDING), order="newest", size=4 * limit)
    mine = [stored for stored in found.pairs if recipe_of(stored.pair)][:limit]
    findings = store.findings([stored.pair.id for stored in mine])
    return [
        MadePair(
            stored=stored,
            recipe=recipe_of(stored.pair),
            model=model_of(stored.pair),
            augmentation=is_augmentation(stored.pair),
            reasons=tuple(reason_of(one, lang) for one in findings[stored.pair.id] if one.step in SYNTHESIS_STEPS),
        )
        for stored in mine
    ]


def may_cost(settings: SynthesisSettings) -> bool:
    """Whether a run may cost money: it asks a server elsewhere, or a model that has a price."""
    free = is_local(settings.base_url) and settings.model not in settings.prices
    return settings.provider == "openai" and not free


def _materials(
    project: Project, store: Store, takes: Takes, languages: frozenset[str], lang: str
) -> Iterator[Material]:
    """Some things that the recipe could work on, those of the wanted language first."""
    pairs = _pairs(store, takes, lang)
    if takes == "chunk":
        found = list(islice(_chunks(project, store, pairs), TRIED))
    else:
        small, wanted = Training(pairs=pairs, held_out=()), Wanted(takes=takes, languages=languages)
        found = list(gather_materials(project, store, small, project.settings.synthesis, wanted).items)
    good = [one for one in found if one.lang in languages]
    yield from sorted(good, key=lambda one: one.lang != lang)[:TRIED]


def _pairs(store: Store, takes: Takes, lang: str) -> tuple[Pair, ...]:
    """Some of the first accepted pairs of the right kind, those of the wanted language first."""
    kind = KIND_OF.get(takes, "")
    looked = (stored.pair for stored in islice(store.pairs("accepted"), LOOKED_AT))
    good = [one for one in looked if one.kind != "synthetic" and one.kind == (kind or one.kind)]
    return tuple(sorted(good, key=lambda one: one.lang != lang)[:TAKEN])


def _chunks(project: Project, store: Store, pairs: Sequence[Pair]) -> Iterator[Material]:
    """The parts of the pages that these pairs come from, as a run would cut them."""
    cleared = Cleared.of(project, store, pairs)
    found = [store.page(name) for name in dict.fromkeys(pair.page for pair in pairs if pair.page)]
    pages = [one for one in found if one is not None and one.archive][:TRIED]
    texts = Texts(project.pages)
    texts.learn(pages)
    for one in pages:
        own = tuple(pair for pair in pairs if pair.page == one.id)
        for chunk in chunks_of(texts.paragraphs(one), project.settings.synthesis.chunk_characters):
            yield Material(
                key=f"{one.id}#{chunk.number}",
                text=cleared.masked(chunk.text, own[0].lang),
                lang=own[0].lang,
                page=one.id,
                url=one.final_url,
                source=one.source,
                pairs=own,
            )
