"""The sources screen: crawls and imports, started, watched and stopped, and sources added for good."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from tamiz.activity import count_sources
from tamiz.errors import TamizError
from tamiz.frontier import Frontier
from tamiz.jobs import jobs
from tamiz.settings import SourceSettings, read_settings, source_name
from tamiz.settings.adding import add_source
from ui.session import Window, reopen
from ui.widgets.importing import draw_import, draw_imports
from ui.widgets.job import draw_job, start_job
from ui.widgets.text import literal, plain, show_plain
from ui.wording import Words

__all__ = ["SPIDERS", "show"]

PREFIX = "crawl-"
# What a source can be added as here; an archive is a path, which is written into tamiz.toml by hand.
SPIDERS = ("auto", "faq", "forum", "discourse", "stackexchange", "helpcenter", "reddit", "sitemap")


def show(window: Window) -> None:
    """Draw every source of tamiz.toml, other crawls of this project, and what brings more in."""
    words = window.words
    show_plain(words("screen.sources"), kind="tz-title")
    if notice := st.session_state.pop("sources_notice", ""):
        st.success(literal(notice))
    sources = read_settings(window.project.folder).sources  # as the file is now, not when the window was opened
    _draw_sources(window, sources)
    if window.may("manage"):
        _draw_other(window, sources)
        with st.expander(words("sources.add"), icon=":material/add_link:"):
            _draw_add(window)
        with st.expander(words("import.title"), icon=":material/upload_file:", expanded=not sources):
            draw_import(window)
    draw_imports(window)
    if new := window.store.counts().get("new", 0):
        with st.container(border=True):
            show_plain(words("next.curate", number=f"{new:,}"))
            draw_job(
                window, "curate", arguments=["curate"], label=words("go.curate"), icon="filter_alt", show_end=False
            )


def _draw_sources(window: Window, sources: Sequence[SourceSettings]) -> None:
    words = window.words
    if not sources:
        st.info(literal(words("sources.none")))
    for source in sources:
        _draw_source(window, source.name, source.url or source.path, ["crawl", source.name])
    known = {PREFIX + source.name for source in sources}
    for state in jobs(window.project):
        if state.name.startswith(PREFIX) and state.name not in known:
            _draw_source(window, state.name.removeprefix(PREFIX), state.arguments[-1], state.arguments)


def _draw_source(window: Window, name: str, url: str, arguments: Sequence[str]) -> None:
    words, frontier = window.words, Frontier(window.store, name)
    counts = frontier.counts()
    waiting = counts.get("waiting", 0) + counts.get("leased", 0)
    with st.container(border=True):
        st.html(plain(name, kind="tz-source") + plain(url, kind="tz-small"))
        draw_job(
            window,
            PREFIX + name,
            arguments=arguments,
            label=words("sources.go_on" if waiting else "sources.again" if counts else "sources.start"),
            icon="download",
            above=lambda: _draw_counts(window, name),
        )
        _draw_reasons(frontier, words)


def _draw_counts(window: Window, name: str) -> None:
    words, counts = window.words, Frontier(window.store, name).counts()
    pages, pairs = next(((one.pages, one.pairs) for one in count_sources(window.store) if one.source == name), (0, 0))
    waiting = counts.get("waiting", 0) + counts.get("leased", 0)
    told = {"pages": pages, "pairs": pairs, "waiting": waiting}
    told |= {state: counts.get(state, 0) for state in ("refused", "failed")}
    show_plain(words("sources.counts", **{kind: f"{count:,}" for kind, count in told.items()}), kind="tz-small")


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


def _draw_other(window: Window, sources: Sequence[SourceSettings]) -> None:
    words = window.words
    with st.form("other", clear_on_submit=True, border=False):
        left, right = st.columns([7, 2], vertical_alignment="bottom")
        url = left.text_input(words("sources.other"), help=words("sources.other_help"), placeholder="https://…").strip()
        sent = right.form_submit_button(words("sources.start"), icon=":material/download:", width="stretch")
    if not sent:
        return
    if not _is_address(url):
        st.warning(words("sources.no_address"))
        return
    same = (one.name for one in sources if one.url.rstrip("/") == url.rstrip("/"))
    name = next(same, "")
    start_job(window, PREFIX + (name or source_name(url)), ["crawl", name or url])
    st.rerun()


def _draw_add(window: Window) -> None:
    """A form that writes a source into tamiz.toml, so that every later crawl fetches it."""
    words = window.words
    with st.form("add", clear_on_submit=False, border=False):
        url = st.text_input(words("sources.url"), placeholder="https://…", key="add-url").strip()
        left, middle, right = st.columns(3)
        name = left.text_input(words("sources.name"), help=words("sources.name_help"), key="add-name").strip()
        spider = middle.selectbox(words("sources.spider"), SPIDERS, format_func=lambda one: words(f"spider.{one}"))
        pages = right.number_input(words("sources.max_pages"), min_value=0, value=0, help=words("sources.max_help"))
        licence = st.text_input(words("sources.licence"), help=words("sources.licence_help"), key="add-licence").strip()
        private = st.checkbox(words("sources.private"), help=words("sources.private_help"), key="add-private")
        sent = st.form_submit_button(words("sources.add_button"), icon=":material/add:")
    if not sent:
        return
    if not _is_address(url):
        st.warning(words("sources.no_address"))
        return
    if _is_private(url) and not private:
        st.warning(words("sources.private_first"))
        return
    values: dict[str, str | int] = {"name": name or source_name(url), "url": url, "spider": spider}
    values |= {"allow_private": True} if private else {}
    values |= {"max_pages": int(pages)} if pages else {}
    values |= {"licence": licence} if licence else {}
    try:
        added = add_source(window.project.folder, values, store=window.store, by=window.by)
    except (TamizError, OSError) as error:
        st.error(literal(str(error)))
        return
    reopen()
    st.session_state["sources_notice"] = words("sources.added", name=added.name)
    st.rerun()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_private(url: str) -> bool:
    """Whether the address says by itself that it is private; of a name, the crawl finds out."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
