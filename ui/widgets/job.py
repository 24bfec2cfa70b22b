"""A long job on a screen: started, watched and stopped here, run by a process of its own.

draw_job(window, "curate", arguments=["curate"], label=words("next.curate_button")) draws a button; while the job runs,
its progress and a button that stops it; and when it has ended, how it ended and what it said. Closing the page or the
server stops nothing, and every page that draws the job sees it. Only the job is drawn again while it runs; when it
begins or ends, the whole page is.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from tamiz.errors import TamizError
from tamiz.jobs import JobState, act_of, job, running_jobs, start, stop
from tamiz.people import Act
from ui.session import Window
from ui.widgets.note import note_in_words
from ui.widgets.text import literal, plain
from ui.widgets.when import moment, span
from ui.wording import Words

__all__ = ["WORK", "draw_job", "draw_running", "may", "start_job", "title_of"]

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_GLANCES = 3.0  # of the line in the sidebar
PATIENCE_SECONDS = 15.0  # after which a job that was asked to stop may be ended by force
PATIENCE_OF = {"tune": 120.0}  # it ends its step and saves all that it has learnt first
STOPPED = 130  # the exit code of a command that was asked to stop
WORK = (
    "crawl",
    "import",
    "extract",
    "curate",
    "export",
    "tune",
    "compare",
    "synth",
    "estimate",
)  # jobs that have words


def draw_job(
    window: Window,
    name: str,
    *,
    arguments: Sequence[str],
    label: str,
    icon: str = "play_arrow",
    primary: bool = False,
    disabled: bool = False,
    keep_result: bool = False,
    show_end: bool = True,
    above: Callable[[], None] | None = None,
) -> JobState | None:
    """Draw the job of this name and give its state, None if it never ran.

    `arguments` are those of the tamiz command that the button starts. With `keep_result` its result is kept as JSON
    for tamiz.jobs.job_result, and what it said is only its messages. Without `show_end` a job that ended well leaves
    nothing but the button. `above` draws what changes while the job runs; it is drawn as often as the job is.
    """
    words, state = window.words, job(window.project, name)
    running = state is not None and state.running

    @st.fragment(run_every=SECONDS_BETWEEN_LOOKS if running else None)
    def draw() -> None:
        now = job(window.project, name)
        if running != (now is not None and now.running):
            st.rerun()  # the rest of the page shows what the job has done
        if above is not None:
            above()
        if now is not None and now.running:
            _draw_running(window, now)
            return
        allowed = may(window, act_of(window.project, arguments))
        st.button(
            literal(label),
            key=f"job-start-{name}",
            icon=f":material/{icon}:",
            type="primary" if primary else "secondary",
            disabled=disabled or not allowed,
            help=None if allowed else words("job.not_yours"),
            on_click=start_job,
            args=(window, name, list(arguments)),
            kwargs={"keep_result": keep_result},
        )
        if notice := st.session_state.pop(f"job-notice-{name}", ""):
            st.error(literal(notice))
        if now is not None and (show_end or now.code != 0):
            _draw_end(now, words)

    with st.container():
        draw()
    return state


def start_job(window: Window, name: str, arguments: Sequence[str], *, keep_result: bool = False) -> None:
    """Start a job under the reviewer's name; what hinders it is shown where the job is drawn."""
    try:
        start(window.project, name, arguments, store=window.store, by=window.by, keep_result=keep_result)
    except TamizError as error:
        st.session_state[f"job-notice-{name}"] = str(error)


def draw_running(window: Window) -> None:
    """Draw one line for each job that runs, with how far it is; nothing where none does."""
    words = window.words
    if not running_jobs(window.project):
        return

    @st.fragment(run_every=SECONDS_BETWEEN_GLANCES)
    def draw() -> None:
        rows = []
        for state in running_jobs(window.project):
            share = "" if state.share is None else f" {state.share:.0%}"
            rows.append(plain(f"{title_of(state, words)}{share}", kind="tz-small"))
        if rows:
            st.html(f'<div role="status">{plain(words("job.running_now"), tag="b")}{"".join(rows)}</div>')

    draw()


