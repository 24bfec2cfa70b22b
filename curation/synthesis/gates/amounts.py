"""Whether the numbers of an answer stand in its source, with the unit that they have there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isclose

from curation.quality.reading import fold
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.quantities import Quantity, rates_in
from curation.synthesis.gates.reading import Told
from curation.synthesis.gates.stems import stem
from curation.synthesis.gates.units import Unit, time_factor

__all__ = ["other_amounts"]

_OF_AGE = frozenset(["adult", "minor", "mayor", "menor"])
_AGE = re.compile(r"\b(?:over|under|above|below|older|aged?|mayor(?:es)?|menor(?:es)?|años)\b")
_OF_THEM = re.compile(r" (?:of (?:them|you|us|these|those|which)|de ell[oa]s)\b")  # counts what was named
_THE_TWO = re.compile(r"(?:^|\W)(?:the|l[ao]s) $")  # "las dos" are those that were named
_MIDDLE = frozenset(["half", "mitad", "medio", "media", "medium", "middle", "medi"])
_ORDER = tuple(
    frozenset(one.split())
    for one in (
        "first primer primero primera primeros primeras", "second segundo segunda", "third tercer tercero tercera",
        "fourth cuarto cuarta", "fifth quinto quinta", "sixth sexto sexta", "seventh septimo septima",
        "eighth octavo octava", "ninth noveno novena", "tenth decimo decima",
    )
)  # fmt: skip
_SPAN = re.compile(r"\b(?:de|from|entre|between) (\d{1,2}) (?:a|to|y|and|-) (\d{1,2})\b")
DAY = 86_400.0  # seconds
_HOUR = frozenset({("time", 3600.0)})
_OF_TIME = re.compile(r"\b(?:of the|of each|del|de la|de cada) (day|week|month|year|dia|semana|mes|ano)\b")
SMALLEST = 2  # "one" and "un" are articles as often as numbers


def other_amounts(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Numbers that the source has not, or has with another unit or rate. What was asked may be said again."""
    known = [*source.quantities, *_one_each(source)]
    repeated = list(asked.quantities)
    shown: list[range] = []
    for one in answer.quantities:
        if (one.values[0] < SMALLEST and not one.units and not one.digits) or _asked(one, repeated):
            continue
        if one.values[0] == SMALLEST and not one.digits and _THE_TWO.search(answer.plain.lower(), 0, one.start):
            continue
        if not one.digits and not one.units and _OF_THEM.match(answer.plain.lower(), one.end):
            continue
        kind, witness = _wrong(one, known, answer, source)
        if kind:
            end = one.whole_end if kind == "unit_not_in_source" else one.end  # the rate may be all that differs
            text = answer.text[one.start : end]
            yield Fault(
                kind=kind, field="answer", start=one.start, end=end, what=text, witness=witness, confidence=0.95
            )
            shown.append(range(one.start, end))
    yield from (one for one in _other_rates(answer, source, known) if not any(one.start in span for span in shown))


def _one_each(source: Told) -> list[Quantity]:
    """What the source says of "each month" is said of one month."""
    return [Quantity(start=start, end=end, values=(1.0,), units=(unit,)) for start, end, unit in rates_in(source.plain)]


def _wrong(one: Quantity, known: list[Quantity], answer: Told, source: Told) -> tuple[str, str]:
    """The kind of fault, "" for none, and what the source has instead."""
    if not one.digits and one.units == (("share", 1.0),) and _MIDDLE & source.stems:
        return "", ""  # half the volume is a medium volume
    same = [other for other in known if _same(one, other)]
    fitting = [other for other in same if _counts_the_same(one, other, source)]
    if fitting and (instead := _counts_other(one, fitting, known, source)) is not None:
        return "number_not_in_source", _shown(instead, source)
    if fitting:
        if one.rate and all(other.rate and not _any_same(one.rate, other.rate) for other in fitting):
            return "unit_not_in_source", _shown(fitting[0], source)
        return "", ""
    if same:
        return "unit_not_in_source", _shown(same[0], source)
    if _afternoon(one, source):
        return "", ""
    if not one.clock and (not one.units or not one.digits) and _in_order(int(one.values[0]), source):
        return "", ""
    if not one.digits and one.values[0] == 1 and _named(one, answer, source):
        return "", ""
    beside = answer.text[max(0, one.start - 14) : one.end + 6]
    if 18.0 in one.values and _AGE.search(beside.lower()) and _OF_AGE & source.stems:
        return "", ""
    near = [other for other in known if _equal(one.values, other.values)]
    if near and (one.units or one.clock):
        return "unit_not_in_source", _shown(near[0], source)
    like = [other for other in known if {name for name, _ in one.units} & {name for name, _ in other.units}]
    return "number_not_in_source", _shown(like[0], source) if one.units and like else ""


