"""The duplicates screen: pairs that are alike, side by side; one is kept, or they are told apart."""

from __future__ import annotations

import streamlit as st

from curation.clusters import GROUPS, Cluster, ClusterDesk, Lead
from curation.review import Draft, Pace
from curation.revise import Refused
from tamiz.errors import Conflict, TamizError
from tamiz.store import Store
from ui.session import Window
from ui.widgets.cluster_card import draw_cluster
from ui.widgets.merge_form import close_form, is_typed_in, keep_form, put_text, read_text
from ui.widgets.text import literal, show_plain
from ui.wording import Words

__all__ = ["CHOICES", "show"]

CHOICES = ("all", *GROUPS)
SHOWN = 5
SECONDS_KEPT = 30  # the numbers may lag behind the decisions by so much, where there are many pairs
MANY = 20_000


def show(window: Window) -> None:
    """Draw the clusters that need people, or those that are settled."""
    words = window.words
    show_plain(words("screen.duplicates"), kind="tz-title")
    try:
        desk = ClusterDesk(window.store, window.reviewer, window.project.settings.review)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    _draw_notice(words)
    group, settled = _draw_choice(window, desk)
    after: list[Lead] = st.session_state.setdefault("clusters_after", [])
    clusters, behind = desk.page(group=group, settled=settled, limit=SHOWN, after=after[-1] if after else None)
    _pace().show(" ".join(cluster.key for cluster in clusters))
    for cluster in clusters:
        draw_cluster(cluster, window, lambda act, shown, pair: _press(window, desk, act, shown, pair))
    if not clusters:
        st.info(words("duplicates.none_settled" if settled else "duplicates.none"))
    _draw_paging(after, behind, words)


def _draw_choice(window: Window, desk: ClusterDesk) -> tuple[str, bool]:
    """Which clusters are asked for: of which group, and whether settled ones."""
    words, counts = window.words, window.store.counts()
    many = sum(counts.values()) > MANY
    open_ = _counted(window.store, str(window.project.folder), () if many else tuple(sorted(counts.items())))
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        chosen = st.pills(
            words("duplicates.show"),
            CHOICES,
            default="all",
            format_func=lambda name: _choice(name, open_, words),
            required=True,
            key="clusters_group",
            on_change=_first_page,
        )
    with right:
        settled = st.toggle(words("duplicates.settled"), key="clusters_settled", on_change=_first_page)
    if window.may("decide"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.checkbox(words("duplicates.accept"), key="clusters_accept", help=words("duplicates.accept_help"))
            if desk.can_undo():
                st.button(
                    words("duplicates.undo"),
                    icon=":material/undo:",
                    shortcut="Z",
                    key="clusters_undo",
                    on_click=_undo,
                    args=(desk, words),
                )
    return "" if chosen in (None, "all") else chosen, settled


def _choice(name: str, open_: dict[str, int], words: Words) -> str:
    number = sum(open_.values()) if name == "all" else sum(open_.get(kind, 0) for kind in GROUPS[name])
    return words(f"clusters.{name}", number=f"{number:,}")


@st.cache_data(show_spinner=False, ttl=SECONDS_KEPT, max_entries=8)
def _counted(_store: Store, folder: str, counts: tuple[tuple[str, int], ...]) -> dict[str, int]:
    from tamiz.clusters import count_clusters

    return count_clusters(_store)


def _press(window: Window, desk: ClusterDesk, act: str, cluster: Cluster, pair: str) -> None:
    """Carry out a button. Whatever stops it, nothing was written, and what was typed is kept."""
    words, draft = window.words, read_text(cluster)
    if act == "take":
        put_text(cluster, window, pair)
        st.toast(words("duplicates.taken"))
        return
    if not _pace().allows_decision():
        stopped: tuple[str, str] | None = ("warning", words("notice.too_fast"))
    elif act == "keep" and is_typed_in(cluster, window):
        stopped = ("warning", words("duplicates.typed"))
    else:
        stopped = _try(desk, act, cluster, pair, draft if act == "edit" else None, words)
    if stopped is None:
        if act in ("keep", "edit"):
            close_form(cluster, window)
        return
    st.session_state["clusters_notice"] = stopped
    if act == "edit" and draft is not None and not keep_form(cluster, window, draft):
        st.session_state["clusters_lost"] = (draft.question, draft.answer)


def _try(
    desk: ClusterDesk, act: str, cluster: Cluster, pair: str, draft: Draft | None, words: Words
) -> tuple[str, str] | None:
    """What has stopped it, as a notice; None where it is done."""
    try:
        said = _carry_out(desk, act, cluster, pair, draft, words)
    except Refused as refused:
        return "warning", words(f"refused.{refused.code}")
    except Conflict as conflict:
        return "warning", f"{words('duplicates.conflict')} {literal(str(conflict))}"
    except TamizError as error:
        return "error", literal(str(error))
    finally:
        _counted.clear()
    _notice("success", said)
    return None


def _carry_out(desk: ClusterDesk, act: str, cluster: Cluster, pair: str, draft: Draft | None, words: Words) -> str:
    if act in ("keep", "edit"):
        accept = bool(st.session_state.get("clusters_accept"))
        done = desk.keep(cluster, pair, accept=accept, draft=draft)
        said = words("duplicates.done_keep", pairs=done.rejected)
        return f"{said} {words('duplicates.left', pairs=done.left)}" if done.left else said
    others = [alike.pair.id for alike in cluster.alike] if act == "apart" else [pair]
    done = desk.split(cluster, others)
    said = words("duplicates.done_split", pairs=len(others))
    return f"{said} {words('duplicates.reopened', pairs=len(done.reopened))}" if done.reopened else said


def _undo(desk: ClusterDesk, words: Words) -> None:
    if not _pace().allows_decision():
        _notice("warning", words("notice.too_fast"))
        return
    try:
        taken = desk.undo()
    except Refused as refused:
        _notice("warning", words(f"refused.{refused.code}"))
    except TamizError as error:
        _notice("error", literal(str(error)))
    else:
        _notice("success", words("duplicates.done_undo", pairs=max(len(taken.pairs), taken.together)))
    _counted.clear()


def _draw_paging(after: list[Lead], behind: Lead | None, words: Words) -> None:
    with st.container(horizontal=True):
        if after:
            st.button(words("duplicates.back"), icon=":material/arrow_back:", on_click=_turn, args=(after[:-1],))
        if behind is not None:
            further = [*after, behind]
            st.button(words("duplicates.more"), icon=":material/arrow_forward:", on_click=_turn, args=(further,))


def _first_page() -> None:
    _turn([])


def _turn(after: list[Lead]) -> None:
    st.session_state["clusters_after"] = after


def _draw_notice(words: Words) -> None:
    kind, text = st.session_state.pop("clusters_notice", ("", ""))
    if text:
        {"error": st.error, "warning": st.warning, "success": st.success}[kind](text)
    if lost := st.session_state.pop("clusters_lost", ()):
        with st.expander(words("notice.lost"), expanded=True):
            for typed in lost:
                st.code(typed, language=None, wrap_lines=True)


def _notice(kind: str, text: str) -> None:
    st.session_state["clusters_notice"] = (kind, text)


def _pace() -> Pace:
    pace: Pace = st.session_state.setdefault("clusters_pace", Pace())
    return pace
