"""Every recipe by its name, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from curation.synthesis.recipe import Recipe
from tamiz.errors import InputError

__all__ = ["RECIPES", "find_recipe"]

# Without a model first, then those that ask one.
_PLAIN = ("variants", "noise", "article", "dialogue", "turns", "refusals", "balance")
_ASKING = (
    "paraphrase",
    "grounded",
    "followup",
    "personas",
    "harder",
    "conversation",
    "unanswerable",
    "tone",
    "tutor",
    "toolcalls",
)
RECIPES: dict[str, str] = {name: f"curation.synthesis.recipes.{name}" for name in (*_PLAIN, *_ASKING)}


def find_recipe(name: str) -> Recipe:
    """The recipe of this name; InputError names those that there are."""
    if name not in RECIPES:
        raise InputError(f"there is no recipe {name!r}; there are {', '.join(RECIPES)}")
    return cast("Recipe", import_module(RECIPES[name]).RECIPE)
