"""An example of what a recipe does, and the pairs that recipes made last, with what the gates say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from curation.synthesis.desk import Example, MadePair
from curation.synthesis.recipe import Made
from tamiz.moves import OPEN_STATES
from tamiz.store import StoredPair
from ui.session import Window
from ui.widgets.pair_list import pair_html
from ui.widgets.text import plain
from ui.wording import Words

__all__ = ["draw_example", "draw_made"]

LONGEST = 420  # characters of a text in an example


def draw_example(example: Example, words: Words) -> None:
    """What it works on, beside what it makes of that or what a model is asked about it."""
    left, right = st.columns(2, gap="medium")
    left.html(plain(words("synth.from_this"), tag="b") + _box(_source(example)))
    if example.made:
        boxes = "".join(_made_html(one, example, words) for one in example.made)
        right.html(plain(words("synth.it_makes"), tag="b") + boxes)
        return
    with right:
        st.html(plain(words("synth.it_asks"), tag="b"))
        for turn in example.asked:
            with st.expander(words(f"role.{turn.role}"), expanded=turn.role == "user"):
                st.code(turn.content, language=None, wrap_lines=True, height=260)


def draw_made(window: Window, made: Sequence[MadePair], opens: Callable[[StoredPair], None]) -> None:
    """One row a pair: its texts, its recipe, what the gates found, and the way to its review."""
    words = window.words
    for one in made:
        stored = one.stored
        with st.container(border=True, key=f"made-{stored.seq}"):
            st.html(pair_html(stored, "", words) + _chips(one, words) + _reasons(one, words))
            if stored.state in OPEN_STATES and window.may("decide"):
                st.button(
                    words("pairs.review"),
                    key=f"made-review-{stored.seq}",
                    icon=":material/rate_review:",
                    type="tertiary",
                    on_click=opens,
                    args=(stored,),
                )


def _source(example: Example) -> str:
    material = example.material
    if material.pair is not None:
        return f"{material.pair.question}\n\n{material.pair.answer}"
    return material.text


def _made_html(made: Made, example: Example, words: Words) -> str:
    """The question, its earlier turns, and the answer where it is another one."""
    of = example.material.pair
    turns = [turn.content for turn in made.context]
    answer = "" if of is not None and of.answer == made.answer else made.answer
    note = plain(_note(made.note, words), kind="tz-small") if made.note else ""
    return _box("\n\n".join(filter(None, [*turns, made.question, answer])), note)


def _note(note: str, words: Words) -> str:
    """What a recipe notes of what it did, in the words that there are: "typing noise: no marks, a letter twice"."""
    parts = [part.partition(" (") for part in note.partition(": ")[2].split(", ")]
    said = [words.known(f"made_note.{kind}", "") for kind, _, _ in parts]
    if not all(said):
        return note
    return ", ".join(f"{one}{mark}{place}" for one, (_, mark, place) in zip(said, parts, strict=True))


def _box(text: str, more: str = "") -> str:
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f'<div class="tz-turn">{plain(cut)}{more}</div>'


def _chips(one: MadePair, words: Words) -> str:
    said = [words.known(f"recipe.{one.recipe}", one.recipe), one.model]
    said += [words("synth.augmentation")] if one.augmentation else []
    chips = "".join(plain(text, tag="span", kind="tz-chip") for text in said if text)
    return f'<div class="tz-chips">{chips}</div>'


def _reasons(one: MadePair, words: Words) -> str:
    if not one.reasons:
        return plain(words("synth.gates_clean"), kind="tz-small")
    return f'<div class="tz-warning">{"".join(plain(reason) for reason in one.reasons)}</div>'
