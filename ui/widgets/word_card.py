"""One word type on the screen: the change, how often and how surely, where it stands, and the buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from curation.spelling.words import Example, WordRow
from ui.widgets.diff import diff_html
from ui.widgets.text import plain
from ui.wording import Words

__all__ = ["KEYS", "draw_example", "draw_form", "draw_word", "read_word", "row_html", "row_key"]

# As on the review screen: every key has Ctrl or Alt, and none is taken by text fields or browsers.
KEYS = {"always": "Ctrl+Enter", "never": "Alt+X", "later": "Alt+K", "here": "Alt+G", "undo": "Alt+Z"}

Press = Callable[[str, WordRow], None]


def row_key(row: WordRow) -> str:
    """Names this word type as it was seen; a screen's fields carry it."""
    return f"{row.word.id}-{row.version}-{row.count.pairs}"


def draw_word(row: WordRow, words: Words) -> None:
    """The change in large letters, and what is known of it."""
    after = row.word.after
    change = [("delete", row.word.before), ("insert", after)] if after else [("delete", row.word.before)]
    st.html(f'<div class="tz-word">{diff_html(change)}</div>')  # type: ignore[arg-type]
    count = row.count
    chips = [
        words("words.pairs", pairs=count.pairs, places=count.findings),
        words.known(f"language.{row.word.lang}", row.word.lang),
        words.known(f"finding.{count.kind}", count.kind),
        words("card.confidence", confidence=f"{count.confidence:.2f}"),
        words.known(f"engine.{row.engine}", row.engine),
    ]
    shown = "".join(plain(chip, tag="span", kind="tz-chip") for chip in chips if chip)
    st.html(f'<div class="tz-chips">{shown}</div>')


def draw_form(row: WordRow, words: Words, press: Press) -> None:
    """The word to put there, and the buttons; each calls `press(action, row)`, as its key does."""
    with st.form(f"word-{row_key(row)}", enter_to_submit=False, border=False):
        st.text_input(
            words("words.becomes"),
            row.word.after or "",
            max_chars=200,
            key=_field(row),
            help=words("words.becomes_help"),
        )
        with st.container(horizontal=True, gap="xsmall", key="decide"):
            _button("always", words("words.always"), "done_all", row, press, primary=True)
            _button("never", words("words.never"), "block", row, press)
            _button("here", words("words.here"), "check", row, press)
            _button("later", words("words.later"), "skip_next", row, press)
        st.caption(words("words.help"))


def read_word(row: WordRow) -> str:
    """What the field holds now."""
    return str(st.session_state.get(_field(row)) or "")


def draw_example(example: Example, number: int, row: WordRow, words: Words, press: Press | None = None) -> None:
    """One pair in which the word stands; its own button for a change in it alone, but the first has the form's."""
    for proposal in example.proposals:
        st.html(diff_html(proposal.segments))
    notes = {proposal.finding.note for proposal in example.proposals} - {""}
    if notes and not number:
        st.html("".join(plain(note, kind="tz-small") for note in sorted(notes)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(plain(example.stored.pair.url or words("card.no_address"), kind="tz-small"))
        if number and press is not None:
            st.button(
                words("words.here"),
                key=f"here-{row_key(row)}-{example.stored.pair.id}",
                type="tertiary",
                on_click=press,
                args=(f"here:{example.stored.pair.id}", row),
            )


def row_html(rows: Sequence[WordRow]) -> str:
    """The words that come next, with their numbers of pairs, as one HTML element with all text escaped."""
    cells = []
    for row in rows:
        change = f"{row.word.before} → {row.word.after or '?'}"
        cells.append(f'<div class="tz-count">{row.count.pairs}</div>{plain(change)}')
    return f'<div class="tz-queue">{"".join(cells)}</div>'


def _field(row: WordRow) -> str:
    return f"becomes-{row_key(row)}"


def _button(action: str, label: str, icon: str, row: WordRow, press: Press, *, primary: bool = False) -> None:
    st.form_submit_button(
        label,
        type="primary" if primary else "secondary",
        icon=f":material/{icon}:",
        shortcut=KEYS[action],
        key=f"{action}-{row_key(row)}",
        on_click=press,
        args=(action, row),
    )
