"""The list of disputes: opinions on a pair side by side, for somebody else to decide; and how far people agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from curation.review import Bench, Dispute, Draft, Refused, review_agreement
from tamiz.errors import Conflict, TamizError
from tamiz.opinions import Opinion
from ui.session import Window
from ui.widgets.agreement import draw_agreement, draw_reasons
from ui.widgets.diff import diff_html
from ui.widgets.pair_form import REASONS
from ui.widgets.text import literal, show_plain
from ui.wording import Words

__all__ = ["show"]

PLACE = "dispute_after"  # the number of the pair behind which the list goes on
BESIDE = 3  # opinions in a row


def show(window: Window) -> None:
    """Draw the next dispute with its opinions, and below how far people agree."""
    words = window.words
    show_plain(words("screen.adjudicate"), kind="tz-title")
    try:
        bench = Bench(window.store, window.reviewer)
    except Refused as refused:
        st.warning(words(f"refused.{refused.code}"))
        return
    kind, said = st.session_state.pop("dispute_notice", ("", ""))
    if kind:
        (st.success if kind == "success" else st.warning)(said)
    if window.may("decide"):
        _draw_next(bench, words)
    st.subheader(words("agreement.title"))
    draw_agreement(review_agreement(window.store, bench.by), words)
    draw_reasons(window.store, words)


def _draw_next(bench: Bench, words: Words) -> None:
    after = st.session_state.get(PLACE, 0)
    found = bench.disputes(after=after, limit=1) or (bench.disputes(limit=1) if after else [])
    number = bench.count()
    st.caption(words("dispute.count", number=number))
    if not found:
        st.info(words("dispute.none"))
        _draw_undo(bench, (), words)
        return
    (dispute,) = found
    _draw_pair(dispute, words)
    _draw_opinions(bench, dispute, words)
    if dispute.mine_to_decide:
        _draw_own(bench, dispute, words)
    else:
        st.info(words("dispute.not_yours"))
    with st.container(horizontal=True):
        if number > 1:
            st.button(words("dispute.later"), icon=":material/skip_next:", on_click=_later, args=(dispute,))
        _draw_undo(bench, (dispute,), words)


def _draw_pair(dispute: Dispute, words: Words) -> None:
    with st.container(border=True):
        for field in ("question", "answer"):
            st.caption(words(f"field.{field}"))
            show_plain(getattr(dispute.pair, field))


def _draw_opinions(bench: Bench, dispute: Dispute, words: Words) -> None:
    for start in range(0, len(dispute.opinions), BESIDE):
        row = dispute.opinions[start : start + BESIDE]
        for opinion, column in zip(row, st.columns(len(row)), strict=True):
            with column, st.container(border=True, height="stretch"):
                _draw_opinion(bench, dispute, opinion, words)


def _draw_opinion(bench: Bench, dispute: Dispute, opinion: Opinion, words: Words) -> None:
    accepts = opinion.decision == "accept"
    icon, colour = ("check", "green") if accepts else ("close", "red")
    who = literal(opinion.actor.removeprefix("person:"))
    st.markdown(f"**{who}** · :{colour}[:material/{icon}: {words(f'opinion.{opinion.decision}')}]")
    if opinion.reason:
        show_plain(words.known(f"reason.{opinion.reason}", opinion.reason))
    if accepts and opinion.edited is None:
        st.caption(words("opinion.as_it_is"))
    for field in ("question", "answer"):
        changes = dispute.changes(opinion, field)
        if changes:
            st.caption(words(f"field.{field}"))
            st.html(diff_html(changes))
    if opinion.edited is not None and opinion.edited.label != dispute.pair.label:
        st.caption(words("field.label"))
        show_plain(opinion.edited.label or "—")
    if dispute.mine_to_decide:
        st.button(
            words("dispute.take", name=who),
            key=f"take-{dispute.key}-{opinion.seq}",
            icon=f":material/{icon}:",
            on_click=_press,
            args=(words, lambda: _follow(bench, dispute, opinion)),
        )


def _follow(bench: Bench, dispute: Dispute, opinion: Opinion) -> None:
    if opinion.decision == "reject":
        bench.reject(dispute, opinion.reason)
    else:
        bench.accept(dispute, opinion=opinion)


def _draw_own(bench: Bench, dispute: Dispute, words: Words) -> None:
    """Neither of them: a text of one's own, or a reason of one's own."""
    key, pair = dispute.key, dispute.pair
    with st.expander(words("dispute.own")), st.form(f"own-{key}", border=False, enter_to_submit=False):
        st.text_area(words("field.question"), value=pair.question, height="content", key=f"own-question-{key}")
        st.text_area(words("field.answer"), value=pair.answer, height="content", key=f"own-answer-{key}")
        st.selectbox(
            words("field.reason"),
            REASONS,
            index=None,
            format_func=lambda code: words(f"reason.{code}"),
            key=f"own-reason-{key}",
        )
        with st.container(horizontal=True):
            _submit(words("button.accept"), "check", words, lambda: bench.accept(dispute, draft=_own(dispute)))
            reason = f"own-reason-{key}"
            rejects = lambda: bench.reject(dispute, str(st.session_state.get(reason) or ""))  # noqa: E731
            _submit(words("button.reject"), "close", words, rejects)


def _submit(label: str, icon: str, words: Words, act: Callable[[], object]) -> None:
    st.form_submit_button(label, icon=f":material/{icon}:", on_click=_press, args=(words, act))


def _own(dispute: Dispute) -> Draft:
    values = st.session_state
    question, answer = (str(values[f"own-{field}-{dispute.key}"]) for field in ("question", "answer"))
    return Draft(question=question, answer=answer, label=dispute.pair.label, lang=dispute.pair.lang)


def _draw_undo(bench: Bench, shown: Sequence[Dispute], words: Words) -> None:
    act = (words, lambda: bench.undo(shown), "done.undo")
    st.button(words("button.undo"), key="dispute-undo", icon=":material/undo:", on_click=_press, args=act)


def _later(dispute: Dispute) -> None:
    st.session_state[PLACE] = dispute.stored.seq


def _press(words: Words, act: Callable[[], object], done: str = "") -> None:
    try:
        act()
    except Refused as refused:
        notice = ("warning", words(f"refused.{refused.code}"))
    except Conflict:
        notice = ("warning", words("notice.conflict"))
    except TamizError as error:
        notice = ("warning", literal(str(error)))
    else:
        notice = ("success", words(done or "dispute.decided"))
    st.session_state["dispute_notice"] = notice
