"""The app that `tamiz review` runs: which screens there are. Run: streamlit run ui/app.py -- --project DIR"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from tamiz.errors import TamizError
from ui.screens import balance, home, review, sources
from ui.screens import words as words_screen
from ui.session import open_window, project_folder
from ui.widgets.text import draw_styles, literal

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from another host


def main() -> None:
    st.set_page_config(page_title="tamiz", page_icon=ICON, layout="wide")
    draw_styles()
    try:
        window = open_window(project_folder(sys.argv[1:]))
    except TamizError as error:
        st.error(literal(str(error)))
        return
    words = window.words
    review_page = st.Page(
        lambda: review.show(window), title=words("screen.review"), icon=":material/rate_review:", url_path="review"
    )
    words_page = st.Page(
        lambda: words_screen.show(window), title=words("screen.words"), icon=":material/spellcheck:", url_path="words"
    )
    balance_page = st.Page(
        lambda: balance.show(window), title=words("screen.balance"), icon=":material/balance:", url_path="balance"
    )
    home_page = st.Page(
        lambda: home.show(window, review_page, words_page, balance_page),
        title=words("screen.home"),
        icon=":material/home:",
        default=True,
    )
    sources_page = st.Page(
        lambda: sources.show(window),
        title=words("screen.sources"),
        icon=":material/travel_explore:",
        url_path="sources",
    )
    try:
        st.navigation([home_page, sources_page, words_page, review_page, balance_page]).run()
    except TamizError as error:
        st.error(literal(str(error)))


main()
