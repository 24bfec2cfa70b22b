"""What a dataset version's manifest says of its formats, and of the pairs in it that were made and not found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from curation.stratify import PARTS
from tamiz.records import Manifest
from ui.widgets.table import Columns, draw_table, table_html
from ui.widgets.text import plain, show_plain
from ui.wording import Words

__all__ = ["draw_formats", "draw_synthetic"]


def draw_formats(manifest: Manifest, words: Words) -> None:
    """The lines of every format, and what it could not hold with the reasons; nothing for a version without."""
    formats = manifest.formats
    if not formats:
        return
    show_plain(words("dataset.formats"), kind="tz-heading")
    columns: Columns = {
        words("dataset.format"): list(formats),
        **{words(f"split_part.{part}"): [_lines(facts, part) for facts in formats.values()] for part in PARTS},
        words("dataset.not_held"): [sum(facts["left_out"].values()) for facts in formats.values()],
    }
    draw_table(columns)
    reasons = [
        f"{name}: {words.known(f'format_why.{why}', why)} ({count:,})"
        for name, facts in formats.items()
        for why, count in facts["left_out"].items()
    ]
    empty = [name for name, facts in formats.items() if "/" not in name and not any(facts["lines"].values())]
    for name in empty:
        st.info(words.known(f"dataset_empty.{name}", words("dataset.format_empty", name=name)))
    if reasons:
        with st.expander(words("dataset.not_held_why", number=len(reasons))):
            st.html("".join(plain(one) for one in reasons))


def draw_synthetic(manifest: Manifest, words: Words) -> None:
    """How much was made, by which recipes and models; that nothing was, where the version says so."""
    facts = manifest.synthetic
    if not manifest.formats:  # a version of an earlier tamiz, which did not say
        return
    show_plain(words("dataset.synthetic"), kind="tz-heading")
    if not facts:
        show_plain(words("dataset.no_synthetic"), kind="tz-small")
        return
    train, share = facts["pairs"].get("train", 0), facts["share_of_train"]
    with st.container(horizontal=True):
        st.metric(words("dataset.synthetic_train"), f"{train:,}", border=True)
        st.metric(words("dataset.synthetic_share"), f"{share:.1%}", border=True)
        st.metric(words("dataset.changed_copies"), f"{facts['changed_copies']:,}", border=True)
    others = [
        f"{words(f'split_part.{part}')}: {count:,}"
        for part, count in facts["pairs"].items()
        if part != "train" and count
    ]
    if others:
        show_plain(words("dataset.synthetic_others", parts=", ".join(others)), kind="tz-small")
    left, right = st.columns(2)
    known = {name: words.known(f"recipe.{name}", name) for name in facts["recipes"]}
    known["an answer noted in a talk"] = words("dataset.of_a_talk")
    _draw_counts(left, words("dataset.recipes"), facts["recipes"], known, words)
    _draw_counts(right, words("dataset.models"), facts["models"], {"no model": words("synth.asks_nobody")}, words)


def _draw_counts(place: Any, title: str, counts: Mapping[str, int], known: Mapping[str, str], words: Words) -> None:
    """Names by how many pairs they made, the most first."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    named = [known.get(name, name) for name, _ in rows]
    columns: Columns = {title: named, words("dataset.pairs"): [count for _, count in rows]}
    place.html(table_html(columns))


def _lines(facts: Mapping[str, Mapping[str, int]], part: str) -> int:
    return facts["lines"].get(part, 0)
