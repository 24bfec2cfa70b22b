"""The chat screen: a talk with an adapter or its base, in a process of its own; bad answers go to be mended."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from curation.chat_notes import Said, note_bad, note_good, noted
from curation.runs import Broken, adapter_cards
from tamiz.errors import TamizError
from tamiz.language import UNKNOWN, guess_language
from tamiz.records import RunCard, Turn
from tamiz.talk import Reply, Talk, Talks
from ui.session import Window
from ui.widgets.job import may
from ui.widgets.text import literal, plain, show_plain
from ui.wording import Words

__all__ = ["show"]

BASE = ""  # stands for the base without an adapter among the names
SECONDS_BETWEEN_LOOKS = 0.4
LONGEST_QUESTION = 4000


@dataclass(slots=True)
class Exchange:
    """A question of this tab's talk and its answer, which may still be on its way."""

    question: str
    reply: Reply
    history: tuple[Turn, ...]


@dataclass(slots=True)
class Session:
    """A tab's talk with one model."""

    model: str
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return bool(self.exchanges) and self.exchanges[-1].reply.state == "open"

    def turns(self) -> tuple[Turn, ...]:
        """What was said so far. An answer without a word is none, nor is its question."""
        said = [one for one in self.exchanges if one.reply.text.strip()]
        pairs = [(Turn(role="user", content=e.question), Turn(role="assistant", content=e.reply.text)) for e in said]
        return tuple(turn for pair in pairs for turn in pair)


@st.cache_resource(show_spinner=False, on_release=lambda talks: talks.close())
def _talks() -> Talks:
    """The models in memory, shared by all tabs of this server."""
    return Talks()


def show(window: Window) -> None:
    """Draw the choice of a model, the talk so far, and a field for the next question."""
    words = window.words
    show_plain(words("screen.chat"), kind="tz-title")
    found = adapter_cards(window.project)
    cards = {card.name: card for card in found if isinstance(card, RunCard)}
    for broken in found:
        if isinstance(broken, Broken):
            st.warning(words("training.broken", name=literal(broken.name), reason=literal(broken.reason)))
    base = window.project.settings.tuning.base
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    model = left.selectbox(
        words("chat.model"),
        [*cards, BASE],
        format_func=lambda name: words("chat.base", base=base) if name == BASE else _label(cards[name], words),
        key="chat_model",
    )
    if not cards:
        show_plain(words("chat.no_adapter"), kind="tz-small")
    if not may(window, "look"):
        st.info(words("job.not_yours"))
        return
    session = _session(model)
    right.button(
        words("chat.anew"),
        icon=":material/refresh:",
        disabled=not session.exchanges,
        on_click=lambda: st.session_state.pop("chat_session", None),
        width="stretch",
    )
    try:
        talk = _talk(window, cards.get(model))
    except TamizError as error:
        st.error(literal(str(error)))
        return
    _draw_talk(window, session, talk, cards.get(model))


def _label(card: RunCard, words: Words) -> str:
    return words("chat.adapter", name=card.name, version=card.dataset_version)


def _session(model: str) -> Session:
    session = st.session_state.get("chat_session")
    if not isinstance(session, Session) or session.model != model:
        session = Session(model)
        st.session_state["chat_session"] = session
    return session


def _talk(window: Window, card: RunCard | None) -> Talk:
    arguments = ["--base"] if card is None else [card.name]
    made = "" if card is None else card.finished_at
    return _talks().talk(window.project.folder, arguments, made=made)


def _draw_talk(window: Window, session: Session, talk: Talk, card: RunCard | None) -> None:
    words = window.words
    waiting = session.open or not talk.ready()

    @st.fragment(run_every=SECONDS_BETWEEN_LOOKS if waiting else None)
    def draw() -> None:
        if waiting and talk.ready() and not session.open:
            st.rerun()  # the rest of the page waits for this
        _draw_model(talk, words)
        for place, exchange in enumerate(session.exchanges):
            _draw_exchange(window, session, place, exchange, talk, card)

    draw()
    if talk.error:
        return
    if card is not None and card.task == "classify":
        show_plain(words("chat.labels"), kind="tz-small")
    asked = st.chat_input(words("chat.ask"), max_chars=LONGEST_QUESTION, disabled=session.open, key="chat_asked")
    if asked and asked.strip():
        history = session.turns()
        messages = [{"role": turn.role, "content": turn.content} for turn in history]
        reply = talk.ask([*messages, {"role": "user", "content": asked.strip()}])
        session.exchanges.append(Exchange(question=asked.strip(), reply=reply, history=history))
        st.rerun()


