"""Times before the messages of a chat, as the many programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

__all__ = ["DayOrder", "Stamp", "hours_between", "read_stamp"]

_DATE = r"(?P<a>\d{1,4})[/.\-](?P<b>\d{1,2})[/.\-](?P<c>\d{2,4})"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap]\.?\s?m\b\.?))?(?:\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
_STAMP = rf"(?:{_DATE}(?:,|T|\s|\s-)\s*)?{_TIME}"
# Brackets, or a mark after a bare stamp: "[9:14] ", "12/3/24, 9:14 - ", "09:14:02 ".
_BARE = _STAMP.replace("?P<", "?P<bare_")
_START = re.compile(
    rf"\s*(?:[\[(]\s*{_STAMP}\s*[\])]|{_BARE}(?=\s|$|:\s))\s*:?\s*(?:[-–—|]\s+)?",
    re.I,
)
_END = re.compile(rf"\s*[\[(,]?\s*{_STAMP}\s*[\])]?\s*$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time of day in minutes, with a date's three numbers as written where there is one."""

    minutes: float
    day: tuple[int, int, int] | None = None
    american: bool = False  # "9:14 AM"; Spanish has "9:14 a. m."


@dataclass(slots=True)
class DayOrder:
    """Whether dates are day/month or month/day, told from all of a file's stamps."""

    first_over_12: bool = False
    second_over_12: bool = False
    am_pm: int = 0
    seen: int = 0

    def see(self, stamp: Stamp) -> None:
        self.seen += 1
        self.am_pm += stamp.american
        if stamp.day and stamp.day[0] < 1000:
            self.first_over_12 |= stamp.day[0] > 12
            self.second_over_12 |= stamp.day[1] > 12

    @property
    def month_first(self) -> bool:
        """American order where a day shows it, or where nothing does and the clock has am and pm."""
        if self.first_over_12 != self.second_over_12:
            return self.second_over_12
        return self.am_pm > 0.5 * self.seen

    def time_of(self, stamp: Stamp) -> datetime | None:
        """The moment in the chat's own time zone, which exports do not state; None without a true date."""
        if stamp.day is None:
            return None
        a, b, c = stamp.day
        year, month, day = (a, b, c) if a >= 1000 else (c, a, b) if self.month_first else (c, b, a)
        year += 2000 if year < 100 else 0
        hour, minute = divmod(int(stamp.minutes), 60)
        try:
            return datetime(year, month, day, hour, minute, round(stamp.minutes % 1 * 60) % 60)  # noqa: DTZ001
        except ValueError:
            return None


def read_stamp(line: str, *, at_end: bool = False) -> tuple[Stamp | None, str]:
    """The stamp at a line's start (or end), and the rest of the line.

    >>> read_stamp("[09:14:02] Cliente: Hola")[1]
    'Cliente: Hola'
    """
    found = _END.search(line) if at_end else _START.match(line)
    if not found:
        return None, line
    named = {name.removeprefix("bare_"): value for name, value in found.groupdict().items() if value is not None}
    hour, minute = int(named["hour"]), int(named["minute"])
    half = named.get("half", "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59:
        return None, line
    day = (int(named["a"]), int(named["b"]), int(named["c"])) if "a" in named else None
    stamp = Stamp(minutes=hour * 60 + minute + int(named.get("second", 0)) / 60, day=day, american=half in ("am", "pm"))
    return stamp, line[: found.start()] if at_end else line[found.end() :]


def hours_between(before: Stamp, after: Stamp, order: DayOrder) -> float | None:
    """Hours of silence; without dates the clock is taken to have gone round at most once. None if one lacks a date."""
    if before.day and after.day:
        first, second = order.time_of(before), order.time_of(after)
        return abs((second - first).total_seconds()) / 3600 if first and second else None
    if before.day or after.day:
        return None
    return ((after.minutes - before.minutes) % (24 * 60)) / 60
