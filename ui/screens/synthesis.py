"""The synthesis screen: a recipe chosen, tried on an example, estimated, run and watched; and the pairs it made."""

from __future__ import annotations

import json

import streamlit as st

from curation.synthesis.desk import Example, RecipeCard, example_of, newest_made, recipe_cards
from tamiz.errors import TamizError
from tamiz.jobs import JobState, act_of, job_result, running_jobs
from tamiz.store import Store, StoredPair
from ui.session import Window
from ui.widgets.job import draw_job, may, start_job, title_of
from ui.widgets.judge_table import JOB as JUDGING
from ui.widgets.judge_table import draw_judges
from ui.widgets.made_list import draw_example, draw_made
from ui.widgets.order import SYNTHETIC, only_kinds
from ui.widgets.synth_form import Chosen, draw_choice
from ui.widgets.synth_report import draw_estimate, draw_ledger, draw_report
from ui.widgets.text import literal, show_plain
from ui.wording import Words

__all__ = ["show"]

NEWEST = 10
ESTIMATE = "--estimate"
RETRY = "--retry-failed"


def show(window: Window) -> None:
    """Draw the recipes with a form for a run, its course, the ledger and the newest pairs."""
    words = window.words
    if st.session_state.pop("synth_go", False) and "review" in window.pages:
        window.go("review")
    show_plain(words("screen.synthesis"), kind="tz-title")
    st.caption(words("synth.about"))
    recipes = {one.name: one for one in recipe_cards()}
    name = st.selectbox(
        words("synth.recipe"), list(recipes), format_func=lambda name: _named(recipes[name], words), key="synth-recipe"
    )
    recipe = recipes[name]
    st.caption(words("synth.takes", what=words(f"synth_takes.{recipe.takes}")))
    if not may(window, act_of(window.project, ["synth"])):
        st.info(words("job.not_yours"))
    chosen = draw_choice(window, recipe)
    if chosen.held != "no_tools":
        _draw_example(window, recipe, chosen)
    if chosen.held:
        st.info(words(f"synth_held.{chosen.held}"))
    _draw_runs(window, recipe, chosen)
    _draw_next(window)
    draw_ledger(window.store, words)
    draw_judges(window)
    _draw_newest(window)


def _named(recipe: RecipeCard, words: Words) -> str:
    what = words.known(f"recipe.{recipe.name}", recipe.title)
    return f"{what} · {words('synth.asks_model' if recipe.asks_model else 'synth.asks_nobody')}"


def _draw_example(window: Window, recipe: RecipeCard, chosen: Chosen) -> None:
    words = window.words
    with st.expander(words("synth.example"), expanded=True, icon=":material/lightbulb:"):
        try:
            told = json.dumps(dict(chosen.options), sort_keys=True)
            accepted = window.store.counts().get("accepted", 0)
            folder = str(window.project.folder)
            example = _example(window, folder, accepted, recipe.name, words.language, told, chosen.tools)
        except TamizError as error:
            st.warning(literal(str(error)))
            return
        if example is None:
            st.caption(words("synth.no_example"))
        else:
            draw_example(example, words)


@st.cache_data(show_spinner=False, ttl=600, max_entries=64)
def _example(
    _window: Window, folder: str, accepted: int, name: str, lang: str, options: str, tools: str
) -> Example | None:
    """Kept by what it depends on."""
    return example_of(_window.project, _window.store, name, lang=lang, options=json.loads(options), tools=tools)


def _draw_runs(window: Window, recipe: RecipeCard, chosen: Chosen) -> None:
    """The estimate and the run, each with its job and what came of it."""
    words = window.words
    if recipe.asks_model:
        wanted = [*chosen.arguments, ESTIMATE]
        name = f"synth-estimate-{recipe.name}"
        held = chosen.held in ("no_model", "no_tools")
        state = draw_job(
            window,
            name,
            arguments=wanted,
            label=words("synth.estimate"),
            icon="calculate",
            disabled=held,
            keep_result=True,
            show_end=False,
        )
        if state is not None and not state.running and state.code == 0:
            found = job_result(window.project, name)
            draw_estimate(found, words, same=tuple(wanted) == state.arguments)
    name = f"synth-{recipe.name}"
    state = draw_job(
        window,
        name,
        arguments=chosen.arguments,
        label=words("synth.start", recipe=words.known(f"recipe.{recipe.name}", recipe.name)),
        icon="auto_awesome",
        primary=True,
        disabled=bool(chosen.held),
        keep_result=True,
    )
    if state is not None and not state.running:
        _draw_came(window, name, state)
    _draw_others(window, name)


def _draw_came(window: Window, name: str, state: JobState) -> None:
    """What the run came to, and the ways on: further where it stopped, or once more what has failed."""
    words, report = window.words, job_result(window.project, name)
    if not isinstance(report, dict) or "materials" not in report:
        return
    draw_report(report, words)
    again = tuple(one for one in state.arguments if one != RETRY)
    allowed = may(window, act_of(window.project, ["synth"]))
    with st.container(horizontal=True):
        if report["stopped"]:
            st.button(
                words("synth.go_on"),
                key="synth-on",
                icon=":material/resume:",
                disabled=not allowed,
                on_click=start_job,
                args=(window, name, again),
                kwargs={"keep_result": True},
            )
        if report["failed"] or report["failed_before"]:
            st.button(
                words("synth.retry", number=f"{report['failed'] + report['failed_before']:,}"),
                key="synth-retry",
                icon=":material/replay:",
                disabled=not allowed,
                on_click=start_job,
                args=(window, name, (*again, RETRY)),
                kwargs={"keep_result": True},
            )


def _draw_others(window: Window, name: str) -> None:
    """Runs of other recipes that go on now."""
    drawn = (name, name.replace("synth-", "synth-estimate-", 1), JUDGING)
    for state in running_jobs(window.project):
        if state.arguments[:1] == ("synth",) and state.name not in drawn:
            with st.container(border=True):
                draw_job(window, state.name, arguments=state.arguments, label=title_of(state, window.words))


def _draw_next(window: Window) -> None:
    """What has to be done with made pairs: the steps look at them first, then people decide."""
    words = window.words
    new, open_ = _waiting(window.store)
    if new:
        with st.container(border=True):
            st.write(words("synth.unchecked", number=f"{new:,}"))
            draw_job(
                window, "curate", arguments=["curate"], label=words("go.curate"), icon="filter_alt", show_end=False
            )
    if open_ and window.may("decide"):
        st.button(
            words("synth.review", number=f"{open_:,}"),
            key="synth-review",
            icon=":material/rate_review:",
            on_click=_review,
        )


def _draw_newest(window: Window) -> None:
    """The newest made pairs, each with the way to its review."""
    words = window.words
    made = newest_made(window.store, words.language, limit=NEWEST)
    if made:
        show_plain(words("synth.newest"), kind="tz-heading")
        draw_made(window, made, _review)


def _waiting(store: Store) -> tuple[int, int]:
    """How many made pairs were not looked at by the steps yet, and how many wait for people."""
    from tamiz.facets import counted

    new = counted(store, "kind", ["new"]).get("synthetic", 0)
    return new, counted(store, "kind", ["waiting", "skipped"]).get("synthetic", 0)


def _review(stored: StoredPair | None = None) -> None:
    """Go to the review, with made pairs only; to this one first."""
    st.session_state["synth_go"] = True
    only_kinds((SYNTHETIC,))
    st.session_state["stay_at"] = stored.pair.id if stored else ""
