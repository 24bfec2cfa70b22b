"""The fields in which the kept pair of a cluster is edited; what is typed there is kept like a review's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from curation.clusters import Cluster
from curation.review import Draft
from curation.typed import Typed, brought_back, forget_typed, keep_typed
from ui.session import Window
from ui.widgets.keeper import forget_local_copy, keep_texts
from ui.widgets.when import moment

__all__ = ["close_form", "draw_form", "is_typed_in", "keep_form", "put_text", "read_text"]

TEXTS = ("question", "answer")


def draw_form(cluster: Cluster, window: Window, press: Callable[[str, Cluster, str], None]) -> None:
    """The fields where they were asked for or something was typed in them before; else a button for them."""
    words, pair = window.words, cluster.kept.pair
    typed = brought_back(window.store, window.by, pair)
    if st.session_state.get("cluster_edit") != cluster.lead.witness and typed is None:
        st.button(
            words("alike.edit"),
            key=f"cluster-write-{cluster.key}",
            icon=":material/edit:",
            on_click=_open,
            args=(cluster,),
        )
        return
    _fill(cluster, typed)
    with st.form(f"cluster-form-{cluster.key}", enter_to_submit=False, border=False):
        for name in TEXTS:  # each says what it holds: a browser that missed the run that filled it would show none
            key = _field(cluster, name)
            st.text_area(words(f"field.{name}"), str(st.session_state[key]), key=key, height="content")
        sent = {"icon": ":material/merge:", "on_click": press, "args": ("edit", cluster, pair.id)}
        st.form_submit_button(words("alike.keep_text"), **sent)  # type: ignore[arg-type]
    with st.container(horizontal=True, vertical_alignment="center"):
        if at := st.session_state.get(f"cluster-back-{cluster.key}"):
            st.markdown(f":material/history: {words('draft.brought_back', at=moment(at))}")
        st.button(
            words("draft.discard"),
            key=f"cluster-discard-{cluster.key}",
            type="tertiary",
            on_click=close_form,
            args=(cluster, window),
        )
    _listen(cluster, window)


def put_text(cluster: Cluster, window: Window, pair: str) -> None:
    """Put the texts of this pair into the fields of the kept one, to be kept as they are or mended."""
    stored = cluster.stored(pair)
    if stored is None:
        return
    for name in TEXTS:
        st.session_state[_field(cluster, name)] = getattr(stored.pair, name)
    draft = read_text(cluster)
    if draft is not None:
        keep_form(cluster, window, draft)
    _open(cluster)


def close_form(cluster: Cluster, window: Window) -> None:
    """Forget what was typed: it was sent, or is not wanted."""
    forget_typed(window.store, window.by, cluster.kept.pair.id)
    forget_local_copy(cluster.kept.pair.id)
    _empty(cluster)
    if st.session_state.get("cluster_edit") == cluster.lead.witness:
        del st.session_state["cluster_edit"]


def keep_form(cluster: Cluster, window: Window, draft: Draft) -> bool:
    """Keep what the fields hold, whatever became of the cluster; False where its pair was decided meanwhile."""
    pair = cluster.kept.pair
    typed = brought_back(window.store, window.by, pair)
    kept = draft if typed is None else replace(typed.draft, question=draft.question, answer=draft.answer)
    now = window.store.pairs_by_id([pair.id]).get(pair.id)
    return now is not None and keep_typed(window.store, window.by, pair, now.version, kept)


def read_text(cluster: Cluster) -> Draft | None:
    """The kept pair as its fields have it; None where they were never drawn."""
    pair = cluster.kept.pair
    question, answer = (st.session_state.get(_field(cluster, name)) for name in TEXTS)
    if question is None or answer is None:
        return None
    return Draft(question=str(question), answer=str(answer), label=pair.label, lang=pair.lang)


def is_typed_in(cluster: Cluster, window: Window) -> bool:
    """Whether the fields hold another text than the pair, which an act beside them would leave behind."""
    return brought_back(window.store, window.by, cluster.kept.pair) is not None


def _open(cluster: Cluster) -> None:
    st.session_state["cluster_edit"] = cluster.lead.witness


def _fill(cluster: Cluster, typed: Typed | None) -> None:
    if typed is not None and _field(cluster, "question") not in st.session_state:
        st.session_state[f"cluster-back-{cluster.key}"] = typed.at
    for name in TEXTS:
        text = getattr(typed.draft if typed else cluster.kept.pair, name)
        st.session_state.setdefault(_field(cluster, name), text)


def _listen(cluster: Cluster, window: Window) -> None:
    fields = {name: _field(cluster, name) for name in TEXTS}

    @st.fragment
    def keep() -> None:
        if keep_texts(window, window.by, cluster.key, cluster.kept, fields):
            _empty(cluster)
            st.rerun()

    keep()


def _empty(cluster: Cluster) -> None:
    """So that the fields are filled anew when they are drawn next."""
    for name in TEXTS:
        st.session_state.pop(_field(cluster, name), None)
    st.session_state.pop(f"cluster-back-{cluster.key}", None)


def _field(cluster: Cluster, name: str) -> str:
    return f"cluster-{name}-{cluster.key}"
