"""What a run came to, what it would come to, and what all calls have come to so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from curation.synthesis.judging import JUDGE
from tamiz.store import Store
from tamiz.synthledger import Spent, spent_by_recipe
from ui.widgets.synth_said import reason_in_words
from ui.widgets.table import draw_table
from ui.widgets.text import plain, show_plain
from ui.wording import Words

__all__ = ["FIGURES", "LEDGER", "WHY", "draw_estimate", "draw_ledger", "draw_report"]

WHY = ("failures", "left_out")
LEDGER = ("recipe", "model", "asked", "ok", "failed", "pending", "tokens_out", "tokens_back", "price")
FIGURES = ("asked", "ok", "failed", "made", "clean")


def draw_estimate(found: Mapping[str, Any] | None, words: Words, *, same: bool) -> None:
    """Calls, tokens and price of an estimate; `same`: it is of what the fields say now."""
    if found is None:
        st.caption(words("synth.estimate_none"))
        return
    with st.container(horizontal=True):
        calls_most = words("synth.at_most", number=f"{found.get('calls_most', found['calls']):,}")
        st.metric(words("synth.calls"), f"{found['calls']:,}", help=f"{calls_most}. {words('synth.asked_again')}")
        st.metric(words("synth.tokens_out"), f"{found['prompt_tokens']:,}")
        back, most = found["completion_tokens"], found["completion_tokens_most"]
        st.metric(words("synth.tokens_back"), f"{back:,}", help=words("synth.at_most", number=f"{most:,}"))
        usd, usd_most = found["usd"], found["usd_most"]
        price = words("synth.no_price") if usd is None else f"${usd:,.2f}"
        st.metric(
            words("synth.price"),
            price,
            help=None if usd is None else words("synth.at_most", number=f"{usd_most:,.2f} US$"),
        )
    said = [words("synth.answered", number=f"{found['answered']:,}")] if found["answered"] else []
    if found.get("beyond"):
        said.append(words("synth.beyond", cap=found["cap"], number=f"{found['beyond']:,}"))
    said += [] if same else [words("synth.estimate_old")]
    if said:
        st.caption(" ".join(said))


def draw_report(report: Mapping[str, Any], words: Words) -> None:
    """A run: its calls, which add up, its pairs, and why something failed, was left out or stopped."""
    figures = FIGURES if report["provider"] else ("made", "clean")
    with st.container(horizontal=True):
        for name in figures:
            st.metric(words(f"synth_figure.{name}"), f"{report[name]:,}")
    done = report["materials"] - report["not_asked"]
    lines = [words("synth.worked_on", done=f"{done:,}", all=f"{report['materials']:,}")]
    if report["divided"]:
        lines.append(words("synth.divided", number=f"{report['divided']:,}"))
    if report["known"]:
        lines.append(words("synth.known", number=f"{report['known']:,}"))
    if report["left_open"]:
        lines.append(words("synth.left_open", number=f"{report['left_open']:,}"))
    if report["provider"]:
        usd = words("synth.no_price") if report["usd"] is None else f"${report['usd']:,.4f}"
        spent = {"out": f"{report['prompt_tokens']:,}", "back": f"{report['completion_tokens']:,}", "usd": usd}
        lines.append(words("synth.spent", **spent))
    st.html("".join(plain(line, kind="tz-small") for line in lines))
    if report["stopped"]:
        st.html(plain(words("synth.stopped", why=reason_in_words(report["stopped"], words)), kind="tz-warning"))
    for name in WHY:
        if counts := report[name]:
            with st.expander(words(f"synth_why.{name}", number=f"{sum(counts.values()):,}")):
                st.html("".join(plain(f"{number:,}  {reason_in_words(why, words)}") for why, number in counts.items()))


def draw_ledger(store: Store, words: Words) -> None:
    """What all calls have come to, by recipe and model; asked is always what is ok and what has failed."""
    spent = spent_by_recipe(store)
    if not spent:
        return
    show_plain(words("synth.ledger"), kind="tz-heading")
    told: dict[str, Callable[[Spent], Any]] = {
        "recipe": lambda one: words("judge.verdicts") if one.recipe == JUDGE.name else _named(one.recipe, words),
        "model": lambda one: one.model,
        "asked": lambda one: one.ok + one.failed,
        "ok": lambda one: one.ok,
        "failed": lambda one: one.failed,
        "pending": lambda one: one.pending,
        "tokens_out": lambda one: one.prompt_tokens,
        "tokens_back": lambda one: one.completion_tokens,
        "price": lambda one: f"${one.usd:,.4f}",
    }
    names = [name for name in LEDGER if name != "pending" or any(one.pending for one in spent)]
    shown = {words(f"synth_ledger.{name}"): list(map(told[name], spent)) for name in names}
    draw_table(shown)
    st.caption(words("synth.adds_up"))


def _named(recipe: str, words: Words) -> str:
    return words.known(f"recipe.{recipe}", recipe)
