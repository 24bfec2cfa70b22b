"""Keeps what is typed in a review form: keeper.js tells it in the browser, curation.typed keeps it in the store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from curation.review import Card
from curation.typed import keep_typed, typed_from
from tamiz.drafts import DRAFTED, load_draft
from tamiz.language import UNKNOWN
from tamiz.records import SealedPair
from tamiz.store import StoredPair
from ui.session import Window
from ui.widgets.browser_script import keeper
from ui.widgets.pair_form import REASONS, TEXTS, forget_fields, name_of
from ui.wording import Words

__all__ = ["forget_local_copy", "keep_texts", "keep_what_is_typed"]

CHOICES = ("lang", "reason")  # the fields in which one selects
NOTHING = {"typed": lambda: None, "found": lambda: None}


def keep_what_is_typed(window: Window, by: str, card: Card) -> None:
    """Keep the card's fields from the first key on; what a page or server took with it comes back into them."""
    fields = {
        "texts": {name: name_of(card, name) for name in TEXTS},
        "ticks": [[one.finding.id, name_of(card, f"take-{one.finding.id}")] for one in card.proposals],
        "choices": {name: name_of(card, name) for name in CHOICES},
        "shown": _shown(card, window.words),
        "hurried": True,
    }
    here = _ask_browser(window, by, card.key, card.stored, fields)
    if here:
        st.session_state["brought_back"] = (card.key, window.store.timestamp())
        if not here[-1].get("shown"):
            forget_fields(card)
        st.rerun()


def keep_texts(window: Window, by: str, key: str, stored: StoredPair, texts: Mapping[str, str]) -> bool:
    """Keep the texts of a form without proposals, by the keys of its fields; whether some came back for this pair.

    What was typed about the pair's label, language and proposals elsewhere stays.
    """
    shown = {name: re.sub(r"\r\n?", "\n", str(st.session_state[field])) for name, field in texts.items()}
    fields = {"texts": dict(texts), "ticks": [], "choices": {}, "shown": {**shown, "chosen": []}}
    here = _ask_browser(window, by, key, stored, fields)
    return any(not entry.get("shown") for entry in here)


def _ask_browser(window: Window, by: str, key: str, stored: StoredPair, fields: Mapping[str, Any]) -> list[Any]:
    """Take what the browser tells of these fields, and what it had kept; the entries of this pair among the latter."""
    data = {
        "project": hashlib.sha256(str(window.project.folder).encode()).hexdigest()[:12],
        "person": hashlib.sha256(by.encode()).hexdigest()[:12],
        "pair": stored.pair.id,
        "version": stored.version,
        "card": key,
        "saved": _saved(),
        **fields,
    }
    told = keeper(
        key=f"keeper-{key}",
        data=data,
        height=1,
        on_typed_change=NOTHING["typed"],
        on_found_change=NOTHING["found"],
    )
    if told.get("typed"):
        _take(window, by, told["typed"])
    found = [entry for entry in told.get("found") or [] if _take(window, by, entry)]
    return [entry for entry in found if entry["pair"] == stored.pair.id]


def forget_local_copy(pair: str) -> None:
    """Let the browser drop what it keeps of this pair, whenever it was typed."""
    _saved()[pair] = 2**53 - 1


def _take(window: Window, by: str, entry: Any) -> bool:
    """Keep one entry of the browser's memory; False where it is not to be shown again."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("pair"), str):
        return False
    store = window.store
    stored = store.pairs_by_id([entry["pair"]]).get(entry["pair"])
    at = entry.get("at")
    _saved()[entry["pair"]] = at if isinstance(at, (int, float)) else 0
    seen = stored is not None and stored.state == "accepted" and stored.version == entry.get("version")
    if stored is None or isinstance(stored.pair, SealedPair) or not (seen or stored.state in DRAFTED):
        _show_lost(window, by, entry, decided=stored is not None)
        return False
    if "label" in entry:
        body = {**entry, **_codes(entry, window.words)}
    else:  # of a form that has two texts alone
        before = load_draft(store, by, stored.pair.id)
        body = {**(before.body if before else {}), "question": entry.get("question"), "answer": entry.get("answer")}
    draft = typed_from(body, stored.pair)
    if draft is None:
        return False
    return keep_typed(store, by, stored.pair, stored.version, draft)


def _show_lost(window: Window, by: str, entry: Mapping[str, Any], *, decided: bool) -> None:
    """Somebody else has decided the pair meanwhile: the words typed for it are shown once more, to be copied."""
    history = window.store.history(entry["pair"]) if decided else []
    if history and history[-1].actor != by and isinstance(entry.get("question"), str):
        st.session_state["lost"] = (entry["pair"], str(entry["question"]), str(entry.get("answer", "")))


def _shown(card: Card, words: Words) -> dict[str, Any]:
    """What the fields hold as far as the server knows, as the browser reads it there."""
    values = st.session_state
    texts = {name: re.sub(r"\r\n?", "\n", str(values[name_of(card, name)])) for name in TEXTS}
    chosen = {name: str(values.get(name_of(card, name)) or "") for name in CHOICES}
    choices = {name: _named(words)[name].get(code, code) for name, code in chosen.items()}
    ticked = [one.finding.id for one in card.proposals if values[name_of(card, f"take-{one.finding.id}")]]
    return {**texts, **choices, "chosen": ticked}


def _codes(entry: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What is selected, which the browser has in the words of the screen."""
    codes = {name: {text: code for code, text in named.items()} for name, named in _named(words).items()}
    said = {name: str(entry.get(name) or "") for name in CHOICES}
    return {name: codes[name].get(text, text) for name, text in said.items()}


def _named(words: Words) -> dict[str, dict[str, str]]:
    """What the selections show for their codes; a code that has no name is shown as it is."""
    langs = {code: words.known(f"language.{code}", code) for code in ("es", "en", UNKNOWN)}
    return {"lang": langs, "reason": {code: words.known(f"reason.{code}", code) for code in REASONS}}


def _saved() -> dict[str, float]:
    """Up to when the store has what was typed, by pair, as the browser counts time."""
    saved: dict[str, float] = st.session_state.setdefault("typed_until", {})
    return saved
