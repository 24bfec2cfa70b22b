"""The lineage screen: from a line of an export, a pair or some words of it back to the page, as a picture."""

from __future__ import annotations

import re

import streamlit as st

from curation.lineage import pair_of_line
from curation.lineage_story import story
from tamiz.browse import page
from tamiz.errors import InputError, TamizError
from tamiz.filters import Filter
from tamiz.people import permit
from tamiz.store import StoredPair
from ui.session import Window
from ui.widgets.story import draw_story
from ui.widgets.text import literal, plain, show_plain

__all__ = ["show"]

MOST_FOUND = 8
# a line of a version of this project, in any format; no other file of this machine is read for who sits at a browser
_LINE = re.compile(
    r"(?:.*/)?(?P<file>v\d{3,}/(?:[a-z]+(?:-[a-z]+)?/){1,2}(?:train|validation|test)\.(?:jsonl?|parquet):\d+)"
)
_ID = re.compile(r"[0-9a-f]{6,32}")


def show(window: Window) -> None:
    """Draw where the pair comes from that is asked for, in the field or in the address (`?pair=ID`)."""
    words = window.words
    show_plain(words("screen.lineage"), kind="tz-title")
    permit(window.store, window.by, "look")
    if "lineage_go" in st.session_state:
        st.session_state["pair"] = st.session_state.pop("lineage_go")
    asked = st.text_input(
        words("lineage.ask"),
        key="pair",
        help=words("lineage.help"),
        placeholder="exports/v001/pairs/train.jsonl:12",
        bind="query-params",
        icon=":material/search:",
    )
    asked = (asked or "").strip()
    if not asked:
        st.info(words("lineage.start"))
        return
    try:
        line = _LINE.fullmatch(asked)
        named = pair_of_line(f"{window.project.exports}/{line['file']}", window.project.folder) if line else asked
        if not _ID.fullmatch(named):
            _draw_found(asked, window)
            return
        found = story(window.project, window.store, named)
    except InputError as error:
        st.warning(literal(str(error)))
    except TamizError as error:
        st.error(literal(str(error)))
    else:
        draw_story(found, window)


def _draw_found(asked: str, window: Window) -> None:
    """The pairs that have these words, to choose from."""
    words = window.words
    found: tuple[StoredPair, ...] = page(window.store, Filter(text=asked), size=MOST_FOUND, patience=0.5).pairs
    if not found:
        st.info(words("lineage.none_found"))
    for stored in found:
        pair = stored.pair
        with st.container(border=True):
            chips = (words(f"state.{stored.state}"), pair.source, pair.id[:12])
            drawn = "".join(plain(chip, tag="span", kind="tz-chip") for chip in chips if chip)
            st.html(f'<div class="tz-chips">{drawn}</div>{plain(pair.question[:300])}')
            st.button(
                words("lineage.link"),
                key=f"go-{pair.id}",
                icon=":material/account_tree:",
                on_click=_go,
                args=(pair.id,),
            )


def _go(pair: str) -> None:
    st.session_state["lineage_go"] = pair
