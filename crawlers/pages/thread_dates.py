"""When a post was written, from attributes where they say it and from words where those are sure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

__all__ = ["iso_date", "iso_dates", "says_when"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan january januar jänner enero ene janvier janv janeiro gennaio gen",
            "february feb februar febrero février févr fév fevereiro fev febbraio",
            "march mar märz mär maerz mrz marzo mars março",
            "april apr abril abr avril avr aprile",
            "may mai mayo maio maggio mag",
            "june jun juni junio juin junho giugno giu",
            "july jul juli julio juillet juil julho luglio lug",
            "august aug agosto ago août agto",
            "september sep sept septiembre set septembre setembro settembre",
            "october oct oktober okt octubre octobre outubro out ottobre ott",
            "november nov noviembre novembre novembro",
            "december dec dezember dez diciembre dic décembre déc dezembro dicembre",
        ),
        1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_ANY_YEAR = r"(?:['’]?(?P<y>(?:19|20)\d\d)|(?<=[-'’])(?P<yy>\d\d)(?![\d:]))"
_ISO = re.compile(
    r"(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"
    r"(?:[T ,]+(?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?\s?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?)?"
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º)?[\s.\-/]*(?:de )?\b(?P<m>{_NAMES})\b[\s.,\-/'’]*(?:de )?{_ANY_YEAR}",
    re.I,
)
_MONTH_FIRST = re.compile(rf"\b(?P<m>{_NAMES})\b\.?[\s\-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s'’]+{_ANY_YEAR}", re.I)
_DOTTED = re.compile(rf"(?<![\d.])(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?:{_YEAR}|(?P<yy>\d\d)(?![.\d]))")
_YEAR_FIRST = re.compile(r"(?<![\d.])(?P<y>(?:19|20)\d\d)[./](?P<m>\d{1,2})[./](?P<d>\d{1,2})(?![.\d])")
_AGO = re.compile(
    r"\b(?:an?|one|\d+) (?:second|minute|min|hour|day|week|month|year|yr)s? ago\b|\b(?:yesterday|today|ayer|hoy|"
    r"gestern|heute|hier|ieri|oggi|ontem|hoje)"
    r"\b,? (?:at |a las? |um |à |alle |às )?\d{1,2}[:.h]\d\d|\bhace (?:un[ao]?|\d+) (?:segundo|minuto|hora|d[ií]a|"
    r"semana|mes|a[ñn]o)|"
    r"\bvor (?:ein\w*|\d+) (?:sekunde|minute|stunde|tag|woche|monat|jahr)|\bil y a (?:une?|\d+) |\bhá (?:uma?|\d+) |"
    r"\b\d+ \w+ fa\b|"
    rf"\b(?:{_NAMES})\.? \d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)? (?:{_NAMES})\b",
    re.I,
)
_SLASHED = re.compile(rf"(?<![\d/\-])(?P<a>\d{{1,2}})(?P<s>[/\-])(?P<b>\d{{1,2}})(?P=s){_YEAR}")
_NOT_OF_THE_POST = re.compile(
    r"(?:join\w*|regist\w*|member since|since|born|birth\w*|edit\w*|modif\w*|updat\w*|last (?:seen|visit|active)|"
    r"ingres\w*|miembro desde|desde|nacimiento|anmeld\w*|dabei seit|seit|beigetreten|bearbeitet|geändert|"
    r"inscri\w*|membre depuis|iscritto|membro desde)\W*(?:\w+\W+){0,2}$",
    re.I,
)
_EPOCH = re.compile(r"\d{9,10}(?:\d{3})?")


def _built(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _year(found: re.Match[str]) -> int:
    return int(found["y"]) if found["y"] else 2000 + int(found["yy"])  # forums are younger than the century


def _stamp(found: re.Match[str]) -> str:
    day = _built(int(found["y"]), int(found["m"]), int(found["d"]))
    if not day or not found["H"]:
        return day
    if not found["zone"]:
        return f"{day}T{found['H']}:{found['M']}:{found['S'] or '00'}"
    zone = "+00:00" if found["zone"] in ("Z", "UTC") else re.sub(r"([+-]\d\d):?(\d\d)", r"\1:\2", found["zone"])
    try:
        moment = datetime.fromisoformat(f"{day}T{found['H']}:{found['M']}:{found['S'] or '00'}{zone}")
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return day


def _slashed_order(texts: Sequence[str]) -> str:
    """ "d" or "m" for what the slashed dates of one page begin with, where one of them tells; else ""."""
    found = [m for text in texts for m in _SLASHED.finditer(text)]
    first = any(int(m["a"]) > 12 for m in found)
    second = any(int(m["b"]) > 12 for m in found)
    return "" if first == second else "d" if first else "m"


def _dates(text: str, order: str) -> Iterator[tuple[int, str]]:
    """Every date of a text with its place."""
    for found in _ISO.finditer(text):
        yield found.start(), _stamp(found)
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for found in pattern.finditer(text):
            yield found.start(), _built(_year(found), _MONTHS[found["m"].lower()], int(found["d"]))
    for found in _DOTTED.finditer(text):
        yield found.start(), _built(_year(found), int(found["m"]), int(found["d"]))
    for found in _YEAR_FIRST.finditer(text):
        yield found.start(), _built(int(found["y"]), int(found["m"]), int(found["d"]))
    for found in _SLASHED.finditer(text) if order else ():
        day, month = (found["a"], found["b"]) if order == "d" else (found["b"], found["a"])
        yield found.start(), _built(int(found["y"]), int(month), int(day))


def iso_date(text: str, order: str = "") -> str:
    """The first date of a text in ISO 8601, "" where there is none or it could be read in two ways.

    With its time where the text gives it in ISO 8601 or as seconds since 1970, in UTC where it gives
    the zone; words give the day. Dates of joining, of edits and the like do not count.

    >>> iso_date("por ana » Lun Mar 03, 2014 3:14 pm")
    '2014-03-03'
    >>> iso_date("2012-05-27 15:00:12Z")
    '2012-05-27T15:00:12+00:00'
    >>> iso_date("03/04/2012"), iso_date("23/04/2012")
    ('', '2012-04-23')
    """
    text = text.strip()
    if _EPOCH.fullmatch(text) and 800_000_000 < int(text[:10]) < 4_000_000_000:  # 1995 to 2096
        return datetime.fromtimestamp(int(text[:10]), UTC).isoformat(timespec="seconds")
    found = sorted(_dates(text, order or _slashed_order([text])))
    return next((day for at, day in found if day and not _NOT_OF_THE_POST.search(text[:at])), "")


def says_when(text: str) -> bool:
    """Whether a text says when something was written, be it "yesterday at 10:30"."""
    if _AGO.search(text):
        return True
    return any(not _NOT_OF_THE_POST.search(text[:at]) for order in "dm" for at, day in _dates(text, order) if day)


def iso_dates(texts: Sequence[str]) -> list[str]:
    """`iso_date` of the dates of one page, where one that begins with the 23rd tells how to read the others."""
    order = _slashed_order(texts)
    return [iso_date(text, order) for text in texts]
