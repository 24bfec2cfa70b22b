"""Fields that say which pairs are wanted, with how many pairs each choice has, and the filter they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TypeVar, get_args

import streamlit as st

from tamiz.browse import Order
from tamiz.facets import counted, findings_there, people_there
from tamiz.filters import Filter
from tamiz.moves import State
from tamiz.remarks import tag_counts
from tamiz.store import Store
from ui.session import Window
from ui.wording import Words

__all__ = ["CHOICES", "ORDERS", "draw_filter", "forget_filter"]

ORDERS: tuple[Order, ...] = get_args(Order)
T = TypeVar("T")
CHOICES = ("states", "sources", "langs", "labels", "kinds", "tags", "finding", "person")
FIELDS = ("text", *CHOICES, "since", "until", "url", "confidence")


def forget_filter() -> None:
    """Empty every field."""
    for name in FIELDS:
        st.session_state.pop(f"pairs-{name}", None)


def draw_filter(window: Window, changed: Callable[[], None]) -> tuple[Filter, Order]:
    """Draw the fields; what they ask for, and the order. InputError where that is no filter."""
    words, store = window.words, window.store
    find, order = st.columns([4, 1], vertical_alignment="bottom")
    text = find.text_input(
        words("pairs.search"),
        key="pairs-text",
        max_chars=300,
        help=words("pairs.search_help"),
        placeholder=words("pairs.search_hint"),
        icon=":material/search:",
        on_change=changed,
    )
    wanted: Order = order.selectbox(
        words("pairs.order"),
        ORDERS,
        key="pairs-order",
        format_func=lambda name: words(f"pairs_order.{name}"),
        on_change=changed,
    )
    state, source, lang, label = st.columns(4)
    with state:
        named = _choose("states", get_args(State), words, changed, _state_names(store, words))
        states: list[State] = [state for state in get_args(State) if state in named]
    with source:
        sources = _counted("source", store, states, words, changed)
    with lang:
        langs = _counted("lang", store, states, words, changed)
    with label:
        labels = _counted("label", store, states, words, changed)
    with st.expander(words("pairs.more")):
        more = _draw_more(window, states, changed)
    chosen = Filter(
        text=(text or "").strip(),
        states=tuple(states),
        sources=tuple(sources),
        langs=tuple(langs),
        labels=tuple(labels),
        **more,  # type: ignore[arg-type]
    )
    return chosen, wanted


def _draw_more(window: Window, states: Sequence[State], changed: Callable[[], None]) -> dict[str, object]:
    words, store = window.words, window.store
    kind, tag, finding, person = st.columns(4)
    with kind:
        kinds = _counted("kind", store, states, words, changed)
    with tag:
        tags = tag_counts(store)
        named = {name: f"{name} ({number:,})" for name, number in dict(tags).items()}
        chosen_tags = _choose("tags", list(named), words, changed, named)
    with finding:
        found = findings_there(store)
        finding_chosen = _one("finding", found, words, changed, lambda one: _finding_name(one, words))
    with person:
        by = _one("person", people_there(store), words, changed, lambda one: one.removeprefix("person:"))
    since, until, url, sure = st.columns(4)
    first = since.date_input(words("pairs.since"), value=None, key="pairs-since", on_change=changed)
    last = until.date_input(words("pairs.until"), value=None, key="pairs-until", on_change=changed)
    part = url.text_input(words("pairs.url"), key="pairs-url", max_chars=300, on_change=changed)
    low, high = sure.slider(
        words("pairs.confidence"), 0.0, 1.0, (0.0, 1.0), step=0.05, key="pairs-confidence", on_change=changed
    )
    return {
        "kinds": tuple(kinds),
        "tags": tuple(chosen_tags),
        "finding": finding_chosen or ("", ""),
        "decided_by": by or "",
        "since": first.isoformat() if isinstance(first, date) else "",
        "until": (last + timedelta(days=1)).isoformat() if isinstance(last, date) else "",
        "url": (part or "").strip(),
        "least_confidence": low,
        "most_confidence": high,
    }


def _state_names(store: Store, words: Words) -> dict[str, str]:
    counts = store.counts()
    return {state: f"{words(f'state.{state}')} ({counts.get(state, 0):,})" for state in get_args(State)}


def _counted(
    dimension: str, store: Store, states: Sequence[State], words: Words, changed: Callable[[], None]
) -> list[str]:
    """A choice of values, the frequent ones first, each with how many pairs it has in the chosen states."""
    values = counted(store, dimension, states)
    names = {value: f"{_value_name(dimension, value, words)} ({number:,})" for value, number in values.items()}
    field = f"{dimension}s"
    kept = [value for value in st.session_state.get(f"pairs-{field}", []) if value not in names]
    return _choose(field, [*names, *kept], words, changed, names)


def _value_name(dimension: str, value: str, words: Words) -> str:
    if dimension == "kind":
        return words.known(f"kind.{value}", value)
    if dimension == "lang":
        return words.known(f"language.{value}", value)
    return value or words("pairs.none")


def _finding_name(one: tuple[str, str], words: Words) -> str:
    step, kind = one
    return f"{step}: {words.known(f'finding.{kind}', kind)}"


def _choose(
    field: str, options: Sequence[str], words: Words, changed: Callable[[], None], names: dict[str, str]
) -> list[str]:
    def shown(value: str) -> str:
        return names.get(value, value)

    return st.multiselect(
        words(f"pairs_field.{field}"),
        options,
        key=f"pairs-{field}",
        format_func=shown,
        placeholder=words("pairs.all"),
        on_change=changed,
    )


def _one(
    field: str, options: Sequence[T], words: Words, changed: Callable[[], None], name: Callable[[T], str]
) -> T | None:
    return st.selectbox(
        words(f"pairs_field.{field}"),
        options,
        index=None,
        key=f"pairs-{field}",
        format_func=name,
        placeholder=words("pairs.all"),
        on_change=changed,
    )
