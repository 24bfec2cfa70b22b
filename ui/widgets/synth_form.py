"""What a run of a recipe works on and how far it may go, as fields; the options of `tamiz synth` that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import streamlit as st

from curation.synthesis.desk import RecipeCard, may_cost
from tamiz.errors import TamizError
from tamiz.facets import counted
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.uploads import keep_upload
from ui.session import Window
from ui.widgets.option_fields import draw_options
from ui.widgets.text import literal
from ui.widgets.upload import draw_upload

__all__ = ["FIRST_LOOK", "HELD", "Chosen", "draw_choice"]

HELD = ("no_model", "no_tools", "may_cost")
FIRST_LOOK = 20  # things to work on, as a run begins to be tried out


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the fields say. `held` is why it cannot be started (see HELD), "" where it can."""

    arguments: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    tools: str = ""
    held: str = ""


def draw_choice(window: Window, recipe: RecipeCard) -> Chosen:
    """Draw the fields for this recipe."""
    words, settings = window.words, window.project.settings.synthesis
    first, second, third = st.columns(3)
    limit = first.number_input(words("synth.limit"), 0, None, FIRST_LOOK, help=words("synth.limit_help"))
    langs = second.multiselect(
        words("synth.langs"),
        recipe.languages,
        format_func=lambda code: words.known(f"language.{code}", code),
        placeholder=words("pairs.all"),
    )
    sources = third.multiselect(
        words("synth.sources"), [one for one in counted(window.store, "source") if one], placeholder=words("pairs.all")
    )
    found = [f"--limit={limit}", *(f"--lang={one}" for one in langs), *(f"--source={one}" for one in sources)]
    held = ""
    if recipe.asks_model:
        more, settings = _draw_bounds(window, settings)
        found += more
        held = _draw_whom(window, settings, found)
    options, path, tools = _draw_more(window, recipe)
    found += [f"--set={name}={value}" for name, value in options.items()]
    found += [f"--tools={path}"] if path else []
    if recipe.name == "toolcalls" and not path:
        held = held or "no_tools"
    return Chosen(arguments=("synth", recipe.name, *found), options=options, tools=tools, held=held)


def _draw_bounds(window: Window, settings: SynthesisSettings) -> tuple[list[str], SynthesisSettings]:
    """How much may be asked; and who is asked, where that is another than in tamiz.toml."""
    words = window.words
    first, second, third = st.columns(3)
    calls = first.number_input(words("synth.max_calls"), 0, None, settings.max_calls, help=words("synth.no_bound"))
    tokens = second.number_input(words("synth.max_tokens"), 0, None, settings.max_tokens, 1000)
    usd = third.number_input(words("synth.max_usd"), 0.0, None, settings.max_usd, 0.5, format="%.2f")
    with st.expander(words("synth.whom"), icon=":material/dns:"):
        left, right = st.columns(2)
        model = left.text_input(words("synth.model"), settings.model, max_chars=200).strip()
        url = right.text_input(words("synth.base_url"), settings.base_url, max_chars=500).strip()
        st.caption(words("synth.key", name=f"`{settings.key_env}`", provider=f"`{settings.provider}`"))
    given: dict[str, tuple[object, object]] = {
        "--max-calls": (calls, settings.max_calls),
        "--max-tokens": (tokens, settings.max_tokens),
        "--max-usd": (usd, settings.max_usd),
        "--model": (model, settings.model),
        "--base-url": (url, settings.base_url),
    }
    found = [f"{option}={value}" for option, (value, stands) in given.items() if value != stands]
    try:
        return found, replace(settings, model=model, base_url=url, max_usd=usd)
    except TamizError as error:
        st.warning(literal(str(error)))
        return found, settings


def _draw_whom(window: Window, settings: SynthesisSettings, found: list[str]) -> str:
    """Why nobody can be asked yet, and the box that lets a run cost what it costs."""
    words = window.words
    if settings.provider != "deterministic" and not settings.model:
        return "no_model"
    if not may_cost(settings) or settings.max_usd:
        return ""
    if not st.checkbox(words("synth.unbounded"), help=words("synth.unbounded_help")):
        return "may_cost"
    found.append("--yes")
    return ""


def _draw_more(window: Window, recipe: RecipeCard) -> tuple[dict[str, str], Path | None, str]:
    """What the recipe may be told besides, and its tool list; nothing where it takes neither."""
    words, path, tools = window.words, None, ""
    with_tools = recipe.name == "toolcalls"
    if not recipe.options and not with_tools:
        return {}, None, ""
    with st.expander(words("synth.options"), icon=":material/tune:", expanded=with_tools):
        options = draw_options(recipe, words)
        if with_tools:
            given = draw_upload(
                words("synth.tools"), words, types=["json"], key="synth-tools", open_=window.may("manage")
            )
            if given is not None:
                content = given.getvalue()
                tools = content.decode("utf-8", "replace")
                try:
                    path = keep_upload(window.project, given.name, BytesIO(content), store=window.store, by=window.by)
                except TamizError as error:
                    st.error(literal(str(error)))
    return options, path, tools
