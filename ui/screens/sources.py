"""The sources screen: what each source has brought, and its crawl started, watched and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from tamiz.errors import TamizError
from tamiz.frontier import Frontier
from tamiz.jobs import JobState, job, jobs, start, stop
from tamiz.settings import source_name
from ui.session import Window
from ui.widgets.text import literal, plain, show_plain
from ui.wording import Words

__all__ = ["show"]

SECONDS_BETWEEN_LOOKS = 1.0
PREFIX = "crawl-"
STOPPED = 130  # the exit code of a command that was asked to stop


def show(window: Window) -> None:
    """Draw every source of tamiz.toml, other crawls of this project, and a field for another address."""
    words = window.words
    show_plain(words("screen.sources"), kind="tz-title")
    running = any(state.running for state in _crawls(window))

    @st.fragment(run_every=SECONDS_BETWEEN_LOOKS if running else None)
    def draw() -> None:
        if running != any(state.running for state in _crawls(window)):
            st.rerun()  # begin or end to look again and again
        _draw_sources(window)

    draw()
    _draw_other(window)


def _crawls(window: Window) -> list[JobState]:
    return [state for state in jobs(window.project) if state.name.startswith(PREFIX)]


def _draw_sources(window: Window) -> None:
    words = window.words
    sources = window.project.settings.sources
    if not sources:
        st.info(literal(words("sources.none")))
    brought = window.store.count_by_source()
    for source in sources:
        _draw_source(window, source.name, source.url, ["crawl", source.name], brought.get(source.name, (0, 0)))
    known = {PREFIX + source.name for source in sources}
    for state in _crawls(window):
        if state.name not in known:
            name, url = state.name.removeprefix(PREFIX), state.arguments[-1]
            _draw_source(window, name, url, state.arguments, brought.get(name, (0, 0)))


def _draw_source(window: Window, name: str, url: str, arguments: Sequence[str], brought: tuple[int, int]) -> None:
    words, frontier = window.words, Frontier(window.store, name)
    counts = frontier.counts()
    state = job(window.project, PREFIX + name)
    with st.container(border=True):
        left, right = st.columns([7, 2], vertical_alignment="center")
        with left:
            st.html(plain(name, kind="tz-source") + plain(url, kind="tz-small"))
        with right:
            _draw_button(window, name, arguments, state, counts)
        waiting = counts.get("waiting", 0) + counts.get("leased", 0)
        refused, failed = counts.get("refused", 0), counts.get("failed", 0)
        st.write(
            words("sources.counts", pages=brought[0], pairs=brought[1], waiting=waiting, refused=refused, failed=failed)
        )
        if state is not None:
            _draw_state(state, waiting, words)
        _draw_reasons(frontier, words)


def _draw_button(
    window: Window, name: str, arguments: Sequence[str], state: JobState | None, counts: dict[str, int]
) -> None:
    words = window.words
    if state is not None and state.running:
        st.button(
            words("sources.stop"),
            key=f"stop-{name}",
            icon=":material/stop:",
            on_click=_stop,
            args=(window, name),
            width="stretch",
        )
        return
    waiting = counts.get("waiting", 0)
    st.button(
        words("sources.go_on" if waiting else "sources.again" if counts else "sources.start"),
        key=f"start-{name}",
        icon=":material/download:",
        on_click=_start,
        args=(window, name, arguments),
        width="stretch",
    )


def _draw_state(state: JobState, waiting: int, words: Words) -> None:
    if state.running:
        if not state.title:
            st.write(words("sources.starting"))
        elif not state.title.startswith("crawling"):
            st.write(words("sources.stopping"))
        else:
            note = f" · {literal(state.note)}" if state.note else ""
            share = state.done / max(1, state.done + waiting)
            st.progress(share, text=words("sources.running", done=state.done) + note)
        return
    started = state.started_at.replace("T", " ")[:16]
    if state.code == 0:
        st.success(words("sources.ended", started=started))
    elif state.code == STOPPED:
        st.info(words("sources.stopped", started=started))
    elif state.code is None:
        st.warning(words("sources.killed"))
    else:
        st.error(words("sources.failed", started=started))
    if state.said.strip():
        with st.expander(words("sources.said"), expanded=state.code not in (0, STOPPED, None)):
            st.code(state.said.strip(), language=None, wrap_lines=True)


def _draw_reasons(frontier: Frontier, words: Words) -> None:
    rows = [(reason, count) for (kind, reason), count in frontier.reasons().items() if kind in ("refused", "failed")]
    if rows:
        with st.expander(words("sources.reasons")):
            rows.sort(key=lambda row: (-row[1], row[0]))
            columns = {
                words("sources.addresses"): [row[1] for row in rows],
                words("sources.reason"): [r[0] for r in rows],
            }
            st.dataframe(columns, hide_index=True, width="stretch")


def _draw_other(window: Window) -> None:
    words = window.words
    with st.form("other", clear_on_submit=True, border=False):
        left, right = st.columns([7, 2], vertical_alignment="bottom")
        url = left.text_input(words("sources.other"), help=words("sources.other_help"), placeholder="https://…")
        sent = right.form_submit_button(words("sources.start"), icon=":material/download:", width="stretch")
    if sent:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            st.warning(words("sources.no_address"))
            return
        same = (one.name for one in window.project.settings.sources if one.url.rstrip("/") == url.strip().rstrip("/"))
        name = next(same, "")
        _start(window, name or source_name(url.strip()), ["crawl", name or url.strip()])
        st.rerun()
    if notice := st.session_state.pop("sources_notice", ""):
        st.error(literal(notice))
    if window.store.counts().get("new"):
        show_plain(words("sources.next"))
        st.code("tamiz curate", language=None)


def _start(window: Window, name: str, arguments: Sequence[str]) -> None:
    try:
        by = window.by
        start(window.project, PREFIX + name, list(arguments), store=window.store, by=by)
    except TamizError as error:
        st.session_state["sources_notice"] = str(error)


def _stop(window: Window, name: str) -> None:
    stop(window.project, PREFIX + name, store=window.store, by=window.by)
