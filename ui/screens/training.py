"""The training screen: a run started, watched step by step, stopped and gone on with; all runs beside each other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import streamlit as st

from curation.dataset_versions import Version, versions
from curation.runs import Broken, Run, adapter_cards, read_steps, runs
from tamiz.jobs import JobState, act_of, jobs
from tamiz.project import Project
from tamiz.records import RunCard
from ui.session import Window
from ui.widgets.curves import draw_curves, live_curves
from ui.widgets.job import draw_job, may, start_job
from ui.widgets.recipe_form import draw_recipe
from ui.widgets.run_card import draw_card, share_of
from ui.widgets.text import literal, show_plain
from ui.widgets.when import moment, span
from ui.wording import Words

__all__ = ["show"]

PREFIX = "tune-"
SECONDS_BETWEEN_LOOKS = 2.0
MODELS_SECONDS = 120  # a list of models takes seconds; more means that something is stuck
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
OVERLAID = 4  # runs whose curves are drawn over one another at first


def show(window: Window) -> None:
    """Draw what runs now, a form for another run, and the runs so far."""
    words = window.words
    show_plain(words("screen.training"), kind="tz-title")
    good = [one for one in versions(window.project) if isinstance(one, Version)]
    found = runs(window.project)
    done = [run for run in found if isinstance(run, Run)]
    for broken in found:
        if isinstance(broken, Broken):
            st.warning(words("training.broken", name=literal(broken.name), reason=literal(broken.reason)))
    active = [state for state in jobs(window.project) if state.name.startswith(PREFIX)]
    finished = {run.name for run in done if run.card is not None}
    for state in active:
        if state.running or state.code != 0 or state.name.removeprefix(PREFIX) not in finished:
            _draw_run(window, state)
    known = {state.name.removeprefix(PREFIX) for state in active}
    for run in done:  # started by hand, and not finished
        if run.card is None and run.name not in known:
            show_plain(words("training.by_hand", name=run.name))
            live_curves(read_steps(window.project, run.name), words, key=f"hand-{run.name}")
    if good:
        _draw_form(window, good, expanded=not done)
    else:
        st.info(words("training.no_dataset"))
        window.link("dataset", words("training.dataset_link"))
    _draw_past(window, [run for run in done if run.card is not None])


def _draw_run(window: Window, state: JobState) -> None:
    words, name = window.words, state.name.removeprefix(PREFIX)
    with st.container(border=True):
        show_plain(name, kind="tz-source")
        draw_job(window, state.name, arguments=state.arguments, label=words("training.go_on"), icon="resume")

        @st.fragment(run_every=SECONDS_BETWEEN_LOOKS if state.running else None)
        def watch() -> None:
            steps = read_steps(window.project, name)
            if steps:
                _draw_now(steps, words)
                live_curves(steps, words, key=f"live-{name}")
            elif state.running:
                show_plain(words("training.loading"), kind="tz-small")

        watch()


def _draw_now(steps: Sequence[dict[str, float]], words: Words) -> None:
    last = next((step for step in reversed(steps) if "loss" in step), None)
    if last is None:
        return
    facts = {
        "loss": f"{last['loss']:.3f}",
        "step": f"{last['step']:,.0f} / {last['steps']:,.0f}",
        "memory": f"{last['memory_mb']:,.0f} MB",
        "speed": f"{last['tokens_per_second']:,.0f}",
    }
    with st.container(horizontal=True):
        for name, value in facts.items():
            st.metric(words(f"training_now.{name}"), value)


def _draw_form(window: Window, good: Sequence[Version], *, expanded: bool) -> None:
    words, settings = window.words, window.project.settings.tuning
    allowed = may(window, act_of(window.project, ["tune"]))
    with st.expander(words("training.new"), expanded=expanded, icon=":material/model_training:"):
        if not allowed:
            st.info(words("job.not_yours"))
        bases = _bases(str(window.project.folder), settings.base)
        with st.form("tune", border=False):
            left, right = st.columns(2)
            name = left.text_input(
                words("training.name"), value="support", max_chars=64, help=words("training.name_help")
            )
            version = right.selectbox(words("training.dataset"), [one.name for one in good])
            base = st.selectbox(
                words("training.base"), bases, index=bases.index(settings.base), help=words("training.base_help")
            )
            recipe = draw_recipe(settings, _answering(window.project), words)
            sent = st.form_submit_button(
                words("training.start"), icon=":material/play_arrow:", type="primary", disabled=not allowed
            )
    if sent:
        # What an adapter stands on is said by its card.
        on = {} if recipe.get("--start") else {"--base": base}
        given = {"--dataset": version, **on, **recipe}
        _start(window, name.strip(), [f"{option}={value}" for option, value in given.items()])
    if notice := st.session_state.pop("training_notice", ""):
        st.error(literal(notice))


def _start(window: Window, name: str, options: Sequence[str]) -> None:
    words = window.words
    if not re.fullmatch(NAME, name):
        st.session_state["training_notice"] = words("training.bad_name")
        return
    start_job(window, PREFIX + name, ["tune", name, *options])
    if notice := st.session_state.pop(f"job-notice-{PREFIX}{name}", ""):
        st.session_state["training_notice"] = notice
        return
    st.rerun()


def _answering(project: Project) -> list[str]:
    """The adapters that answer questions, the newest first: those that preference tuning can go on from."""
    cards = [card for card in adapter_cards(project) if isinstance(card, RunCard)]
    return [card.name for card in cards if card.task == "causal" and card.settings.get("method") != "full"]


def _bases(folder: str, wanted: str) -> list[str]:
    """The bases that are on this machine, with the one of tamiz.toml first."""
    here = [str(model["name"]) for model in _models(folder) if model.get("folder")]
    return list(dict.fromkeys([wanted, *here]))


@st.cache_data(show_spinner=False, ttl=300, max_entries=4)
def _models(folder: str) -> list[dict[str, Any]]:
    """What `tamiz models` finds, asked in a process of its own: its libraries stay out of this one."""
    command = [sys.executable, "-P", "-m", "tamiz.cli", "--project", folder, "models", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=MODELS_SECONDS, check=False)
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):  # without the tune extra: the job will say so
        return []
    return [one for one in found if isinstance(one, dict)]


def _draw_past(window: Window, done: Sequence[Run]) -> None:
    words = window.words
    if not done:
        return
    show_plain(words("training.past"), kind="tz-heading")
    st.dataframe(_table(done, words), hide_index=True, width="stretch")
    st.caption(words("training.full"))
    names = [run.name for run in done]
    chosen = st.multiselect(words("training.overlay"), names, default=names[:OVERLAID], key="training_overlay")
    _draw_overlay(window.project, [run for run in done if run.name in chosen], words)
    name = st.selectbox(words("training.card"), names, key="training_card")
    run = next(run for run in done if run.name == name)
    if run.card is not None:
        draw_card(run.card, run.adapter_bytes, words)
        window.link("chat", words("training.chat_link"))


def _table(done: Sequence[Run], words: Words) -> dict[str, list[Any]]:
    cards = [(run, run.card) for run in done if run.card is not None]
    change = [
        (card.results.get("base", {}).get("loss"), card.results.get("tuned", {}).get("loss")) for _, card in cards
    ]
    return {
        words("training.name"): [run.name for run, _ in cards],
        words("training.dataset"): [card.dataset_version for _, card in cards],
        words("training.test_loss"): [" → ".join("–" if x is None else f"{x:.3f}" for x in pair) for pair in change],
        words("training.share"): [f"{share_of(card):.2%}" for _, card in cards],
        words("training.peak"): [f"{card.cost.get('peak_memory_mb', 0):,.0f} MB" for _, card in cards],
        words("training.took"): [span(card.cost.get("seconds", 0), words) for _, card in cards],
        words("training.adapter_size"): [f"{run.adapter_bytes / 1e6:,.1f} MB" for run, _ in cards],
        words("training.finished"): [moment(card.finished_at) for _, card in cards],
        words("training.base"): [card.base for _, card in cards],
    }


def _draw_overlay(project: Project, chosen: Sequence[Run], words: Words) -> None:
    loss, memory = {}, {}
    for run in chosen:
        curves = run.card.curves if run.card is not None else {}
        loss[f"{run.name} · {words('training.loss_train')}"] = _points(curves.get("train", ()))
        loss[f"{run.name} · {words('training.loss_validation')}"] = _points(curves.get("validation", ()))
        told = read_steps(project, run.name)
        memory[run.name] = [(step["step"], step["memory_mb"]) for step in told if "memory_mb" in step]
    draw_curves({name: curve for name, curve in loss.items() if curve}, words("training.loss"), words, key="past-loss")
    shown = {name: curve for name, curve in memory.items() if curve}
    draw_curves(shown, words("training.memory"), words, key="past-memory", zero=True)


def _points(curve: Sequence[dict[str, float]]) -> list[tuple[float, float]]:
    return [(point["step"], point["loss"]) for point in curve]
