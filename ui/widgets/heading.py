"""What stands above a pair: where it comes from, and what was said before."""

from __future__ import annotations

import html

import streamlit as st

from curation.nearby import about_tokens
from curation.review import Card
from curation.review.need import LEAST
from tamiz.records import Turn
from ui.session import Window
from ui.widgets.text import plain, show_plain
from ui.widgets.trace import draw_trace
from ui.wording import Words

__all__ = ["draw_heading"]


def draw_heading(card: Card, window: Window) -> None:
    """Draw the pair's origin, with a link where it is safe to follow, and its earlier turns.

    Of a pair that is longer than what training reads it is said that it will be cut.
    """
    words, most_tokens = window.words, window.project.settings.tuning.max_tokens
    # Where the browser goes on after a decision, for keys and for screen readers; see keeper.js.
    start = f'<h2 class="tz-card-start" tabindex="-1">{html.escape(words("card.start"))}</h2>'
    chips = "".join(plain(chip, tag="span", kind="tz-chip") for chip in _chips(card, words))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<div class="tz-chips">{start}{chips}</div>')
        if card.link:
            st.link_button(words("card.open_page"), card.link, icon=":material/open_in_new:", type="tertiary")
        draw_trace(window, card.pair.id)
    show_plain(card.pair.url or words("card.no_address"), kind="tz-small")
    if (tokens := about_tokens(card.pair)) > most_tokens:
        st.html(plain(words("nearby.too_long", tokens=tokens, limit=most_tokens), kind="tz-warning"))
    if card.pair.context:
        with st.expander(words("card.context", turns=len(card.pair.context)), expanded=True):
            st.html("".join(_turn_html(turn, words) for turn in card.pair.context))


def _chips(card: Card, words: Words) -> list[str]:
    pair = card.pair
    chips = [words(f"kind.{pair.kind}"), words("card.confidence", confidence=f"{pair.confidence:.2f}")]
    if card.stored.need > LEAST:
        chips.append(words("card.why", need=f"{card.stored.need:.2f}"))
    if card.several:
        chips.append(words("card.several"))
    if pair.accepted is not None:
        chips.append(words("card.accepted" if pair.accepted else "card.not_accepted"))
    if pair.votes is not None:
        chips.append(words("card.votes", votes=pair.votes))
    if card.licence:
        chips.append(card.licence)
    if pair.made_from:
        chips.append(words("card.edited", by=pair.made_by.removeprefix("person:")))
    return chips


def _turn_html(turn: Turn, words: Words) -> str:
    said = "\n".join(part for part in (turn.content, turn.tool_calls) if part)
    return f'<div class="tz-turn">{plain(words(f"role.{turn.role}"), tag="b")}{plain(said)}</div>'
