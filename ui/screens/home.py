"""The first screen: how far the pairs have come, what to do next, who did what, and how good each source is."""

from __future__ import annotations

import streamlit as st

from curation.overview import Funnel, NextStep, next_steps, read_funnel, words_waiting
from tamiz.jobs import jobs, running_jobs
from ui.session import Window
from ui.widgets.activity import draw_activity, draw_people
from ui.widgets.funnel import funnel_html
from ui.widgets.job import draw_job, title_of
from ui.widgets.quality import draw_quality
from ui.widgets.text import literal, show_plain
from ui.widgets.when import moment

__all__ = ["COMMANDS", "ENDS", "SCREENS", "show"]

MANY = 100  # words; more are not counted here
SECONDS_BETWEEN_LOOKS = 3.0
STOPPED = 130  # the exit code of a command that was asked to stop
ENDS = ("done", "killed", "stopped", "failed")
JOBS = 8  # that ended last
# The job of each step and the command it runs; the name says what else may not run meanwhile.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "crawl": ("crawl", ("crawl",)),
    "extract": ("extract", ("extract",)),
    "curate": ("curate", ("curate",)),
    "export": ("export", ("export",)),
    "tune": ("tune-support", ("tune", "support")),
}
SCREENS = {"name_sources": "sources", "review": "review", "words": "words", "many_words": "words"}
ICONS = {"crawl": "download", "extract": "refresh", "curate": "filter_alt", "export": "inventory_2", "tune": "school"}


def show(window: Window) -> None:
    """Draw where the project stands and the next steps in it."""
    words, settings = window.words, window.project.settings
    show_plain(settings.project.name, kind="tz-title")
    if settings.project.goal:
        show_plain(settings.project.goal)
    funnel = _draw_funnel(window)
    _draw_next(window, funnel)
    if not funnel.pairs:
        _draw_ended(window)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(words("home.activity"))
        draw_activity(window)
    with right:
        st.subheader(words("home.people"))
        draw_people(window)
        _draw_ended(window)
    st.subheader(words("home.quality"))
    draw_quality(window)
    if funnel.progress.open + funnel.accepted:
        window.link("balance", words("home.balance_link"))


def _draw_funnel(window: Window) -> Funnel:
    """The funnel as it is now; while a job runs it is drawn again with what that has brought so far."""
    drawn = []

    @st.fragment(run_every=SECONDS_BETWEEN_LOOKS if running_jobs(window.project) else None)
    def draw() -> None:
        funnel = read_funnel(window.store)
        st.html(funnel_html(funnel, window.words))
        drawn.append(funnel)

    draw()
    return drawn[0]


def _draw_next(window: Window, funnel: Funnel) -> None:
    words = window.words
    st.subheader(words("home.next"))
    waiting = words_waiting(window.store, limit=MANY) if funnel.pairs else 0
    steps = next_steps(window.project, window.store, funnel, words=waiting)
    running = running_jobs(window.project)
    done_now = {state.arguments[0]: state.name for state in running if state.arguments}
    # what a job under another name does already, such as the crawl of one source, is not offered again
    steps = [step for step in steps if done_now.get(step.name) in (None, COMMANDS.get(step.name, ("",))[0])]
    drawn = {COMMANDS[step.name][0] for step in steps if step.name in COMMANDS}
    for state in running:
        if state.name not in drawn:
            with st.container(border=True):
                draw_job(window, state.name, arguments=state.arguments, label=title_of(state, words))
    for number, step in enumerate(steps):
        with st.container(border=True):
            _draw_step(window, step, first=number == 0)


def _draw_step(window: Window, step: NextStep, *, first: bool) -> None:
    words = window.words
    number = f"{MANY}+" if step.name == "words" and step.number >= MANY else f"{step.number:,}"
    least = window.project.settings.export.min_pairs
    show_plain(words(f"next.{step.name}", number=number, least=f"{least:,}"))
    if step.name in SCREENS:
        window.link(SCREENS[step.name], words(f"go.{step.name}"))
    elif step.name in COMMANDS:
        name, arguments = COMMANDS[step.name]
        draw_job(
            window,
            name,
            arguments=arguments,
            label=words(f"go.{step.name}"),
            icon=ICONS[step.name],
            primary=first,
            show_end=False,
        )
    else:
        window.link("sources", words("go.more"))


def _draw_ended(window: Window) -> None:
    """The jobs that ended last, each with how; nothing where none ever ran."""
    words = window.words
    ended = sorted((state for state in jobs(window.project) if not state.running), key=lambda one: one.started_at)
    if not ended:
        return
    st.subheader(words("home.jobs"))
    for state in reversed(ended[-JOBS:]):
        how = {0: "done", None: "killed", STOPPED: "stopped"}.get(state.code, "failed")
        line = words(f"ended.{how}", what=title_of(state, words), at=moment(state.started_at), code=state.code)
        if how == "done" or not state.said.strip():
            show_plain(line, kind="tz-small")
        else:
            with st.expander(literal(line)):
                st.code(state.said.strip(), language=None, wrap_lines=True)
