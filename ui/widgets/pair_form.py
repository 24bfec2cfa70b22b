"""One pair as a form: its fields, what the steps propose, and the buttons, so that a key keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from curation.edits import usable
from curation.review import Card, Draft, Proposal
from curation.synthesis.gates.findings import reason_of
from tamiz.language import UNKNOWN
from tamiz.records import KEPT_STEP, PRIVACY_STEP, SYNTHESIS_STEPS, Finding
from ui.widgets.diff import diff_html
from ui.widgets.text import plain
from ui.wording import Words

__all__ = ["BUTTONS", "REASONS", "SETTLING_ICONS", "TEXTS", "are_filled", "draw_form", "fill_fields"]
__all__ += ["forget_fields", "name_of", "read_draft"]

# Letters alone would end up in the text: every key has Ctrl or Alt, and none is taken by text fields or browsers.
BUTTONS = {"accept": "Ctrl+Enter", "reject": "Alt+X", "skip": "Alt+K", "save": "Alt+G", "undo": "Alt+Z"}
ICONS = {"accept": "check", "reject": "close", "skip": "skip_next", "save": "save", "undo": "undo"}
SETTLING_ICONS = {"mask": "visibility_off", "keep": "public", "take_back": "undo"}
TEXTS = ("question", "answer", "label")  # the fields in which one types
REASONS = ("wrong", "outdated", "off-topic", "no-answer", "personal", "duplicate", "unreadable")

Press = Callable[[str, Card], None]


def fill_fields(card: Card, draft: Draft) -> None:
    """Put the draft into the card's fields; what anybody has typed there is overwritten."""
    values = st.session_state
    for field in (*TEXTS, "lang"):
        values[name_of(card, field)] = getattr(draft, field)
    values[name_of(card, "reason")] = draft.reason or None
    for proposal in card.proposals:
        values[name_of(card, f"take-{proposal.finding.id}")] = proposal.finding.id in draft.chosen


def are_filled(card: Card) -> bool:
    """Whether the fields hold something already: a draft, or what was submitted."""
    return name_of(card, "question") in st.session_state


def forget_fields(card: Card) -> None:
    """Empty the fields, so that they are filled anew when they are drawn next."""
    for field in (*TEXTS, "lang", "reason", *(f"take-{proposal.finding.id}" for proposal in card.proposals)):
        st.session_state.pop(name_of(card, field), None)


def draw_form(card: Card, languages: Sequence[str], words: Words, press: Press) -> None:
    """Draw the card with what its fields hold; a button or its key calls `press(action, card)`."""
    with st.form(f"form-{card.key}", enter_to_submit=False, border=False):
        texts, findings = (
            st.columns([3, 2], gap="medium") if card.proposals or card.warnings or card.kept else (st.container(), None)
        )
        with texts:
            _draw_fields(card, languages, words)
            _draw_reason(card, words)
        if findings is not None:
            with findings:
                _draw_findings(card, words, press)
        _draw_buttons(card, words, press)


def read_draft(card: Card) -> Draft:
    """What the card's fields hold now."""
    values = st.session_state
    offered = [proposal.finding for proposal in card.proposals]
    ticked = [finding for finding in offered if values.get(name_of(card, f"take-{finding.id}"))]
    chosen = usable(card.pair, offered) if values.get(name_of(card, "take-all")) else ticked
    return Draft(
        question=values.get(name_of(card, "question"), card.pair.question),
        answer=values.get(name_of(card, "answer"), card.pair.answer),
        label=values.get(name_of(card, "label"), card.pair.label),
        lang=values.get(name_of(card, "lang"), card.pair.lang),
        chosen=tuple(finding.id for finding in chosen),
        reason=str(values.get(name_of(card, "reason")) or ""),
    )


def name_of(card: Card, field: str) -> str:
    """The key of a field of this card; the browser has it as a class, st-key-…"""
    return f"{field}-{card.key}"


def _draw_fields(card: Card, languages: Sequence[str], words: Words) -> None:
    """Each field says what it holds with every run: a browser that missed the run that filled it would show none."""
    values = {field: str(st.session_state[name_of(card, field)]) for field in (*TEXTS, "lang")}
    for field in ("question", "answer"):
        st.text_area(words(f"field.{field}"), values[field], height="content", key=name_of(card, field))
    label, lang = st.columns([2, 1])
    label.text_input(words("field.label"), values["label"], max_chars=200, key=name_of(card, "label"))
    codes = list(dict.fromkeys([*languages, card.pair.lang, values["lang"], UNKNOWN]))
    lang.selectbox(
        words("field.language"),
        codes,
        index=codes.index(values["lang"]),
        format_func=lambda code: words.known(f"language.{code}", code),
        key=name_of(card, "lang"),
    )


