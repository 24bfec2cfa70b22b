"""Moments and spans of time as people read them, in the browser's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ui.wording import Words

__all__ = ["here", "moment", "span", "zone"]


def zone() -> ZoneInfo:
    """The browser's time zone; UTC where it does not say one that is known here."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def here(at: str) -> datetime:
    """A moment of the store or of a job (ISO 8601, UTC) as the browser's clock shows it."""
    found = datetime.fromisoformat(at)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(zone())


def moment(at: str) -> str:
    """Day and time of a moment, to the minute; "" for none."""
    return here(at).strftime("%Y-%m-%d %H:%M") if at else ""


def span(seconds: float, words: Words) -> str:
    """How long something takes, no finer than anybody needs: 45 s, 3 min 20 s, 2 h 5 min."""
    whole = int(seconds)
    if whole < 60:
        return words("span.seconds", seconds=whole)
    if whole < 3600:
        return words("span.minutes", minutes=whole // 60, seconds=whole % 60)
    return words("span.hours", hours=whole // 3600, minutes=whole % 3600 // 60)
