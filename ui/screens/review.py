"""The review screen: one pair at a time, decided by key or click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from curation.review import Card, Desk, Draft, Pace, Progress, Refused
from tamiz.errors import Conflict, TamizError
from ui.session import Window
from ui.widgets.heading import draw_heading
from ui.widgets.pair_form import BUTTONS, draw_form, read_draft, read_reason
from ui.widgets.text import literal
from ui.wording import Words

__all__ = ["show"]

Notice = tuple[str, str]  # the kind (error, warning, success) and the words


def show(window: Window) -> None:
    """Draw the next pair of this reviewer, or what to do when nothing is left."""
    words = window.words
    try:
        desk = Desk(window.store, window.reviewer, window.project.settings.review)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    card = desk.next_pair(st.session_state.get("stay_at", ""))
    st.session_state["stay_at"] = card.pair.id if card else ""
    notice: Notice = st.session_state.pop("notice", ("", ""))
    _draw_progress(desk.progress(), notice[1] if notice[0] == "success" else "", words)
    _draw_notice(notice, words)
    _pace().show(card.key if card else "nothing")
    if card is None:
        _draw_nothing_left(window, desk)
        return
    draw_heading(card, words)
    languages = window.project.settings.project.languages
    draft = _drafts().get(card.pair.id) or Draft.of(card)
    draw_form(card, draft, languages, words, lambda action, shown: _press(desk, action, shown, words))
    _keep_alive(desk, card, window.project.settings.review.lease_seconds, words)


def _press(desk: Desk, action: str, card: Card, words: Words) -> None:
    """Carry out a button. Whatever stops it, what was typed stays."""
    draft = read_draft(card)
    if not _pace().allows_decision():
        _keep(card, draft, ("warning", words("notice.too_fast")))
        return
    try:
        name, _, finding = action.partition(":")
        after = _ACTIONS[name](desk, card, draft) if not finding else _SETTLE[name](desk, card, draft, finding)
    except Refused as refused:
        _keep(card, draft, ("warning", words(f"refused.{refused.code}")))
    except Conflict:
        _keep(card, draft, ("warning", words("notice.conflict")))
        if draft != Draft.of(card):
            st.session_state["lost"] = (card.pair.id, draft)
    except TamizError as error:
        _keep(card, draft, ("error", literal(str(error))))
    else:
        _drafts().pop(card.pair.id, None)
        if name in ("skip", "undo", "keep", "take_back") and draft != Draft.of(card):
            _drafts()[card.pair.id] = draft
        st.session_state["stay_at"] = after.pair.id if after else ""
        st.session_state["notice"] = ("success", words(f"done.{name}"))


def _accept(desk: Desk, card: Card, draft: Draft) -> None:
    desk.accept(card, draft)


def _reject(desk: Desk, card: Card, _draft: Draft) -> None:
    desk.reject(card, read_reason(card))


def _skip(desk: Desk, card: Card, _draft: Draft) -> None:
    desk.skip(card)


def _save(desk: Desk, card: Card, draft: Draft) -> Card | None:
    return desk.save(card, draft)


def _undo(desk: Desk, _card: Card, _draft: Draft) -> Card | None:
    return desk.undo()


_ACTIONS: dict[str, Callable[[Desk, Card, Draft], Card | None]] = {
    "accept": _accept,
    "reject": _reject,
    "skip": _skip,
    "save": _save,
    "undo": _undo,
}


# What is done about one finding; the action is the name, a colon and the finding's id.
_SETTLE: dict[str, Callable[[Desk, Card, Draft, str], Card | None]] = {
    "mask": lambda desk, card, draft, finding: desk.mask(card, draft, finding),
    "keep": lambda desk, card, _draft, finding: desk.keep(card, finding),
    "take_back": lambda desk, card, _draft, finding: desk.take_back(card, finding),
}


def _keep(card: Card, draft: Draft, notice: Notice) -> None:
    _drafts()[card.pair.id] = draft
    st.session_state["notice"] = notice


def _drafts() -> dict[str, Draft]:
    drafts: dict[str, Draft] = st.session_state.setdefault("drafts", {})
    return drafts


def _pace() -> Pace:
    pace: Pace = st.session_state.setdefault("pace", Pace())
    return pace


def _draw_progress(progress: Progress, done: str, words: Words) -> None:
    """The bar, the counts, and what was just done; a toast would lie over the pair."""
    line = words(
        "progress.line",
        open=progress.open,
        skipped=progress.skipped,
        accepted=progress.accepted,
        rejected=progress.rejected,
    )
    st.progress(progress.share, text=f"{line} · :green[**{done}**]" if done else line)


def _draw_notice(notice: Notice, words: Words) -> None:
    kind, text = notice
    if kind in ("error", "warning"):
        (st.error if kind == "error" else st.warning)(text)
    lost = st.session_state.pop("lost", None)
    if lost is not None and lost[0] != st.session_state.get("stay_at"):
        with st.expander(words("notice.lost"), expanded=True):
            st.code(lost[1].question, language=None, wrap_lines=True)
            st.code(lost[1].answer, language=None, wrap_lines=True)


def _draw_nothing_left(window: Window, desk: Desk) -> None:
    words, progress = window.words, desk.progress()
    if progress.open:
        st.info(words("nothing.others", open=progress.open))
    elif progress.new:
        st.info(words("nothing.curate", new=progress.new))
    elif not progress.decided:
        st.info(words("nothing.crawl"))
    else:
        st.success(words("nothing.export", accepted=progress.accepted))
    if progress.decided:
        st.button(
            words("button.undo"),
            icon=":material/undo:",
            shortcut=BUTTONS["undo"],
            on_click=_undo_last,
            args=(desk, words),
        )


def _undo_last(desk: Desk, words: Words) -> None:
    if not _pace().allows_decision():
        st.session_state["notice"] = ("warning", words("notice.too_fast"))
        return
    try:
        card = desk.undo()
    except Refused as refused:
        st.session_state["notice"] = ("warning", words(f"refused.{refused.code}"))
    except TamizError as error:
        st.session_state["notice"] = ("error", literal(str(error)))
    else:
        st.session_state["stay_at"] = card.pair.id if card else ""
        st.session_state["notice"] = ("success", words("done.undo"))


def _keep_alive(desk: Desk, card: Card, lease_seconds: int, words: Words) -> None:
    """Renew the lease while the pair is on the screen, and say so when it has ended."""

    @st.fragment(run_every=lease_seconds / 3)
    def beat() -> None:
        if st.session_state.get("beaten") != card.key:  # drawn just now, so claimed just now
            st.session_state["beaten"] = card.key
        elif not desk.heartbeat(card):
            st.warning(words("notice.lease_over"))

    beat()
