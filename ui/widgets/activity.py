"""Who did what, and when: the latest first, by day, in the time of who looks."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from tamiz.activity import Deed, deeds, person_deeds
from ui.session import Window
from ui.widgets.when import here, zone
from ui.wording import Words

__all__ = ["ACTORS", "COLUMNS", "MOVES", "draw_activity", "draw_people", "grouped"]

PAGE = 60  # deeds, each the work of one actor in one hour
MOVES = ("arrive", "sieve", "accept", "reject", "edit", "skip", "undo", "withdraw", "seal", "unseal")
ACTORS = ("rule", "source", "import", "step")
COLUMNS = ("who", "today", "week", "accept", "reject", "edit")  # of the table of people


def draw_activity(window: Window) -> None:
    """Draw a page of what happened, of people alone or of the rules and sources too, and a way to what was before."""
    words = window.words
    everything = st.toggle(words("activity.everything"), key="activity-everything")
    trail: list[int] = st.session_state.setdefault(f"activity-trail-{everything}", [])
    before = trail[-1] if trail else None
    found = deeds(window.store, limit=PAGE + 1, before=before, people_only=not everything)
    if not found:
        st.html(f'<div class="tz-small">{html.escape(words("activity.none"))}</div>')
    now = datetime.now(zone())
    for day, lines in grouped(found[:PAGE]):
        items = "".join(f"<li>{html.escape(_line(deed, words))}</li>" for deed in lines)
        st.html(f'<div class="tz-day">{html.escape(_day(day, now, words))}</div><ul class="tz-deeds">{items}</ul>')
    with st.container(horizontal=True):
        if trail:
            st.button(words("activity.newer"), key="activity-newer", type="tertiary", on_click=_back, args=(trail,))
        if len(found) > PAGE:
            last = found[PAGE - 1].last_seq
            st.button(
                words("activity.older"), key="activity-older", type="tertiary", on_click=trail.append, args=(last,)
            )


def _back(trail: list[int]) -> None:
    trail.pop()


def grouped(found: Sequence[Deed]) -> list[tuple[str, list[Deed]]]:
    """Deeds by the day of who looks; what one actor did of one move on a day is one line, where its last hour was."""
    days: dict[str, dict[tuple[str, str], Deed]] = {}
    for deed in found:
        lines = days.setdefault(f"{here(deed.last_at):%Y-%m-%d}", {})
        known = lines.get((deed.actor, deed.move))
        lines[deed.actor, deed.move] = deed if known is None else _together(known, deed)
    return [(day, list(lines.values())) for day, lines in days.items()]


def _together(later: Deed, earlier: Deed) -> Deed:
    return Deed(
        actor=later.actor,
        move=later.move,
        pairs=later.pairs + earlier.pairs,
        first_at=min(later.first_at, earlier.first_at),
        last_at=max(later.last_at, earlier.last_at),
        last_seq=later.last_seq,
    )


def _line(deed: Deed, words: Words) -> str:
    kind, _, name = deed.actor.partition(":")
    who = words(f"actor.{kind}", name=name) if kind in ACTORS else name or deed.actor
    pairs = words("activity.one") if deed.pairs == 1 else words("activity.many", pairs=f"{deed.pairs:,}")
    move = deed.move if deed.move in MOVES else "other"
    first, last = f"{here(deed.first_at):%H:%M}", f"{here(deed.last_at):%H:%M}"
    when = last if first == last else f"{first}-{last}"
    return f"{words(f'deed.{move}', who=who, pairs=pairs, move=deed.move)} · {when}"


def _day(day: str, now: datetime, words: Words) -> str:
    if day == f"{now:%Y-%m-%d}":
        return words("activity.today")
    return words("activity.yesterday") if day == f"{now - timedelta(days=1):%Y-%m-%d}" else day


def draw_people(window: Window) -> None:
    """Draw how much each person has decided today and this week, in the time of who looks."""
    words, now = window.words, datetime.now(zone())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    today, week = (person_deeds(window.store, since=_hour(start)) for start in (midnight, monday))
    if not week:
        st.html(f'<div class="tz-small">{html.escape(words("people.nobody"))}</div>')
        return
    head = "".join(f'<th scope="col">{html.escape(words(f"people.{name}"))}</th>' for name in COLUMNS)
    rows = []
    for name, moves in sorted(week.items(), key=lambda one: (-_decided(one[1]), one[0])):
        counts = (_decided(today.get(name, {})), _decided(moves), *(moves.get(move, 0) for move in COLUMNS[3:]))
        cells = "".join(f"<td>{count:,}</td>" for count in counts)
        rows.append(f'<tr><th scope="row">{html.escape(name)}</th>{cells}</tr>')
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    st.html(f'<div class="tz-scroll" tabindex="0"><table class="tz-table">{body}</table></div>')


def _hour(start: datetime) -> str:
    return f"{start.astimezone(UTC):%Y-%m-%dT%H}"


def _decided(moves: dict[str, int]) -> int:
    """Decisions and opinions, those taken back too; an edit alone decides nothing yet."""
    return sum(moves.get(name, 0) for name in ("accept", "reject", "opinion"))