def _draw_model(talk: Talk, words: Words) -> None:
    if talk.error:
        st.error(words("chat.failed", error=literal(talk.error)))
        st.button(words("chat.again"), icon=":material/restart_alt:")  # a dead process is started anew
    elif not talk.ready():
        told = plain(words("chat.loading"), kind="tz-small")
        st.html(f'<div role="status">{told}<progress class="tz-progress"></progress></div>')
    else:
        facts = talk.facts
        about = words("chat.loaded", base=facts["base"], device=facts["device"], seconds=f"{facts['seconds']:.1f}")
        show_plain(about, kind="tz-small")


def _draw_exchange(
    window: Window, session: Session, place: int, exchange: Exchange, talk: Talk, card: RunCard | None
) -> None:
    words, reply = window.words, exchange.reply
    with st.chat_message("user"):
        show_plain(exchange.question)
    with st.chat_message("assistant"):
        if reply.text:
            show_plain(reply.text)
        if reply.state == "open":
            if not reply.text:
                show_plain(words("chat.thinking"), kind="tz-small")
            st.button(
                words("chat.stop"), key=f"stop-{place}", icon=":material/stop:", on_click=talk.stop, args=(reply,)
            )
            return
        if reply.state == "failed":
            st.error(words("chat.failed", error=literal(reply.error)))
            return
        if not reply.text:
            show_plain(words("chat.nothing_said"), kind="tz-small")
        about = words("chat.stopped" if reply.state == "stopped" else "chat.took", seconds=f"{reply.seconds:.1f}")
        show_plain(about, kind="tz-small")
        _draw_thumbs(window, _said(window, session, exchange, card), place)


def _said(window: Window, session: Session, exchange: Exchange, card: RunCard | None) -> Said:
    languages = window.project.settings.project.languages
    lang = guess_language(exchange.question, languages)
    return Said(
        question=exchange.question,
        answer=exchange.reply.text,
        lang=languages[0] if lang == UNKNOWN else lang,
        model=session.model or "base",
        base=card.base if card is not None else window.project.settings.tuning.base,
        version=card.dataset_version if card is not None else "",
        history=exchange.history,
    )


def _draw_thumbs(window: Window, said: Said, place: int) -> None:
    words, by = window.words, f"person:{window.reviewer}"
    if not window.reviewer.strip() or not may(window, "decide"):
        return
    thought = noted(window.store, [said], by=by).get(said.key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            words("chat.good"),
            key=f"good-{place}-{said.key}",
            icon=":material/thumb_up:",
            type="primary" if thought is True else "secondary",
            on_click=_good,
            args=(window, said),
        )
        with st.popover(
            words("chat.bad"),
            icon=":material/thumb_down:",
            type="primary" if thought is False else "secondary",
            key=f"bad-{place}-{said.key}-{thought}",  # another one once it is sent: it closes
        ):
            show_plain(words("chat.bad_explained"))
            with st.form(f"send-{place}-{said.key}", border=False):
                remark = st.text_area(words("chat.remark"), max_chars=500)
                if st.form_submit_button(words("chat.send"), icon=":material/send:", type="primary"):
                    _bad(window, said, remark)
        if notice := st.session_state.get(f"chat-notice-{said.key}", ""):
            st.html(f'<div role="status">{plain(notice, kind="tz-small")}</div>')
    if thought is False:
        window.link("review", words("chat.review_link"))


def _good(window: Window, said: Said) -> None:
    try:
        note_good(window.store, said, by=f"person:{window.reviewer}")
    except TamizError as error:
        _notice(said, str(error))
        return
    words = window.words
    _notice(said, words("chat.good_noted"))


def _bad(window: Window, said: Said, remark: str) -> None:
    words = window.words
    try:
        found = note_bad(window.store, said, by=f"person:{window.reviewer}", remark=remark)
    except TamizError as error:
        _notice(said, str(error))
    else:
        _notice(said, words("chat.bad_noted" if found.new else "chat.bad_known"))
    st.rerun()


def _notice(said: Said, text: str) -> None:
    st.session_state[f"chat-notice-{said.key}"] = text
