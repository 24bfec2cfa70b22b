"""The words screen: one decision for every pair that has a word, by key or click."""

from __future__ import annotations

import streamlit as st

from curation.review import Pace
from curation.revise import Refused
from curation.spelling.words import Done, Example, WordDecision, WordDesk, WordRow
from tamiz.errors import Conflict, TamizError
from ui.session import Window
from ui.widgets.text import literal, plain, show_plain
from ui.widgets.word_card import KEYS, draw_example, draw_form, draw_word, read_word, row_html, row_key
from ui.wording import Words

__all__ = ["show"]

EXAMPLES = 4
NEXT = 12
DECIDED = 20
PAGE = 50


def show(window: Window) -> None:
    """Draw the next word to decide about, or say that none waits."""
    words = window.words
    spelling = window.project.settings.curation.spelling
    try:
        desk = WordDesk(window.store, window.reviewer, window.project.folder / spelling.glossary)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    _draw_notice()
    decides = window.may("decide")
    if not decides:
        st.info(words("review.viewer"))
    rows = _next_rows(desk)
    if rows:
        _draw_row(desk, rows, words, decides)
    else:
        _pace().show("nothing")
        _draw_none(window)
    _draw_decided(desk, words, decides)


def _next_rows(desk: WordDesk) -> list[WordRow]:
    """The words that were not put off, the most frequent first; when all were, from the start again."""
    later: set[str] = st.session_state.setdefault("words_later", set())
    page = desk.words(limit=PAGE)
    seen_any = bool(page)
    while page:
        rows = [row for row in page if row.word.id not in later]
        if rows or len(page) < PAGE:
            break
        page = desk.words(limit=PAGE, after=page[-1].count)
    else:
        rows = []
    if not rows and seen_any:
        later.clear()
        rows = desk.words(limit=PAGE)
    return rows


def _draw_row(desk: WordDesk, rows: list[WordRow], words: Words, decides: bool) -> None:
    row = rows[0]
    _pace().show(row_key(row))
    examples = desk.examples(row.word, limit=EXAMPLES)

    def press(action: str, shown: WordRow) -> None:
        _press(desk, action, shown, examples, words)

    card, following = st.columns([3, 1], gap="medium")
    with card:
        draw_word(row, words)
        if examples:
            draw_example(examples[0], 0, row, words)
        if decides:
            draw_form(row, words, press)
        if len(examples) > 1:
            st.markdown(f"**{words('words.examples')}**")
        for number, example in enumerate(examples[1:], start=1):
            draw_example(example, number, row, words, press if decides else None)
    with following:
        if len(rows) > 1:
            st.markdown(f"**{words('words.next')}**")
            st.html(row_html(rows[1 : 1 + NEXT]))


def _press(desk: WordDesk, action: str, row: WordRow, examples: list[Example], words: Words) -> None:
    """Carry out a button; whatever stops it is said, and nothing is written then."""
    if not _pace().allows_decision():
        _notice("warning", words("notice.too_fast"))
        return
    try:
        _carry_out(desk, action, row, examples, words)
    except Refused as refused:
        _notice("warning", words(f"refused.{refused.code}"))
    except Conflict:
        _notice("warning", words("words.conflict"))
    except TamizError as error:
        _notice("error", literal(str(error)))


def _carry_out(desk: WordDesk, action: str, row: WordRow, examples: list[Example], words: Words) -> None:
    before = literal(row.word.before)
    if action == "later":
        st.session_state["words_later"].add(row.word.id)
        return
    if action == "never":
        desk.never(row)
        _notice("success", words("words.done_never", word=before))
        return
    becomes = read_word(row)
    if action == "always":
        done = desk.always(row, becomes)
    elif examples:
        done = desk.here(row, action.partition(":")[2] or examples[0].stored.pair.id, becomes)
    else:
        raise Refused("word_gone")
    _tell(done, words("words.done_change", word=before, pairs=done.changed), words)


def _tell(done: Done, said: str, words: Words) -> None:
    left = f" {words('words.left', pairs=done.left)}" if done.left else ""
    _notice("success", said + left)


def _draw_decided(desk: WordDesk, words: Words, decides: bool) -> None:
    """What stands, the latest first, each with its way back."""
    decided = desk.decided()
    if not decided:
        return
    mine = [one for one in decided if decides and one.actor == desk.by]
    if mine:
        st.button(
            words("words.undo", word=literal(mine[0].word.before)),
            icon=":material/undo:",
            shortcut=KEYS["undo"],
            on_click=_take_back,
            args=(desk, mine[0], words),
        )
    with st.expander(words("words.decided", number=len(decided))):
        for one in decided[:DECIDED]:
            _draw_decision(desk, one, words, decides)


def _draw_decision(desk: WordDesk, one: WordDecision, words: Words, decides: bool) -> None:
    change = f"{one.word.before} → {one.becomes}" if one.decision == "always" else one.word.before
    what = words("words.always") if one.decision == "always" else words("words.never")
    said = f"{one.word.lang} · {what} · {one.actor.removeprefix('person:')} · {one.at[:16].replace('T', ' ')}"
    text, back = st.columns([4, 1], vertical_alignment="center")
    text.html(plain(change) + plain(said, kind="tz-small"))
    if not decides:
        return
    back.button(
        words("words.take_back"),
        key=f"back-{one.word.id}-{one.version}",
        type="tertiary",
        on_click=_take_back,
        args=(desk, one, words),
    )


def _take_back(desk: WordDesk, decision: WordDecision, words: Words) -> None:
    if not _pace().allows_decision():
        _notice("warning", words("notice.too_fast"))
        return
    try:
        done = desk.take_back(decision)
    except Conflict:
        _notice("warning", words("words.conflict"))
    except TamizError as error:
        _notice("error", literal(str(error)))
    else:
        _tell(done, words("words.done_undo", word=literal(decision.word.before), pairs=done.changed), words)


def _draw_none(window: Window) -> None:
    words, counts = window.words, window.store.counts()
    if counts.get("new"):
        st.info(words("nothing.curate", new=counts["new"]))
    else:
        st.success(words("words.none"))
    show_plain(words("words.what"), kind="tz-small")


def _draw_notice() -> None:
    kind, text = st.session_state.pop("words_notice", ("", ""))
    if text:
        {"error": st.error, "warning": st.warning, "success": st.success}[kind](text)


def _notice(kind: str, text: str) -> None:
    st.session_state["words_notice"] = (kind, text)


def _pace() -> Pace:
    pace: Pace = st.session_state.setdefault("words_pace", Pace())
    return pace
