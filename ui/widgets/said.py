"""What people have said of a pair and done with it: comments, tags, and its history."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from curation.review import Card
from tamiz.errors import InputError
from tamiz.remarks import (
    LONGEST_REMARK,
    LONGEST_TAG,
    MOST_TAGS,
    Remark,
    TagChange,
    add_remark,
    ancestors,
    change_tags,
    remarks,
    tag_counts,
    tag_history,
    tags_of,
    take_back_remark,
)
from tamiz.store import Event
from ui.session import Window
from ui.widgets.text import literal, plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_said"]


def draw_said(window: Window, by: str, card: Card) -> None:
    """Draw the tags that stand, a field for a comment, and everything that was said and done, newest first."""
    family = ancestors(window.store, card.pair.id)
    if problem := st.session_state.pop("said_problem", ""):
        st.warning(literal(problem))
    _draw_tags(window, by, card)
    said = remarks(window.store, family)
    _draw_comments(window, by, card, said)
    lines = sorted(_lines(window, family, said), key=lambda line: line[0], reverse=True)
    st.html(f'<ol class="tz-history">{"".join(f"<li>{line}</li>" for _, line in lines)}</ol>')


def _draw_tags(window: Window, by: str, card: Card) -> None:
    words, key = window.words, f"tags-{card.key}"
    standing = tags_of(window.store, [card.pair.id])[card.pair.id]
    st.multiselect(
        words("said.tags"),
        list(dict.fromkeys([*standing, *tag_counts(window.store)])),
        default=standing,
        max_selections=MOST_TAGS,
        accept_new_options=True,
        placeholder=words("said.tags_hint", most=LONGEST_TAG),
        key=key,
        on_change=_set_tags,
        args=(window, by, card.pair.id, key),
    )


def _set_tags(window: Window, by: str, pair: str, key: str) -> None:
    wanted = [str(tag) for tag in st.session_state[key]]
    standing = tags_of(window.store, [pair])[pair]
    try:
        after = change_tags(
            window.store, pair, by=by, add=wanted, remove=[tag for tag in standing if tag not in wanted]
        )
    except InputError as error:
        st.session_state["said_problem"] = str(error)
        after = standing
    st.session_state[key] = after


def _draw_comments(window: Window, by: str, card: Card, said: list[Remark]) -> None:
    words, key = window.words, f"comment-{card.key}"
    st.text_area(words("said.comment"), key=key, max_chars=LONGEST_REMARK, height="content")
    st.button(
        words("said.add"),
        icon=":material/add_comment:",
        key=f"add-{key}",
        on_click=_comment,
        args=(window, by, card, key),
    )
    for remark in said:
        if remark.taken_back:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(plain(f"{_who(remark.actor)} · {moment(remark.at)}", kind="tz-small") + plain(remark.text))
            if remark.actor == by:
                st.button(
                    words("said.take_back"),
                    key=f"take-back-{remark.seq}-{card.key}",
                    type="tertiary",
                    on_click=take_back_remark,
                    args=(window.store, remark.seq, by),
                )


def _comment(window: Window, by: str, card: Card, key: str) -> None:
    try:
        add_remark(window.store, card.pair.id, str(st.session_state[key]), by)
    except InputError as error:
        st.session_state["said_problem"] = str(error)
    else:
        st.session_state[key] = ""


def _lines(window: Window, family: list[str], said: list[Remark]) -> Iterator[tuple[str, str]]:
    """(moment, HTML with all text escaped) of everything that happened to the pair and those it was made from."""
    words = window.words
    for pair in family:
        for event in window.store.history(pair):
            yield event.at, _line(event.at, event.actor, _event(event, words))
    for change in tag_history(window.store, family):
        yield change.at, _line(change.at, change.actor, _tagged(change, words))
    for remark in said:
        text = words("said.taken_back") if remark.taken_back else remark.text
        yield remark.at, _line(remark.at, remark.actor, f"{words('said.commented')} {text}")


def _event(event: Event, words: Words) -> str:
    what = words.known(f"move.{event.move}", event.move)
    reason = words.known(f"reason.{event.reason}", event.reason)
    return f"{what}: {reason}" if reason else what


def _tagged(change: TagChange, words: Words) -> str:
    return words("said.tagged" if change.present else "said.untagged", tag=change.tag)


def _line(at: str, actor: str, text: str) -> str:
    return plain(f"{moment(at)} · {_who(actor)}", tag="span", kind="tz-small") + plain(text)


def _who(actor: str) -> str:
    return actor.removeprefix("person:")
