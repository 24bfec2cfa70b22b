"""The balance screen: how the pairs are spread, and how they speak, as pictures and tables."""

from __future__ import annotations

import streamlit as st

from curation.balance.count import Balance, Dimension, Topic
from curation.balance.dominant import LEAST_PAIRS, Dominant, dominants
from curation.balance.project import STATES, project_balance
from curation.balance.said import one_line
from tamiz.store import Store
from ui.session import Window
from ui.widgets.text import literal, plain, show_plain
from ui.wording import Words

__all__ = ["show"]

MOST_PAIRS = 50_000  # that are counted for the screen; the command counts all
MOST_BARS = 10
SECONDS_KEPT = 60  # a count may lag behind the decisions by so much
BAR = "#4f83c4"


def show(window: Window) -> None:
    """Draw the balance of the accepted or of the open pairs."""
    words = window.words
    show_plain(words("screen.balance"), kind="tz-title")
    counts = window.store.counts()
    sizes = {part: sum(counts.get(state, 0) for state in states) for part, states in STATES.items()}
    chosen = st.segmented_control(
        words("balance.which"),
        list(STATES),
        default="accepted" if sizes["accepted"] else "open",
        format_func=lambda part: words(f"balance_of.{part}", pairs=sizes[part]),
        required=True,
        key="balance_part",
    )
    part = chosen or "accepted"
    if not sizes[part]:
        st.info(words("balance.none"))
        return
    balance = _counted(window.store, str(window.project.folder), part, tuple(sorted(counts.items())))
    if balance.pairs < sizes[part]:
        st.info(words("balance.first", counted=balance.pairs, pairs=sizes[part]))
    _draw_dominant(balance, words)
    for dimension in balance.dimensions:
        if dimension.pairs:
            _draw_dimension(dimension, words)
    _draw_topics(balance, words)
    _draw_lengths(balance, words)


@st.cache_data(show_spinner=False, ttl=SECONDS_KEPT, max_entries=8)
def _counted(_store: Store, folder: str, part: str, counts: tuple[tuple[str, int], ...]) -> Balance:
    return project_balance(_store, part, limit=MOST_PAIRS)


def _draw_dominant(balance: Balance, words: Words) -> None:
    st.subheader(words("balance.dominant"))
    said = [_said(one, words) for one in dominants(balance)]
    said = said or [words("balance.nothing", least=LEAST_PAIRS)]
    st.html(f"<ul>{''.join(plain(sentence, tag='li') for sentence in said)}</ul>")


def _said(one: Dominant, words: Words) -> str:
    kind = "mixed" if one.name == "mixed" and one.language else one.topic
    name = _group(one.name, words) if one.language else _value(one.topic, one.name, words)
    values = {"share": f"{one.share:.0%}", "pairs": one.pairs, "of": one.of, "limit": f"{one.limit:.0%}"}
    sentence = words(f"dominant.{kind}", name=name, lang=one.language, **values)
    return f"{sentence} ({words('balance.told', **values)})"


def _draw_dimension(dimension: Dimension, words: Words) -> None:
    st.subheader(words(f"spread.{dimension.name}"))
    even = f"{dimension.effective:.1f}"
    st.caption(literal(words("balance.spread", pairs=dimension.pairs, distinct=dimension.distinct, even=even)))
    if dimension.without:
        st.caption(literal(words("balance.without", pairs=dimension.without)))
    names = [_value(dimension.name, name, words) for name in dimension.values]
    shares = [count / dimension.pairs for count in dimension.values.values()]
    columns = {words("balance.value"): names, words("balance.pairs"): list(dimension.values.values())}
    _draw_beside(names, shares, columns, words)


def _draw_topics(balance: Balance, words: Words) -> None:
    for topic in balance.topics:
        if topic.any.pairs:
            _draw_topic(topic, words)
    if balance.unread:
        st.caption(literal(words("balance.unread", pairs=balance.unread)))


def _draw_topic(topic: Topic, words: Words) -> None:
    language = words.known(f"language.{topic.language}", topic.language)
    st.subheader(f"{words(f'spread.{topic.name}')}: {language}")
    st.caption(literal(words("balance.topic", pairs=topic.pairs, any=topic.any.pairs)))
    names = [_group(name, words) for name in topic.groups]
    uses = list(topic.groups.values())
    columns = {
        words("balance.value"): names,
        words("balance.pairs"): [use.pairs for use in uses],
        words("balance.questions"): [use.questions for use in uses],
        words("balance.answers"): [use.answers for use in uses],
        words("balance.examples"): [", ".join(f"{term} ({n})" for term, n in use.examples.items()) for use in uses],
    }
    _draw_beside(names, [use.pairs / topic.pairs for use in uses], columns, words)


def _draw_beside(names: list[str], shares: list[float], columns: dict[str, object], words: Words) -> None:
    """Bars and the table of the same rows; the table is drawn as text by its widget, names included."""
    share, value = words("balance.share"), words("balance.value")
    picture, table = st.columns([2, 3])
    with picture:
        bars = {value: names[:MOST_BARS], share: [round(100 * one, 1) for one in shares[:MOST_BARS]]}
        st.bar_chart(bars, x=value, y=share, x_label="", y_label=share, horizontal=True, sort=False, color=BAR)
    with table:
        percent = st.column_config.NumberColumn(format="percent")
        head, *rest = columns
        ordered = {head: columns[head], rest[0]: columns[rest[0]], share: [round(one, 4) for one in shares]}
        st.dataframe(ordered | columns, hide_index=True, column_config={share: percent})


def _draw_lengths(balance: Balance, words: Words) -> None:
    st.subheader(words("spread.lengths"))
    sizes = balance.lengths
    columns = {
        "": [words(f"field.{one.field}") for one in sizes],
        words("balance.least"): [one.least for one in sizes],
        words("balance.tenth"): [one.tenth for one in sizes],
        words("balance.median"): [one.median for one in sizes],
        words("balance.ninetieth"): [one.ninetieth for one in sizes],
        words("balance.most"): [one.most for one in sizes],
    }
    st.dataframe(columns, hide_index=True)


def _value(dimension: str, name: str, words: Words) -> str:
    """The name of a value: ours in the screen's language, a source's as one line of text."""
    if dimension == "author":
        return words("balance.author", number=name.rpartition(" ")[2])
    if dimension == "language":
        return words.known(f"language.{name}", name)
    if dimension == "kind":
        return words.known(f"kind.{name}", name)
    return one_line(name)


def _group(name: str, words: Words) -> str:
    return words(f"group.{name}")
