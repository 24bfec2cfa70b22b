"""A recipe over the training part of a project: bounded, resumable, with every call in the ledger.

A run may be killed at any moment. The next one asks nothing again that was answered, and keeps what came of replies
in the order of the materials, so that what stands at the end is the same as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from curation.synthesis.estimate import Estimate
from curation.synthesis.providers import Provider
from curation.synthesis.recipe import ModelRecipe, PlainRecipe, Recipe
from curation.synthesis.reciperun import RecipeRun, Synthesis
from curation.synthesis.recipes import find_recipe
from curation.synthesis.report import SynthReport
from tamiz.progress import Job
from tamiz.project import Project
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store

__all__ = ["RecipeRun", "SynthReport", "Synthesis", "estimate_synthesis", "synthesise"]


def synthesise(
    project: Project,
    store: Store,
    wanted: Synthesis,
    report: Job | None = None,
    *,
    settings: SynthesisSettings | None = None,
    provider: Provider | None = None,
    recipe: Recipe | None = None,
    actor: str = "command",
    tell: Callable[[Estimate], None] = lambda estimate: None,
) -> SynthReport:
    """Run a recipe; prints nothing. `settings` stand in for [synthesis], `provider` and `recipe` for those named.

    `tell` is told what the run will come to before anything is sent; the run is none when it raises.
    Ctrl-C ends it with all that is done kept, and is told in the report; pressed again, it is raised.
    """
    chosen = settings or project.settings.synthesis
    run = RecipeRun(project, store, wanted, chosen, recipe or find_recipe(wanted.recipe), report)
    if isinstance(run.recipe, PlainRecipe):
        with ExitStack() as open_things:
            return run.plain(open_things, actor)
    return run.asking(provider, actor, tell)


def estimate_synthesis(
    project: Project,
    store: Store,
    wanted: Synthesis,
    *,
    settings: SynthesisSettings | None = None,
    provider: Provider | None = None,
    recipe: Recipe | None = None,
) -> Estimate | None:
    """What a run would come to; None for a recipe that asks no model. Nothing is sent."""
    chosen = settings or project.settings.synthesis
    run = RecipeRun(project, store, wanted, chosen, recipe or find_recipe(wanted.recipe), None)
    return run.estimated(provider) if isinstance(run.recipe, ModelRecipe) else None