def _same(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are one; of "four and one week" the four may be weeks, or not."""
    if one.shared and not other.units and _alike(_bare(one), other):
        return True
    if other.shared and not one.units and _alike(one, _bare(other)):
        return True
    return _alike(one, other)


def _bare(one: Quantity) -> Quantity:
    return replace(one, units=(), clock=frozenset(), shared=False)


def _alike(one: Quantity, other: Quantity) -> bool:
    if one.clock or other.clock:
        if one.clock and other.clock:
            return bool(one.clock & other.clock)
        clock, bare = (one, other) if one.clock else (other, one)
        if bare.units and any(unit not in _HOUR for unit in bare.units):
            return False
        hour = not bare.units and any(round(value * 60) % 1440 in clock.clock for value in bare.values)
        if hour or (not one.units and not other.units):
            return hour
    if one.units and other.units and _months_in_days(one, other):
        return True
    if one.units and other.units:
        return any(
            name == its and isclose(value * factor, theirs * its_factor, rel_tol=0.004)
            for name, factor in one.units
            for its, its_factor in other.units
            for value in one.values
            for theirs in other.values
        )
    if one.units and not other.units and other.noun:
        return False
    if other.money and not one.units and not one.digits:
        return False
    return _equal(one.values, other.values)


def _months_in_days(one: Quantity, other: Quantity) -> bool:
    """Whether one is whole months and the other as many times thirty days: "two months, that is, 60 days"."""
    days = {
        value * factor / DAY
        for row in (one, other)
        for name, factor in row.units
        if name == "time"
        for value in row.values
    }
    months = {
        value * factor for row in (one, other) for name, factor in row.units if name == "months" for value in row.values
    }
    return any(isclose(30 * month, day, rel_tol=1e-6) for month in months for day in days)


def _afternoon(one: Quantity, source: Told) -> bool:
    """Whether a bare hour is one of the afternoon in a span of the source: "de 16 a 18", "from four to six"."""
    hours = {hour for match in _SPAN.finditer(source.plain.lower()) for hour in (int(match[1]), int(match[2]))}
    return not one.units and not one.clock and any(1 <= value <= 11 and value + 12 in hours for value in one.values)


def _named(one: Quantity, answer: Told, source: Told) -> bool:
    """Whether "a month" is a month that the source speaks of, without a number."""
    unit = stem(answer.plain[one.start : one.end].split()[-1], source.lang)
    counted = [(other.start, other.end) for other in source.quantities]
    spoken = [word for word in source.words if word.stem == unit]
    return any(not any(start <= word.start < end for start, end in counted) for word in spoken)


def _in_order(number: int, source: Told) -> bool:
    """Whether the source has the number as that of an order: "el día 1" is "el primer día"."""
    return 1 <= number <= len(_ORDER) and any(word.folded in _ORDER[number - 1] for word in source.words)


def _counts_other(one: Quantity, fitting: list[Quantity], known: list[Quantity], source: Told) -> Quantity | None:
    """What the source has as the number of these things, where it has the answer's only of others: eight people."""
    if not one.noun or one.units or one.clock:
        return None
    word = stem(one.noun, source.lang)
    counted = [other for other in known if other.noun and stem(other.noun, source.lang) == word]
    if not counted or any(other in counted or (not other.units and not other.noun) for other in fitting):
        return None
    return counted[0]


def _counts_the_same(one: Quantity, other: Quantity, source: Told) -> bool:
    """Whether a number without a unit counts what it counts in the source: not 30 spoons for 30 g."""
    if one.units or one.clock or not one.noun or not other.units:
        return True
    word = stem(one.noun, source.lang)
    free = one.noun in source.lexicon.free
    groups = source.lexicon.groups.get((word,), frozenset())
    return free or word in source.stems or bool(groups & source.groups)


def _other_rates(answer: Told, source: Told, known: list[Quantity]) -> Iterator[Fault]:
    """Units of time by which something is told to happen or to cost that the source has others of."""
    told = rates_in(answer.plain)
    told += [(one.start, one.end, unit) for one in answer.quantities for unit in one.rate if not _within(one, told)]
    if not told:
        return
    rates = [unit for _, _, unit in rates_in(source.plain)] + [unit for one in known for unit in one.rate]
    lengths = [(name, factor * value) for one in known for name, factor in one.units for value in one.values]
    lengths += [unit for match in _OF_TIME.finditer(fold(source.plain)) if (unit := time_factor(match[1])) is not None]
    spoken = [unit for word in source.words if (unit := time_factor(word.folded)) is not None]
    lengths += [unit for unit in spoken if not any(one.units and unit in one.units for one in known)]
    for start, end, unit in told:
        if rates and not _any_same((unit,), [*rates, *lengths]):
            yield Fault(
                kind="unit_not_in_source", field="answer", start=start, end=end, what=answer.text[start:end],
                confidence=0.85,
            )  # fmt: skip


def _within(one: Quantity, told: list[tuple[int, int, Unit]]) -> bool:
    return any(unit in one.rate for _, _, unit in told)


def _any_same(some: Iterable[Unit], others: Iterable[Unit]) -> bool:
    rest = list(others)
    return any(name == its and isclose(factor, theirs, rel_tol=0.004) for name, factor in some for its, theirs in rest)


def _equal(some: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return any(isclose(one, other, rel_tol=1e-9) for one in some for other in others)


def _asked(one: Quantity, repeated: list[Quantity]) -> bool:
    """Whether the question has this very quantity: an answer may say it again ("With 14 he needs an adult")."""
    return any(
        _same(one, other) and bool(one.units) == bool(other.units) and one.rate == other.rate for other in repeated
    )


def _shown(one: Quantity, source: Told) -> str:
    return source.text[one.start : one.whole_end]
