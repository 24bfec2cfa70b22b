"""How far the models that judge made pairs agree with what people decided, and what is missing to say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from curation.synthesis.desk import may_cost
from curation.synthesis.gates.calibration import LEAST
from curation.synthesis.trust import Trust, trust_in_judges
from tamiz.facets import counted
from tamiz.moves import OPEN_STATES
from tamiz.store import Store
from tamiz.synthledger import last_call
from tamiz.worddecisions import last_event
from ui.session import Window
from ui.widgets.job import draw_job
from ui.widgets.table import draw_table
from ui.widgets.text import show_plain
from ui.wording import Words

__all__ = ["COLUMNS", "JOB", "draw_judges"]

COLUMNS = ("recipe", "model", "trust", "decided", "agree", "kappa", "let_through", "held_back")
JOB = "synth-judge"


def draw_judges(window: Window) -> None:
    """Draw the table, and a button that asks a model about what waits; nothing where no recipe made anything."""
    words, store = window.words, window.store
    if not counted(store, "kind").get("synthetic"):
        return
    rows = _trust(store, (str(window.project.folder), last_event(store), last_call(store)))
    show_plain(words("judge.title"), kind="tz-heading")
    st.caption(words("judge.about"))
    if not rows:
        st.caption(words("judge.none"))
    else:
        table = {words(f"judge_column.{name}"): [_cell(name, one, words) for one in rows] for name in COLUMNS}
        draw_table(table)
        st.caption(words("judge.columns", least=LEAST))
    _draw_ask(window)


def _draw_ask(window: Window) -> None:
    """A run of the judge, bounded as tamiz.toml says; where it may cost and has no bound there, the command is told."""
    words, settings = window.words, window.project.settings.synthesis
    waiting = counted(window.store, "kind", ["new", *OPEN_STATES]).get("synthetic", 0)
    if not waiting:
        return
    no_model = settings.provider != "deterministic" and not settings.model
    if no_model or (may_cost(settings) and not settings.max_usd):
        st.caption(words("judge.command"))
        return
    draw_job(window, JOB, arguments=["synth", "--judge"], label=words("judge.ask"), icon="gavel")


@st.cache_data(show_spinner=False, max_entries=4, ttl=30)
def _trust(_store: Store, key: tuple[str, int, int]) -> Sequence[Trust]:
    """Kept until somebody decides or a model is asked: an interval takes a thousand samples."""
    return trust_in_judges(_store)


def _cell(column: str, one: Trust, words: Words) -> Any:
    told = one.told
    cells: dict[str, Callable[[], Any]] = {
        "recipe": lambda: words.known(f"recipe.{one.recipe}", one.recipe) if one.recipe else words("judge.all"),
        "model": lambda: one.model,
        "trust": lambda: _verdict(one, words),
        "decided": lambda: words("judge.of", decided=f"{one.decided:,}", judged=f"{one.judged:,}"),
        "agree": lambda: "—" if told is None or told.agree is None else f"{told.agree:.0%}",
        "kappa": lambda: _kappa(one, words),
        "let_through": lambda: told.let_through if told else 0,
        "held_back": lambda: told.held_back if told else 0,
    }
    return cells[column]()


def _kappa(one: Trust, words: Words) -> str:
    """With its interval, where there are pairs enough for one."""
    told = one.told
    if told is None or told.kappa is None:
        return "—"
    if told.low is None or told.high is None:
        return f"{told.kappa:.2f}"
    return words("judge.interval", kappa=f"{told.kappa:.2f}", low=f"{told.low:.2f}", high=f"{told.high:.2f}")


def _verdict(one: Trust, words: Words) -> str:
    """Whether the judge can be trusted, or what is missing to know."""
    if one.missing:
        return words("judge.missing", number=one.missing)
    if one.told is not None and one.told.why == "one_answer":
        return words("judge.one_answer")
    return words("judge.trusted" if one.told is not None and one.told.trusted else "judge.not_trusted")
