"""How two dataset versions differ: counts, and the pairs themselves, changed ones word by word."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.dataset_versions import Version
from curation.revise import word_diff
from curation.version_diff import Change, Difference, Place, difference, row_at
from tamiz.splitparts import ancestry
from tamiz.store import Store
from ui.session import Window
from ui.widgets.diff import diff_html
from ui.widgets.text import plain, show_plain
from ui.widgets.trace import draw_trace
from ui.wording import Words

__all__ = ["draw_difference"]

AT_ONCE = 20  # pairs on the screen
KINDS = ("added", "removed", "changed", "moved")
COMPARED = ("question", "answer", "label", "lang")


def draw_difference(window: Window, chosen: Version, good: Sequence[Version]) -> None:
    """Draw what `chosen` has and an older version has not, and the other way round."""
    words = window.words
    others = [one for one in good if one.name != chosen.name]
    if not others:
        st.info(words("dataset.one_version"))
        return
    older = [one for one in others if (len(one.name), one.name) < (len(chosen.name), chosen.name)]
    start = others.index(older[0]) if older else 0
    against = st.selectbox(
        words("dataset.against"), others, index=start, format_func=lambda one: one.name, key=f"against-{chosen.name}"
    )
    old, new = sorted((against, chosen), key=lambda one: (len(one.name), one.name))
    key = (str(old.folder), old.manifest.content_hash, new.manifest.content_hash)
    found = _difference(window.store, old, new, key)
    counts = {kind: len(getattr(found, kind)) for kind in KINDS}
    show_plain(words("dataset.from_to", old=old.name, new=new.name, same=found.same))
    shown = [kind for kind in KINDS if counts[kind] or kind != "moved"]
    kind = st.segmented_control(
        words("dataset.which"),
        shown,
        default=next((kind for kind in shown if counts[kind]), "added"),
        format_func=lambda kind: words(f"dataset_diff.{kind}", pairs=counts[kind]),
        required=True,
        key=f"diff-{old.name}-{new.name}",
        label_visibility="collapsed",
    )
    if not counts["moved"]:
        show_plain(words("dataset.none_moved"), kind="tz-small")
    _draw_pairs(found, kind or "added", old, new, window)


@st.cache_data(show_spinner=False, max_entries=4)
def _difference(_store: Store, _old: Version, _new: Version, key: tuple[str, str, str]) -> Difference:
    return difference(_old, _new, ancestry(_store))


def _draw_pairs(found: Difference, kind: str, old: Version, new: Version, window: Window) -> None:
    words = window.words
    all_of: Sequence[Place | Change] = getattr(found, kind)
    if not all_of:
        show_plain(words("dataset.no_such"))
        return
    pages = -(-len(all_of) // AT_ONCE)
    page = 1
    if pages > 1:
        label = words("dataset.page", pages=pages)
        page = int(st.number_input(label, 1, pages, key=f"page-{old.name}-{new.name}-{kind}", width=160))
    for one in all_of[(page - 1) * AT_ONCE : page * AT_ONCE]:
        with st.container(border=True):
            if isinstance(one, Change):
                draw_trace(window, _draw_change(one, old, new, words))
            else:
                draw_trace(window, _draw_pair(one, new if kind == "added" else old, words))


def _draw_pair(place: Place, version: Version, words: Words) -> str:
    """Draw it and give its id."""
    row = row_at(version, place)
    st.html(
        f'<div class="tz-chips">{plain(words(f"split_part.{place.part}"), tag="span", kind="tz-chip")}'
        f"{plain(str(row.get('source', '')), tag='span', kind='tz-chip')}</div>"
        + plain(str(row.get("question", "")), kind="tz-text tz-question")
        + plain(str(row.get("answer", "")))
    )
    return str(row["id"])


def _draw_change(change: Change, old: Version, new: Version, words: Words) -> str:
    """Draw it and give the id of the newer pair."""
    before, after = row_at(old, change.before), row_at(new, change.after)
    parts = dict.fromkeys((change.before.part, change.after.part))
    shown = " → ".join(words(f"split_part.{part}") for part in parts)
    rows = [f'<div class="tz-chips">{plain(shown, tag="span", kind="tz-chip")}</div>']
    for name in COMPARED:
        one, other = str(before.get(name, "")), str(after.get(name, ""))
        if one != other:
            rows += [plain(words(f"dataset_field.{name}"), tag="b"), diff_html(word_diff(one, other))]
    if len(rows) == 1:  # it differs in what is not shown by words: turns, tools, Markdown; or in its part alone
        rows.append(plain(str(after.get("question", ""))))
    st.html("".join(rows))
    return str(after["id"])
