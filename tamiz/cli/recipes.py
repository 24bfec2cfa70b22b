"""The recipes as people and scripts see them: what each makes, of what, and what may be set for it."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["WithRecipes", "recipe_lines", "recipe_rows"]


class WithRecipes(click.Command):
    """A command whose --help ends with what may be set for each recipe, as the recipes declare it."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The recipes are imported for this, and not before."""
        super().format_epilog(ctx, formatter)
        told = [(f"{row['name']}  {one['name']}", option_line(one)) for row in recipe_rows() for one in row["options"]]
        with formatter.section("Options of recipes (--set KEY=VALUE)"):
            formatter.write_dl(told)


def recipe_rows() -> list[dict[str, Any]]:
    """Every recipe, for scripts; those without a model first."""
    from curation.synthesis.options import options_of
    from curation.synthesis.recipe import ModelRecipe
    from curation.synthesis.recipes import RECIPES, find_recipe

    return [
        {
            "name": one.name,
            "title": one.title,
            "takes": one.takes,
            "model": isinstance(one, ModelRecipe),
            "languages": sorted(one.languages),
            "options": [{"name": each.name, "about": each.about, "takes": each.takes} for each in options_of(one)],
        }
        for one in map(find_recipe, RECIPES)
    ]


def recipe_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The same for people."""
    lines = []
    for asks, heading in ((False, "without a model:"), (True, "with a model:")):
        lines.append(heading)
        for row in (one for one in rows if one["model"] is asks):
            langs = ", ".join(row["languages"])
            lines.append(f"  {row['name']:<14} {row['title']} (from each {row['takes']}; {langs})")
            lines += [f"  {'':<14}   --set {one['name']}=: {option_line(one)}" for one in row["options"]]
    return lines


def option_line(option: dict[str, str]) -> str:
    return f"{option['about']}: {option['takes']}"
