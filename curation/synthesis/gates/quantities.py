"""Quantities of a text: numbers with their units, rates and times of day, so that "14 days" is "two weeks"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from curation.quality.reading import fold
from curation.synthesis.gates.clocks import HALF_OF_DAY, clocks, minutes_of
from curation.synthesis.gates.lexicon import lexicon_of
from curation.synthesis.gates.numerals import Numeral, numerals
from curation.synthesis.gates.units import MONEY, Unit, time_factor, unit_pattern, units

__all__ = ["Quantity", "quantities", "rates_in"]

_BETWEEN = (
    r"(?:business|working|full|whole|calendar|consecutive|more|further|additional|complete|short|whole|of an?|de)\s+"
)
_UNIT = re.compile(rf"\s?-?(?:{_BETWEEN})?(?P<unit>{unit_pattern()})(?![^\W_])")
_MONEY_BEFORE = re.compile(r"(?P<unit>us\$|[€£$])\s?$")
_RATE = re.compile(
    r"\W{0,2}(?:[^\W\d_]+ ){0,2}?(?:(?:per|in one|in an?|en una?|a|an|each|every|al|a la|por|cada|el|la|/|"
    r"(?:per|por) [^\W\d_]+ (?:and|y)) ?(?P<unit>second|minute|"
    r"hour|day|night|week|month|year|"
    r"segundo|minuto|hora|dia|noche|semana|mes|ano|año)\b|(?P<adverb>quarterly|fortnightly|trimestral|quincenal|"
    r"semestral|monthly|weekly|daily|yearly|annually|annual|hourly|mensual|semanal|diari[oa]|anual)(?:es|mente|"
    r"s)?\b)"
)
_STANDING_RATE = re.compile(
    r"\b(?:(?:per|each|every|al|a la|por|cada|once an?|times an?|twice an?|vez al?|veces al?|vez a la|"
    r"veces a la|vez por|veces por) (?:full |whole |working |started )?(?P<unit>second|minute|"
    r"hour|day|night|week|month|year|"
    r"segundo|minuto|hora|dia|semana|mes|ano|año)\b|(?P<adverb>quarterly|fortnightly|trimestral|quincenal|"
    r"semestral|monthly|weekly|daily|yearly|annually|annual|hourly|mensual|semanal|diari[oa]|anual)(?:es|mente|"
    r"s)?\b)"
)
_ADVERBS = {
    "monthly": "month", "weekly": "week", "daily": "day", "yearly": "year", "annually": "year", "annual": "year",
    "hourly": "hour",
    "quarterly": "quarter", "trimestral": "quarter", "fortnightly": "fortnight", "quincenal": "fortnight",
    "semestral": "half-year", "mensual": "mes", "semanal": "semana", "diario": "dia", "diaria": "dia", "anual": "año",
}  # fmt: skip
_AND_A_HALF = re.compile(r"\s(?:and (?:an? half|an? quarter|three quarters)|y (?:medi[oa]|cuarto))\b")
_HALVES = re.compile(
    rf"\b(?P<part>half|medi[oa]|an? quarter of|three quarters of|un cuarto de|"
    rf"tres cuartos de)(?: of)?(?: an?)? (?P<unit>{unit_pattern()})(?![^\W_])"
)
_PARTS = {
    "half": 0.5,
    "medio": 0.5,
    "media": 0.5,
    "a quarter of": 0.25,
    "un cuarto de": 0.25,
    "three quarters of": 0.75,
    "tres cuartos de": 0.75,
}
_ONE = re.compile(
    rf"(?<!\w)(?:an?|un|una)\s(?:(?:full|whole|single|entero|"
    rf"solo)\s)?(?P<unit>{unit_pattern()})(?![^\W_])(?P<half>\s(?:and an? half|y medi[oa]))?(?:\s(?:entero|"
    rf"entera))?"
)
_HALF_MORE = re.compile(r"(?<!una )(?<!\d )\b(?P<unit>hora|mes|ano|dia|litro|kilo) y medi[oa]\b")
_NOT_ONE = re.compile(
    r"(?:\d|\b(?:times|time|once|twice|vez|veces|euros?|pounds?|pence|dollars?|[€£$%]|percent|fee|requests?|"
    r"minutes?|hours?|days?))\s$"
)
_HALF = re.compile(r"\b(?:half|mitad)\b(?! past| an? (?:hour|litre|year|day)| (?:hora|litro|ano|día))")
_AT = re.compile(r"\b(?:a|de|desde|hasta|sobre|y|entre) (?:las?|la una)\s$")
_LASTS = re.compile(r" (?:minutos?|dias?|semanas?|mes(?:es)?|anos?|años?)\b")
_JOIN = re.compile(r"\s?(?:,|to|or|and|a|o|y|e|-|–|x|×)\s?(?:las? )?$")
_AGED = re.compile(
    r"\b(?:(?:menor|mayor)(?:es)? de|under|over|below|above|aged?|(?:young|old)er than|edad de|los|from)[ -]$"
)  # "menores de 26 pagan": what stands behind is not what is counted
_NOUN = re.compile(r"\s?-?(?P<noun>[^\W\d_]{2,})")
_LISTED = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")  # the number of a step in a list
_LONGER: dict[str, Unit] = {
    "quarter": ("months", 3.0),
    "half-year": ("months", 6.0),
    "fortnight": ("time", 1_209_600.0),
}
MOST = 300  # numbers of a text that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """`values` are what the number may be, `units` what its unit may be (empty: none). `rate` is the unit of time after
    it ("a month"), up to `rate_end`, `clock` the minutes of the day that it may be, `noun` the word after it where that
    is no unit. `shared`: unit or clock are those of the number after it."""

    start: int
    end: int
    values: tuple[float, ...]
    units: tuple[Unit, ...] = ()
    rate: tuple[Unit, ...] = ()
    rate_end: int = 0
    clock: frozenset[int] = frozenset()
    noun: str = ""
    digits: bool = False
    shared: bool = False

    @property
    def whole_end(self) -> int:
        """Where it ends with its rate."""
        return max(self.end, self.rate_end)

    @property
    def money(self) -> bool:
        return any(name in MONEY for name, _ in self.units)


def quantities(text: str, lang: str) -> list[Quantity]:
    """The quantities of a text, in order; `text` has no addresses and codes in it any more."""
    folded = _LISTED.sub(lambda match: " " * len(match[0]), fold(text))
    found = _clocks(folded) + _halves(folded)
    taken = bytearray(len(folded))
    for one in found:
        taken[one.start : one.end] = b"\x01" * (one.end - one.start)
    for numeral in numerals(folded, lang)[:MOST]:
        if not any(taken[numeral.start : numeral.end]):
            one = _quantity(folded, numeral)
            one = replace(one, noun="") if one.noun in lexicon_of(lang).free else one
            taken[one.start : one.end] = b"\x01" * (one.end - one.start)
            found.append(one)
    found += [one for one in _single(folded) if not any(taken[one.start : one.end])]
    found.sort(key=lambda one: one.start)
    return _shared_units(folded, found)


def rates_in(text: str) -> list[tuple[int, int, Unit]]:
    """Units of time by which something is told to happen, with their places: "every week", "mensual"."""
    folded, found = fold(text), []
    for match in _STANDING_RATE.finditer(folded):
        unit = _rate_unit(match)
        if unit is not None:
            found.append((match.start(), match.end(), unit))
    return found


def _rate_unit(match: re.Match[str]) -> Unit | None:
    name = match["unit"] or _ADVERBS.get(match["adverb"] or "", "")
    return _LONGER.get(name) or time_factor({"night": "day", "noche": "dia"}.get(name, name))


def _quantity(folded: str, numeral: Numeral) -> Quantity:
    start, end, values = numeral.start, numeral.end, numeral.values
    half = _AND_A_HALF.match(folded, end)
    day_half = HALF_OF_DAY.match(folded, half.end() if half else end)
    hour = values[0]
    at = _AT.search(folded[max(0, start - 12) : start]) and not _LASTS.match(folded, end)  # "a las tres semanas"
    if (day_half or at) and hour <= 24 and hour == int(hour):
        clock = minutes_of(int(hour), round(60 * _part(half)), day_half)
        stop = day_half.end() if day_half else half.end() if half else end
        return Quantity(start=start, end=stop, values=values, clock=clock, digits=numeral.digits)
    if half:
        values, end = tuple(value + _part(half) for value in values), half.end()
    suffix = re.compile(r"(?:st|nd|rd|th|º|ª|\.º|\.ª)(?!\w)").match(folded, end) if numeral.digits else None
    if suffix and not folded.startswith(("º c", "ºc"), end):
        return Quantity(start=start, end=suffix.end(), values=values, digits=True)
    before = _MONEY_BEFORE.search(folded[max(0, start - 4) : start])
    if before:
        start -= len(before[0])
        return _rated(folded, Quantity(start=start, end=end, values=values, units=units()[before["unit"]], digits=True))
    match = _UNIT.match(folded, end)
    if match and (
        numeral.digits
        or len(match["unit"]) > 2
        or match["unit"] in ("€", "£", "$", "%", "kg", "mb", "gb", "cm", "km", "mm")
    ):
        end = match.end()
        after = _AND_A_HALF.match(folded, end)
        if after:
            values, end = tuple(value + _part(after) for value in values), after.end()
        one = Quantity(start=start, end=end, values=values, units=units()[match["unit"]], digits=numeral.digits)
        if match["unit"] == "h" and hour <= 24:
            one = replace(one, clock=minutes_of(int(hour), 0, None))
        return _rated(folded, one)
    noun = None if _AGED.search(folded[max(0, start - 16) : start]) else _NOUN.match(folded, end)
    one = Quantity(start=start, end=end, values=values, noun=noun["noun"] if noun else "", digits=numeral.digits)
    return _rated(folded, one)


def _part(match: re.Match[str] | None) -> float:
    """What "and a half" or "y cuarto" adds."""
    if match is None:
        return 0.0
    return 0.75 if "three" in match[0] else 0.25 if "quarter" in match[0] or "cuarto" in match[0] else 0.5


def _rated(folded: str, one: Quantity) -> Quantity:
    match = _RATE.match(folded, one.end)
    unit = _rate_unit(match) if match else None
    return replace(one, rate=(unit,), rate_end=match.end()) if match and unit is not None else one


def _clocks(folded: str) -> list[Quantity]:
    return [
        Quantity(
            start=one.start, end=one.end, values=(one.value,), units=units()["h"] if one.length else (),
            clock=one.minutes, digits=one.digits,
        )
        for one in clocks(folded)
    ]  # fmt: skip


def _halves(folded: str) -> list[Quantity]:
    found = [
        Quantity(start=m.start(), end=m.end(), values=(_PARTS[m["part"]],), units=units()[m["unit"]])
        for m in _HALVES.finditer(folded)
    ]
    spans = [(one.start, one.end) for one in found]
    for match in _HALF_MORE.finditer(folded):
        found.append(Quantity(start=match.start(), end=match.end(), values=(1.5,), units=units()[match["unit"]]))
    for match in _HALF.finditer(folded):
        before = folded[max(0, match.start() - 6) : match.start()]
        if before.endswith(("and a ", "one and ")) or any(start <= match.start() < end for start, end in spans):
            continue
        found.append(Quantity(start=match.start(), end=match.end(), values=(50.0,), units=(("share", 1.0),)))
    return found


def _single(folded: str) -> list[Quantity]:
    """ "a week", "una hora y media": one of a unit, where it is not "twice a week"."""
    found = []
    for match in _ONE.finditer(folded):
        if (
            not _NOT_ONE.search(folded[max(0, match.start() - 12) : match.start()])
            and len(match["unit"]) > 2
            and match["unit"] != "second"
        ):
            value = 1.5 if match["half"] else 1.0
            found.append(Quantity(start=match.start(), end=match.end(), values=(value,), units=units()[match["unit"]]))
    return found


def _shared_units(folded: str, found: list[Quantity]) -> list[Quantity]:
    """Of "3 to 5 days" and "1, 3 y 7 días" all have the unit of the last; of "de 9 a 14 h" both are times."""
    for place in range(len(found) - 2, -1, -1):
        one, after = found[place], found[place + 1]
        joined = _JOIN.fullmatch(folded[one.end : after.start].rstrip() + " ") or _JOIN.fullmatch(
            folded[one.end : after.start]
        )
        if joined and not one.units and not one.clock and (after.units or after.clock):
            hour = one.values[0]
            clock = minutes_of(int(hour), round(hour % 1 * 60), None) if after.clock and hour <= 24 else frozenset()
            found[place] = replace(one, units=after.units, rate=after.rate, clock=clock, shared=True)
    return found
