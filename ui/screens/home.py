"""The first screen: how far the pairs have come, and what to do next."""

from __future__ import annotations

import html

import streamlit as st

from curation.review import Progress
from curation.spelling.words import list_words
from ui.session import Window
from ui.widgets.text import show_plain
from ui.wording import Words

__all__ = ["show"]

MANY = 100  # words; more are not counted here
COLOURS = {"pages": "#7a8799", "pairs": "#4f83c4", "waiting": "#d9a02b", "accepted": "#3f9c5a", "rejected": "#c8574e"}


def show(window: Window) -> None:
    """Draw the funnel of the project and the next step in it."""
    words, settings = window.words, window.project.settings
    progress = Progress.of(window.store.counts())
    pages = window.store.count_pages()
    show_plain(settings.project.name, kind="tz-title")
    if settings.project.goal:
        show_plain(settings.project.goal)
    st.html(_funnel_html(pages, progress, words))
    _draw_next(pages, progress, settings.export.min_pairs, words, window)
    _draw_words(len(list_words(window.store, limit=MANY)), words, window)
    if progress.open + progress.accepted:
        window.link("balance", words("home.balance_link"))


def _funnel_html(pages: int, progress: Progress, words: Words) -> str:
    rows = {
        "pages": pages,
        "pairs": progress.new + progress.open + progress.decided,
        "waiting": progress.open,
        "accepted": progress.accepted,
        "rejected": progress.rejected,
    }
    most = max(*rows.values(), 1)
    cells = []
    for name, count in rows.items():
        bar = f"width:{100 * count / most:.1f}%;background:{COLOURS[name]}"
        cells.append(f"<div>{html.escape(words(f'funnel.{name}'))}</div>")
        cells.append(f'<div><div class="tz-bar" style="{bar}"></div></div><div class="tz-count">{count}</div>')
    return f'<div class="tz-funnel">{"".join(cells)}</div>'


def _draw_next(pages: int, progress: Progress, least: int, words: Words, window: Window) -> None:
    st.subheader(words("home.next"))
    if progress.new:
        st.write(words("next.curate", new=progress.new))
        st.code("tamiz curate", language=None)
    if progress.open:
        st.write(words("next.review", open=progress.open))
        window.link("review", words("next.review_link"))
    if not progress.new + progress.open + progress.decided:
        st.write(words("next.no_pairs" if pages else "next.crawl"))
        st.code("tamiz extract" if pages else "tamiz crawl", language=None)
    if 0 < progress.accepted < least:
        st.write(words("next.more", more=least - progress.accepted, least=least))
    elif progress.accepted:
        st.write(words("next.export"))
        st.code("tamiz export\ntamiz tune", language=None)


def _draw_words(waiting: int, words: Words, window: Window) -> None:
    if waiting:
        st.write(words("next.words", number=waiting if waiting < MANY else f"{MANY}+"))
        window.link("words", words("next.words_link"))