def may(window: Window, act: Act) -> bool:
    """Whether to offer this to who sits here."""
    return window.may(act)


def title_of(state: JobState, words: Words) -> str:
    """What a job does, in words: "Fetching ayuda". Its name where it is a command without words."""
    command = state.arguments[0] if state.arguments else ""
    if command not in WORK:
        return state.name
    if "--estimate" in state.arguments:
        return words("work.estimate", what=state.arguments[1])
    what = state.name.removeprefix(command).removeprefix("-")
    if command == "import" and len(state.arguments) > 1:
        what = Path(state.arguments[1]).name
    return words(f"work.{command}", what=what).strip()


def _draw_running(window: Window, state: JobState) -> None:
    words, now = window.words, datetime.now(UTC)
    left, right = st.columns([7, 2], vertical_alignment="center")
    with left:
        _draw_progress(state, words)
        facts = [words("job.elapsed", span=span(state.seconds(now), words))]
        remaining = state.seconds_left(now)
        if remaining is not None and not state.stopping:
            facts.append(words("job.left", span=span(remaining, words)))
        if state.by:
            facts.append(words("job.by", name=state.by.removeprefix("person:")))
        st.html(plain(" · ".join(facts), kind="tz-small"))
    with right:
        _draw_stop(window, state, now)
    if notice := st.session_state.pop(f"job-notice-{state.name}", ""):
        st.error(literal(notice))


def _draw_progress(state: JobState, words: Words) -> None:
    if state.stopping:
        doing = words("job.stopping")
    elif not state.title:
        doing = words("job.starting")
    else:
        count = words("job.count", done=state.done, total=state.total) if state.total else f"{state.done or ''}"
        doing = " · ".join(filter(None, (title_of(state, words), count, note_in_words(state.note, words))))
    if state.share is not None:
        st.progress(state.share, text=literal(doing))
        return
    st.html(f'{plain(doing)}<progress class="tz-progress" aria-label="{html.escape(words("job.working"))}"></progress>')


def _draw_stop(window: Window, state: JobState, now: datetime) -> None:
    words = window.words
    asked = (now - datetime.fromisoformat(state.stopping)).total_seconds() if state.stopping else 0.0
    force = asked > PATIENCE_OF.get(state.arguments[0] if state.arguments else "", PATIENCE_SECONDS)
    st.button(
        words("job.force" if force else "job.stop"),
        key=f"job-{'force' if force else 'stop'}-{state.name}",
        icon=":material/stop:",
        disabled=bool(state.stopping) and not force,
        on_click=_stop,
        args=(window, state.name, force),
        width="stretch",
    )


def _stop(window: Window, name: str, force: bool) -> None:
    try:
        stop(window.project, name, store=window.store, by=window.by, force=force)
    except TamizError as error:
        st.session_state[f"job-notice-{name}"] = str(error)


def _draw_end(state: JobState, words: Words) -> None:
    """How a job ended, and the end of what it said, as text."""
    facts = {
        "started": moment(state.started_at),
        "span": span(state.seconds(datetime.now(UTC)), words),
        "by": state.stopped_by.removeprefix("person:"),
        "code": state.code,
    }
    facts = {name: literal(str(value)) for name, value in facts.items()}
    if state.code == 0:
        st.success(words("job.ended", **facts))
    elif state.code == STOPPED:
        st.info(words("job.stopped_by" if state.stopped_by else "job.stopped", **facts))
    elif state.code is None and state.stopped_by:
        st.warning(words("job.forced", **facts))
    elif state.code is None:
        st.warning(words("job.died", **facts))
    else:
        st.error(words("job.failed", **facts))
    if state.said.strip():
        with st.expander(words("job.said"), expanded=state.code not in (0, STOPPED, None)):
            st.code(state.said.strip(), language=None, wrap_lines=True)
