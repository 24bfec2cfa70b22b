"""The review screen: one pair at a time, decided by key or click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from curation.review import Card, Desk, Draft, Progress, Refused
from curation.typed import brought_back, forget_typed, keep_typed
from tamiz.errors import Conflict, TamizError
from ui.session import Window
from ui.widgets.beside import draw_beside
from ui.widgets.desk_help import draw_help
from ui.widgets.heading import draw_heading
from ui.widgets.keeper import forget_local_copy, keep_what_is_typed
from ui.widgets.offers import draw_offers, learn_from
from ui.widgets.order import draw_all_kinds, draw_order, kinds_of, order_of
from ui.widgets.pair_form import BUTTONS, are_filled, draw_form, fill_fields, forget_fields, read_draft
from ui.widgets.text import literal
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["show"]

Notice = tuple[str, str]  # the kind (error, warning, success) and the words


def show(window: Window) -> None:
    """Draw the next pair of this reviewer, or what to do when nothing is left."""
    words = window.words
    if not window.may("decide"):
        st.info(words("review.viewer"))
        return
    try:
        desk = desk_of(window)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    card = desk.next_pair(st.session_state.get("stay_at", ""))
    st.session_state["stay_at"] = card.pair.id if card else ""
    notice: Notice = st.session_state.pop("notice", ("", ""))
    lang = card.pair.lang if card else words.language
    _draw_top(window, desk.progress(), notice[1] if notice[0] == "success" else "", lang)
    _draw_notice(notice, words)
    if card is None:
        _draw_nothing_left(window, desk)
        draw_offers(window)
        return
    _bring_back(window, desk, card)
    _stay_awake(window, desk, card)
    draw_heading(card, window)
    languages = window.project.settings.project.languages
    card = desk.shown(card)
    draw_form(card, languages, words, lambda action, shown: _press(window, desk, action, shown))
    draw_offers(window)
    draw_beside(window, desk.by, card)
    seen: Card | None = st.session_state.get("shown")
    if seen is None or seen.key != card.key:  # or it stands there still, as after a lease that had ended
        st.session_state["shown"] = desk.shown(card)  # nobody could read it before


def desk_of(window: Window) -> Desk:
    """The place of whoever sits at this window, in the order chosen there; Refused where they have no name yet."""
    settings = window.project.settings
    review = replace(settings.review, order=order_of(window))
    sources = [source.name for source in settings.sources]
    return Desk(window.store, window.reviewer, review, sources=sources, kinds=kinds_of())


def _bring_back(window: Window, desk: Desk, card: Card) -> None:
    """Fill the fields of a card that is new on this screen, and say so where its person has typed in it before."""
    if not are_filled(card):
        typed = brought_back(window.store, desk.by, card.pair)
        fill_fields(card, typed.draft if typed else Draft.of(card))
        st.session_state["brought_back"] = (card.key, typed.at) if typed else ("", "")
    of, at = st.session_state.get("brought_back", ("", ""))
    if of == card.key:
        words = window.words
        with st.container(horizontal=True, vertical_alignment="center", key="brought-back"):
            st.markdown(f":material/history: {words('draft.brought_back', at=moment(at))}")
            st.button(
                words("draft.discard"),
                key=f"discard-{card.key}",
                type="tertiary",
                on_click=_discard,
                args=(window, desk, card),
            )


def _discard(window: Window, desk: Desk, card: Card) -> None:
    forget_typed(window.store, desk.by, card.pair.id)
    forget_local_copy(card.pair.id)
    forget_fields(card)


def _press(window: Window, desk: Desk, action: str, card: Card) -> None:
    """Carry out a button. Whatever stops it, what was typed stays."""
    shown: Card = st.session_state.get("shown", card)
    card = shown if shown.key == card.key else card
    draft, words = read_draft(card), window.words
    try:
        name, _, finding = action.partition(":")
        after = _ACTIONS[name](desk, card, draft) if not finding else _SETTLE[name](desk, card, draft, finding)
    except Refused as refused:
        st.session_state.pop("shown", None)  # a key pressed again and again counts from its last press
        _keep(window, desk, card, draft, ("warning", words(f"refused.{refused.code}")))
    except Conflict:
        _keep(window, desk, card, draft, ("warning", words("notice.conflict")))
        if replace(draft, reason="") != Draft.of(card):
            st.session_state["lost"] = (card.pair.id, draft.question, draft.answer)
    except TamizError as error:
        _keep(window, desk, card, draft, ("error", literal(str(error))))
    else:
        if name in ("skip", "undo", "keep", "take_back"):
            keep_typed(window.store, desk.by, card.pair, card.stored.version, draft)
        else:
            forget_typed(window.store, desk.by, card.pair.id)
            forget_local_copy(card.pair.id)
        st.session_state["stay_at"] = after.pair.id if after else ""
        st.session_state["notice"] = ("success", words(f"done.{name}"))


def _accept(desk: Desk, card: Card, draft: Draft) -> None:
    learn_from(card.pair, desk.accept(card, draft).pair)


def _reject(desk: Desk, card: Card, draft: Draft) -> None:
    desk.reject(card, draft.reason)


def _skip(desk: Desk, card: Card, _draft: Draft) -> None:
    desk.skip(card)


def _save(desk: Desk, card: Card, draft: Draft) -> Card | None:
    after = desk.save(card, draft)
    if after is not None:
        learn_from(card.pair, after.pair)
    return after


def _undo(desk: Desk, card: Card, _draft: Draft) -> Card | None:
    return desk.undo(card)


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


def _keep(window: Window, desk: Desk, card: Card, draft: Draft, notice: Notice) -> None:
    keep_typed(window.store, desk.by, card.pair, card.stored.version, draft)
    st.session_state["notice"] = notice


def _draw_top(window: Window, progress: Progress, done: str, lang: str) -> None:
    """The bar, the counts, and what was just done; a toast would lie over the pair."""
    words = window.words
    line = words(
        "progress.line",
        open=progress.open,
        skipped=progress.skipped,
        accepted=progress.accepted,
        rejected=progress.rejected,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="top"):
        st.progress(progress.share, text=f"{line} · :green[**{done}**]" if done else line)
        draw_order(window)
        draw_help(window, lang)


def _draw_notice(notice: Notice, words: Words) -> None:
    kind, text = notice
    if kind in ("error", "warning"):
        (st.error if kind == "error" else st.warning)(text)
    lost = st.session_state.pop("lost", None)
    if lost is not None and lost[0] != st.session_state.get("stay_at"):
        with st.expander(words("notice.lost"), expanded=True):
            st.code(lost[1], language=None, wrap_lines=True)
            st.code(lost[2], language=None, wrap_lines=True)


def _draw_nothing_left(window: Window, desk: Desk) -> None:
    words, progress = window.words, desk.progress()
    if progress.open and kinds_of():
        draw_all_kinds(window)
    elif progress.open:
        left = desk.left()
        if left.said:
            st.info(words("nothing.said", said=left.said))
        elif left.assigned:
            st.info(words("nothing.assigned", others=left.others))
        else:
            st.info(words("nothing.others", open=progress.open))
    elif progress.new:
        st.info(words("nothing.curate", new=progress.new))
    elif progress.disputed:
        st.info(words("nothing.disputed", disputed=progress.disputed))
        window.link("adjudicate", words("nothing.disputed_link"))
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
    try:
        card = desk.undo()
    except Refused as refused:
        st.session_state["notice"] = ("warning", words(f"refused.{refused.code}"))
    except TamizError as error:
        st.session_state["notice"] = ("error", literal(str(error)))
    else:
        st.session_state["stay_at"] = card.pair.id if card else ""
        st.session_state["notice"] = ("success", words("done.undo"))


def _stay_awake(window: Window, desk: Desk, card: Card) -> None:
    """Keep what is typed, and renew the lease while the pair is on the screen; say so when it has ended."""
    words = window.words

    @st.fragment(run_every=window.project.settings.review.lease_seconds / 3)
    def beat() -> None:
        if st.session_state.get("beaten") != card.key:  # drawn just now, so claimed just now
            st.session_state["beaten"] = card.key
        elif not desk.heartbeat(card):
            st.warning(words("notice.lease_over"))
        keep_what_is_typed(window, desk.by, card)

    beat()
