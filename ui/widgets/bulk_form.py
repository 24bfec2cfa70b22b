"""A decision about many pairs: what, about which, a look at it first, then done; and its way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.bulk import ACTS, Act, Bulk, BulkDesk, Done, Preview
from tamiz.errors import TamizError
from tamiz.filters import Filter
from tamiz.store import StoredPair
from ui.widgets.pair_form import REASONS
from ui.widgets.pair_list import pair_html, picked
from ui.widgets.text import literal, plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_bulk", "draw_bulk_notice", "draw_history", "drop_preview"]

PREVIEW, NOTICE, LAST = "bulk_preview", "bulk_notice", "bulk_last"
ICONS = {"accept": "check", "reject": "close", "skip": "skip_next", "tag": "label", "untag": "label_off"}
WHICH = ("found", "picked")


def drop_preview() -> None:
    """Another filter: what was previewed is not what is seen any more."""
    st.session_state.pop(PREVIEW, None)


def draw_bulk(desk: BulkDesk, chosen: Filter, shown: Sequence[StoredPair], words: Words) -> None:
    """The fields of a decision about all that is found, or the marked rows; a preview once it was asked for."""
    marks = picked(shown)
    names = {"found": words("bulk.found"), "picked": words("bulk.picked", pairs=len(marks))}
    with st.expander(words("bulk.title"), icon=":material/done_all:"):
        which, act, detail, look = st.columns([2, 1, 2, 1], vertical_alignment="bottom")
        about = which.radio(
            words("bulk.which"), WHICH, format_func=names.__getitem__, key="bulk-which", horizontal=True
        )
        wanted: Act = act.selectbox(
            words("bulk.act"),
            ACTS,
            key="bulk-act",
            format_func=lambda one: words(f"bulk_act.{one}"),
            on_change=drop_preview,
        )
        with detail:
            _draw_detail(wanted, words)
        if look.button(words("bulk.look"), key="bulk-look", icon=":material/preview:", use_container_width=True):
            st.session_state[PREVIEW] = (
                desk.preview(chosen, wanted) if about == "found" else desk.preview_picked(marks, wanted)
            )
        preview: Preview | None = st.session_state.get(PREVIEW)
        if preview is not None:
            _draw_preview(desk, preview, words)


def draw_bulk_notice(desk: BulkDesk, words: Words) -> None:
    """What became of the latest one, with its way back."""
    kind, text = st.session_state.pop(NOTICE, ("", ""))
    if text:
        {"error": st.error, "warning": st.warning, "success": st.success}[kind](text)
    last: Done | None = st.session_state.get(LAST)
    if last is not None and last.action:
        label = words("bulk.undo", pairs=f"{last.done:,}")
        st.button(label, key="bulk-undo", icon=":material/undo:", on_click=_take_back, args=(desk, last.action, words))


def draw_history(desk: BulkDesk, words: Words) -> None:
    """What was decided about many pairs, the latest first."""
    done = desk.history()
    if not done:
        return
    with st.expander(words("bulk.history"), icon=":material/history:"):
        for one in done:
            _draw_done(desk, one, words)


def _draw_detail(act: Act, words: Words) -> None:
    if act == "reject":
        st.selectbox(
            words("bulk.reason"),
            REASONS,
            index=None,
            format_func=lambda reason: words.known(f"reason.{reason}", reason),
            placeholder=words("field.reason_hint"),
            accept_new_options=True,
            key="bulk-reason",
        )
    elif act in ("tag", "untag"):
        st.text_input(words("bulk.tag"), key="bulk-tag", max_chars=40)


def _draw_preview(desk: BulkDesk, preview: Preview, words: Words) -> None:
    st.markdown(f"**{words(f'bulk_ask.{preview.act}', pairs=f'{preview.pairs:,}')}**")
    if preview.left_out:
        st.info(words("bulk.left_out", pairs=f"{preview.left_out:,}"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            words(f"bulk_do.{preview.act}", pairs=f"{preview.pairs:,}"),
            key="bulk-do",
            icon=f":material/{ICONS[preview.act]}:",
            type="primary",
            disabled=not preview.pairs,
            on_click=_carry_out,
            args=(desk, preview, words),
        )
        st.button(words("bulk.cancel"), key="bulk-cancel", on_click=drop_preview)
    for one in preview.examples:
        st.html(f'<div class="tz-turn">{pair_html(one, "", words)}</div>')


def _carry_out(desk: BulkDesk, preview: Preview, words: Words) -> None:
    given = st.session_state
    try:
        done = desk.carry_out(preview, reason=str(given.get("bulk-reason") or ""), tag=str(given.get("bulk-tag") or ""))
    except TamizError as error:
        given[NOTICE] = ("error", literal(str(error)))
        return
    drop_preview()
    given[LAST] = done
    left = {"moved": done.moved, "held": done.held, "refused": done.refused}
    said = [words("bulk.done", pairs=f"{done.done:,}")]
    said += [words(f"bulk_left.{name}", pairs=f"{number:,}") for name, number in left.items() if number]
    given[NOTICE] = ("success" if done.done else "warning", " ".join(said))


def _take_back(desk: BulkDesk, action: str, words: Words) -> None:
    try:
        back = desk.take_back(action)
    except TamizError as error:
        st.session_state[NOTICE] = ("warning", literal(str(error)))
        return
    st.session_state.pop(LAST, None)
    drop_preview()
    stays = back.decided_since + back.held
    left = f" {words('bulk.stay', pairs=f'{stays:,}')}" if stays else ""
    st.session_state[NOTICE] = ("success", words("bulk.back", pairs=f"{back.back:,}") + left)


def _draw_done(desk: BulkDesk, one: Bulk, words: Words) -> None:
    told = ", ".join(f"{name}: {_shown(value)}" for name, value in one.chosen.items() if name != "seen")
    what = words(f"bulk_was.{one.decision}", pairs=f"{one.pairs:,}")
    who = f"{one.actor.removeprefix('person:')} · {moment(one.at)}"
    text, back = st.columns([4, 1], vertical_alignment="center")
    text.html(plain(what) + plain(f"{who} · {told}" if told else who, kind="tz-small"))
    if one.undone:
        back.html(plain(words("bulk.undone"), kind="tz-small"))
    else:
        take = {"key": f"back-{one.action}", "type": "tertiary", "icon": ":material/undo:"}
        back.button(words("bulk.take_back"), on_click=_take_back, args=(desk, one.action, words), **take)  # type: ignore[arg-type]


def _shown(value: object) -> str:
    return " / ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
