"""Days of the week and months that an answer names and its source does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.quality.dated import MONTHS
from curation.quality.reading import fold
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.reading import Told

__all__ = ["other_days"]

_DAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mondays lunes", "tuesday tuesdays martes", "wednesday wednesdays miercoles",
            "thursday thursdays jueves",
            "friday fridays viernes", "saturday saturdays sabado sabados", "sunday sundays domingo domingos",
        )
    )
    for name in names.split()
}  # fmt: skip
_NAME = re.compile(rf"\b(?:{'|'.join(sorted(_DAYS, key=len, reverse=True))})\b")
_RANGE = re.compile(
    rf"\b(?P<first>{'|'.join(_DAYS)})\b\s?(?:to|through|until|-|–|a|al|hasta)"
    rf"(?: el| los)?\s(?P<last>{'|'.join(_DAYS)})\b"
)
_WEEK = re.compile(r"\b(?:weekdays?|working days?|business days?|laborables?|entre semana)\b")
_ENDS = re.compile(r"\b(?:weekends?|fines? de semana)\b")
_EVERY = re.compile(r"\b(?:daily|every day|each day|todos los dias|a diario|cada dia)\b")
_LONG_MONTHS = {name: number for name, number in MONTHS.items() if len(name) > 3}  # "may" is a verb
_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(_LONG_MONTHS, key=len, reverse=True))})\b")
_NUMERIC = re.compile(r"\b\d{1,4}[/.-](\d{1,2})[/.-]\d{1,4}\b|\b\d{1,2}/(\d{1,2})\b")


def other_days(answer: Told, source: Told) -> Iterator[Fault]:
    known_days, known_months = _days_of(fold(source.text)), _months_of(fold(source.text))
    folded = fold(answer.text)
    for pattern, names, known in ((_NAME, _DAYS, known_days), (_MONTH, _LONG_MONTHS, known_months)):
        for match in pattern.finditer(folded):
            if names[match[0]] not in known:
                start, end = match.span()
                yield Fault(
                    kind="name_not_in_source",
                    field="answer",
                    start=start,
                    end=end,
                    what=answer.text[start:end],
                    confidence=0.9,
                )


def _days_of(folded: str) -> set[int]:
    """The days that a text names, with those of its ranges: "Monday to Friday" has a Wednesday."""
    days = {_DAYS[match[0]] for match in _NAME.finditer(folded)}
    for match in _RANGE.finditer(folded):
        first, last = _DAYS[match["first"]], _DAYS[match["last"]]
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    days |= set(range(5)) if _WEEK.search(folded) else set()
    days |= {5, 6} if _ENDS.search(folded) else set()
    return days | set(range(7)) if _EVERY.search(folded) else days


def _months_of(folded: str) -> set[int]:
    months = {_LONG_MONTHS[match[0]] for match in _MONTH.finditer(folded)}
    return months | {int(one or other) for one, other in _NUMERIC.findall(folded)}
