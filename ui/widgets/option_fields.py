"""What may be set for a recipe, each as the field that it takes."""

from __future__ import annotations

import streamlit as st

from curation.synthesis.desk import RecipeCard
from curation.synthesis.options import Choice, Count, Option, Text
from ui.wording import Words

__all__ = ["draw_options"]


def draw_options(recipe: RecipeCard, words: Words) -> dict[str, str]:
    """Draw them; those that are set to something else than what a recipe does anyway."""
    given = {one.name: _draw(one, recipe, words) for one in recipe.options}
    return {name: value for name, value in given.items() if value}


def _draw(one: Option, recipe: RecipeCard, words: Words) -> str:
    label, key = words.known(f"synth_option.{recipe.name} {one.name}", one.about), f"synth-{recipe.name}-{one.name}"
    if isinstance(one, Count):
        number = st.number_input(label, one.lowest, one.highest, one.default, key=key)
        return "" if number == one.default else str(number)
    if isinstance(one, Choice):
        otherwise = words.known(f"synth_otherwise.{one.otherwise}", one.otherwise)
        return st.selectbox(label, choices(one, words.language), index=None, placeholder=otherwise, key=key) or ""
    longest, hint = (one.longest, one.example) if isinstance(one, Text) else (None, one.takes)
    return st.text_input(label, max_chars=longest, placeholder=hint, key=key).strip()


def choices(one: Choice, lang: str) -> list[str]:
    """The words to choose from: this language's where all languages have as many, each meaning the same; else all.

    >>> choices(Choice(name="way", about="", words={"es": ("motivo",), "en": ("reason",)}), "es")
    ['motivo']
    >>> choices(Choice(name="from", about="", words={"es": ("es-ES", "es-MX"), "en": ("en",)}), "en")
    ['es-ES', 'es-MX', 'en']
    """
    if lang in one.words and len({len(several) for several in one.words.values()}) == 1:
        return list(one.words[lang])
    return list(dict.fromkeys(word for several in one.words.values() for word in several))
