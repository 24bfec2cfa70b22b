"""Times of day and hours with their minutes, as digits and in words: "22:30", "half past ten in the evening"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["HALF_OF_DAY", "Clock", "clocks", "minutes_of"]

_HOURS_AND = re.compile(
    r"(?<![\d.,:])(?P<hours>\d|1\d|2[0-3]) ?(?:h|hours?|hrs?|horas?)(?: and| y)? ?(?P<minutes>[0-5]\d)(?!\d)"
    r"(?: ?(?:min(?:ute|uto)?s?|m)\b)?"
)
_CLOCK = re.compile(
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])[:.](?P<minute>[0-5]\d)(?![\d%€:])\s?(?P<half>a\.?m\b|p\.?m\b|h\b)?"
)
_HOURS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_PAST_MINUTES = {"half": 30, "quarter": 15, "a quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
HALF_OF_DAY = re.compile(
    r"\s?(?:(?P<am>a\.?m\b)|(?P<pm>p\.?m\b)|(?:o'?clock )?(?:in the|at|de la|por la|del) (?P<day>morning|"
    r"evening|afternoon|night|manana|mañana|tarde|noche|madrugada|mediodia)\b|(?P<none>o'?clock)\b)"
)
_LATER = ("evening", "afternoon", "night", "tarde", "noche", "mediodia")
_PAST = re.compile(
    rf"\b(?P<minute>(?:half|(?:a )?quarter|five|ten|twenty(?:-five)?)(?= past)|(?:a )?quarter(?= to)) "
    rf"(?P<side>past|to) (?P<hour>{'|'.join(_HOURS)}|\d{{1,2}})\b"
)
_NOON = re.compile(r"\b(?:12 )?(?P<name>noon|midday|mediodia|midnight|medianoche)\b")
DAY = 24 * 60


class Clock(NamedTuple):
    """`value` is the number of hours, `minutes` the minutes of the day that it may be. `length`: it may be a time that
    something lasts, too ("3 h 15")."""

    start: int
    end: int
    value: float
    minutes: frozenset[int]
    digits: bool = False
    length: bool = False


def minutes_of(hour: int, minute: int, half: re.Match[str] | None) -> frozenset[int]:
    """The minutes of the day that a time may be."""
    if half is not None and hour == 12 and half["day"] in ("night", "noche", "madrugada"):
        return frozenset({minute})
    morning = half is not None and (half["am"] or half["day"] in ("morning", "manana", "mañana", "madrugada"))
    later = half is not None and (half["pm"] or half["day"] in _LATER)
    hours = (
        {hour % 12} if morning else {hour % 12 + 12} if later else {hour, (hour + 12) % 24} if hour <= 12 else {hour}
    )
    return frozenset((one * 60 + minute) % DAY for one in hours)


def clocks(folded: str) -> Iterator[Clock]:
    """The times of day in a folded text, as the ways of writing them come."""
    for match in _CLOCK.finditer(folded):
        dotted = folded[match.end("hour")] == "."
        half = HALF_OF_DAY.match(folded, match.end("minute"))
        if dotted and not (half or match["half"]):
            continue
        hour, minute = int(match["hour"]), int(match["minute"])
        end = half.end() if half else match.end()
        # 24 hours are meant by most who write 10:00; 6:30 may be either
        either = frozenset({(hour * 60 + minute) % DAY, *minutes_of(hour, minute, None)})
        yield Clock(match.start(), end, hour + minute / 60, minutes_of(hour, minute, half) if half else either, True)
    for match in _PAST.finditer(folded):
        hour = _HOURS.get(match["hour"]) or int(match["hour"])
        if hour > 24:
            continue
        half = HALF_OF_DAY.match(folded, match.end())
        minute = _PAST_MINUTES[match["minute"]] * (1 if match["side"] == "past" else -1)
        said = frozenset((one + minute) % DAY for one in minutes_of(hour, 0, half))
        yield Clock(match.start(), half.end() if half else match.end(), hour + minute / 60, said)
    for match in _HOURS_AND.finditer(folded):
        hour, minute = int(match["hours"]), int(match["minutes"])
        said = minutes_of(hour, minute, None)
        yield Clock(match.start(), match.end(), hour + minute / 60, said, digits=True, length=True)
    for match in _NOON.finditer(folded):
        minute = 0 if match["name"] in ("midnight", "medianoche") else DAY // 2
        yield Clock(match.start(), match.end(), minute / 60 or 24.0, frozenset({minute}))
