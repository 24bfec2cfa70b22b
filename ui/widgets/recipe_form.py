"""How a run trains: one dial, from which tamiz derives the numbers, and the numbers that somebody wants otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args, get_type_hints

import streamlit as st

from tamiz.settings import TuningSettings
from ui.wording import Words

__all__ = ["METHODS", "PRESETS", "draw_recipe"]

PRESETS: tuple[str, ...] = get_args(get_type_hints(TuningSettings)["preset"])
METHODS: tuple[str, ...] = get_args(get_type_hints(TuningSettings)["method"])
RATES = (1e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3)


def draw_recipe(settings: TuningSettings, adapters: Sequence[str], words: Words) -> dict[str, str]:
    """Draw the choices; the options of `tamiz tune` that they come to. A number nobody gave is no option.

    `adapters` are those that preference tuning can start from.
    """
    preset = st.radio(
        words("training.preset"),
        PRESETS,
        index=PRESETS.index(settings.preset),
        format_func=lambda name: words(f"preset.{name}"),
        captions=[words(f"preset_means.{name}") for name in PRESETS],
        horizontal=True,
        help=words("training.preset_help"),
    )
    with st.expander(words("training.numbers"), icon=":material/tune:"):
        st.caption(words("training.numbers_help"))
        method = st.radio(
            words("training.method"),
            METHODS,
            index=METHODS.index(settings.method),
            format_func=lambda name: words.known(f"method.{name}", name),
            horizontal=True,
            help=words("training.method_help"),
        )
        first, second = st.columns(2)  # four would cut what an empty field says
        third, fourth = st.columns(2)
        epochs = first.number_input(
            words("training.epochs"),
            0.1,
            1000.0,
            None,
            1.0,
            format="%g",
            placeholder=_stands(settings, "epochs", words),
        )
        rate = second.selectbox(
            words("training.rate"),
            RATES,
            index=None,
            format_func=lambda rate: f"{rate:g}",
            placeholder=_stands(settings, "learning_rate", words),
        )
        batch = third.number_input(
            words("training.batch"), 1, 1024, None, placeholder=_stands(settings, "batch_size", words)
        )
        rank = fourth.number_input(
            words("training.rank"),
            1,
            512,
            None,
            placeholder=_stands(settings, "r", words),
            help=words("training.rank_help"),
        )
        preferring = _draw_preferences(settings, adapters, words)
    numbers = {"--epochs": epochs, "--learning-rate": rate, "--batch-size": batch, "--rank": rank}
    given = {option: f"{value:g}" for option, value in numbers.items() if value is not None}
    changed = {} if method == settings.method else {"--method": method}
    return {"--preset": preset, **changed, **given, **(preferring if method == "dpo" else {})}


def _draw_preferences(settings: TuningSettings, adapters: Sequence[str], words: Words) -> dict[str, str]:
    """What preference tuning alone asks: a form shows no field by what another one holds, so they are always there."""
    left, right = st.columns(2)
    names = list(dict.fromkeys([settings.start, "", *adapters]))
    start = left.selectbox(
        words("training.start_from"),
        names,
        format_func=lambda name: name or words("training.from_base"),
        help=words("training.start_from_help"),
    )
    beta = right.number_input(
        words("training.beta"),
        0.001,
        10.0,
        None,
        0.05,
        format="%g",
        placeholder=f"{settings.beta:g}",
        help=words("training.beta_help"),
    )
    found = {"--start": start} if start or settings.start else {}
    return found if beta is None else {**found, "--beta": f"{beta:g}"}


def _stands(settings: TuningSettings, name: str, words: Words) -> str:
    """What a number is that is left empty: the one of tamiz.toml, or what the preset derives from data and base."""
    holder = settings.lora if name == "r" else settings
    value = getattr(holder, name)
    return words("training.as_given", value=f"{value:g}") if name in holder.given else words("training.derived")