def _draw_findings(card: Card, words: Words, press: Press) -> None:
    if card.proposals:
        st.markdown(f"**{words('findings.proposed')}**")
    if len(card.proposals) > 1:
        st.checkbox(words("findings.take_all"), key=name_of(card, "take-all"))
    for proposal in card.proposals:
        _draw_proposal(card, proposal, words)
        if proposal.finding.step == PRIVACY_STEP:
            _draw_settling(card, proposal.finding, ("mask", "keep"), words, press)
    if card.warnings:
        st.markdown(f"**{words('findings.warnings')}**")
        st.html("".join(_warning_html(card, finding, words) for finding in card.warnings))
    if card.kept:
        st.markdown(f"**{words('findings.kept')}**")
    for finding in card.kept:
        st.html(_warning_html(card, finding, words))
        _draw_settling(card, finding, ("take_back",), words, press)


def _draw_proposal(card: Card, proposal: Proposal, words: Words) -> None:
    finding = proposal.finding
    take = words(
        "findings.take",
        field=words(_field(finding)),
        what=words.known(f"finding.{finding.kind}", words("finding.other")),
        confidence=f"{finding.confidence:.2f}",
    )
    key = name_of(card, f"take-{finding.id}")
    st.checkbox(take, bool(st.session_state[key]), key=key)
    st.html(diff_html(proposal.segments) + _note_html(finding, words))


def _field(finding: Finding) -> str:
    """The word for a finding's field; all turns of the context have one."""
    return f"field.{finding.field.partition(' ')[0]}"


def _draw_settling(card: Card, finding: Finding, actions: Sequence[str], words: Words, press: Press) -> None:
    """Buttons that settle what was found with one click each."""
    with st.container(horizontal=True, gap="xsmall"):
        for action in actions:
            st.form_submit_button(
                words(f"button.{action}"),
                type="tertiary",
                icon=f":material/{SETTLING_ICONS[action]}:",
                key=name_of(card, f"{action}-{finding.id}"),
                on_click=press,
                args=(f"{action}:{finding.id}", card),
            )


def _warning_html(card: Card, finding: Finding, words: Words) -> str:
    what = words.known(f"finding.{finding.kind}", words("finding.other"))
    lines = [plain(f"{words(_field(finding))}: {what}" if finding.field else what, tag="b")]
    if finding.before and finding.field:
        lines.append(plain(finding.before))
    lines.append(_note_html(finding, words))
    witness = card.witnesses.get(finding.witness)
    if witness is not None:
        lines += [plain(words("findings.witness"), kind="tz-small")]
        texts = (witness.question, witness.answer) if witness.question else (words("card.sealed"),)
        lines += [plain(text) for text in texts]
    return f'<div class="tz-warning">{"".join(lines)}</div>'


def _note_html(finding: Finding, words: Words) -> str:
    """The step's own words; a kind that we have no words for is named with its step."""
    kind = words.known(f"finding.{finding.kind}", "")
    who = finding.note.removeprefix("person:")
    note = words("findings.kept_by", who=who) if finding.step == KEPT_STEP else finding.note
    if finding.step in SYNTHESIS_STEPS and kind:
        note = reason_of(finding, words.language)
    said = [note] if kind else [f"{finding.step}: {finding.kind}", note]
    return "".join(plain(text, kind="tz-small") for text in said if text)


def _draw_reason(card: Card, words: Words) -> None:
    st.selectbox(
        words("field.reason"),
        REASONS,
        index=None,
        format_func=lambda reason: words.known(f"reason.{reason}", reason),
        placeholder=words("field.reason_hint"),
        accept_new_options=True,
        key=name_of(card, "reason"),
    )


def _draw_buttons(card: Card, words: Words, press: Press) -> None:
    with st.container(horizontal=True, gap="xsmall", key="decide"):  # the key is its class in styles.css
        for action, shortcut in BUTTONS.items():
            st.form_submit_button(
                words(f"button.{action}"),
                type="primary" if action == "accept" else "secondary",
                icon=f":material/{ICONS[action]}:",
                shortcut=shortcut,
                key=name_of(card, action),
                on_click=press,
                args=(action, card),
            )
