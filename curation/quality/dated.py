"""What time has overtaken: deadlines that have passed, and products that nobody mends any more."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from curation.quality.reading import Seen, Sentence, Text

__all__ = ["out_of_date", "pair_out_of_date"]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero january jan ene", "febrero february feb", "marzo march mar", "abril april apr abr", "mayo may",
            "junio june jun", "julio july jul", "agosto august aug ago", "septiembre setiembre september sep sept set",
            "octubre october oct", "noviembre november nov", "diciembre december dec dic",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<!\d)(?:(?P<day>\d{{1,2}})(?:º|\.|st|nd|rd|th)?(?: de|"
    rf" of)?,? (?P<month>{_MONTH})\.?,?(?: de(?:l)?)? (?P<year>(?:19|20)\d\d)"
    rf"|(?P<month2>{_MONTH})\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year2>(?:19|20)\d\d)"
    r"|(?P<iso>(?:19|20)\d\d-\d\d-\d\d)|(?P<one>\d{1,2})[/.-](?P<two>\d{1,2})[/.-](?P<year3>(?:19|20)\d\d)"
    rf"|(?P<month4>{_MONTH})(?: de(?:l)?)? (?P<year4>(?:19|20)\d\d)"
    r"|(?:final(?:es)?|end) (?:de|del|of) (?P<year5>(?:19|20)\d\d))(?!\d)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# Words that make the date after them the last day for something that is still told as open.
_UNTIL = re.compile(
    r"\b(?:hasta|antes del?|valid[oa]s? hasta|vigente hasta|until|till|before|by|no later than|through|closes?|"
    r"ends?|expires?|due|deadline|"
    r"termina|finaliza|acaba|vence|caduca|expira|cierra|plazo|fecha limite)\b[^.;!?\n]{0,40}$"
)
# Words that tell of the past as past; such a sentence is history, not advice.
_PAST = re.compile(
    r"\b(?:ya no|dej(?:o|aron) de|no longer|was|were|had|fue|fueron|era|eran|estuvo|hubo|tuvo|funciono|acabo|"
    r"termino|finalizo|caduco|expiro|"
    r"ended|expired|closed|stopped|until then|hasta entonces|desde|since|before|anterior(?:es)? al?|retir\w+|"
    r"retired|discontinued|"
    r"copyright|publicad\w+|published|fabricad\w+|manufactured|comprad\w+|bought|purchased|born|nacid\w+|"
    r"dropped|sold|vendid\w+|released)\b"
)
# Words that speak against the product: the text knows that it is old.
_KNOWN_OLD = re.compile(
    r"\b(?:ya no|no longer|not supported|unsupported|no (?:es|son|esta|estan) compatibles?|"
    r"no (?:se )?(?:soporta\w*|admite\w*|funciona\w*)|dej\w+ de|"
    r"does ?n[o']t|do not|don't|is not|isn't|are not|aren't|cannot|can't|won't|never|nunca|not|obsolet\w+|"
    r"deprecated|disabled?|desactiv\w+|deshabilit\w+|rechaz\w+|rejects?|refuse\w*|"
    r"end of (?:life|support)|fin de(?:l)? soporte|sin soporte|discontinu\w+|retir\w+|upgrade|actualiza(?: a|"
    r" tu| su)|actualice|migra\w*|migrate|"
    r"replaced?|sustitu\w+|reemplaz\w+|instead|en vez de|en lugar de|antigu\w+|viej\w+|old(?:er)?|legacy|"
    r"earlier|previous|anterior(?:es)?|insegur\w+|insecure|"
    r"vulnerab\w+|history|historia|sali[eo]\w*|released in|lanz\w+ en|was|were|fue|era|use (?:edge|firefox|"
    r"chrome)|needs? (?:windows 1|tls 1\.[23])|habia\w*|solia\w*|used to|back then|formerly|por entonces|en su dia)\b"
)

_SUPPORT_ENDED = re.compile(r"\b(?:support (?:has )?ended|soporte (?:termino|acabo|finalizo|ha terminado))\b")


class Ended(NamedTuple):
    product: str
    words: tuple[str, ...]
    names: re.Pattern[str]
    ended: datetime.date
    living: re.Pattern[str] | None


@cache
def _ended() -> tuple[Ended, ...]:
    read = tomllib.loads((files("curation.quality") / "support_ends.toml").read_text(encoding="utf-8"))["ended"]
    return tuple(
        Ended(
            one["product"],
            tuple(one["words"]),
            re.compile(rf"(?<!\w)(?:{one['names']})(?!\w)"),
            datetime.date.fromisoformat(one["ended"]),
            re.compile(one["living"]) if one["living"] else None,
        )
        for one in read
    )


def pair_out_of_date(question: Text, answer: Text, today: datetime.date) -> Iterator[Seen]:
    """What is out of date in both; not in a question whose answer says that the product is old."""
    if not (_KNOWN_OLD.search(answer.folded) or _SUPPORT_ENDED.search(answer.folded)):
        yield from out_of_date(question, "question", today)
    yield from out_of_date(answer, "answer", today)


def out_of_date(text: Text, field: Literal["question", "answer"], today: datetime.date) -> Iterator[Seen]:
    """Deadlines before `today` (0.85) and products without support by then (0.7; with living ones beside it 0.4)."""
    yield from _deadlines(text, field, today)
    for product in _ended():
        named = any(word in text.folded for word in product.words)
        if named and product.ended < today and (match := product.names.search(text.folded)):
            seen = _dead(text, field, product, match.start())
            if seen is not None:
                yield seen


def _dead(text: Text, field: Literal["question", "answer"], product: Ended, place: int) -> Seen | None:
    sentence = _around(text, place)
    if sentence is None or _KNOWN_OLD.search(sentence.folded):
        return None
    beside = product.living is not None and product.living.search(product.names.sub(" ", text.folded)) is not None
    if beside:
        return None
    match = product.names.search(text.folded, place)
    end = match.end() if match is not None else place
    note = f"support of {product.product} ended on {product.ended.isoformat()}"
    return Seen("out_of_date", field, place, end, 0.7 if field == "answer" else 0.5, note)


def _around(text: Text, place: int) -> Sentence | None:
    return next((one for one in text.sentences if one.start <= place < one.end), None)


def _deadlines(text: Text, field: Literal["question", "answer"], today: datetime.date) -> Iterator[Seen]:
    if not _YEAR.search(text.text):
        return
    for match in _DATE.finditer(text.folded):
        day = _last_day(match)
        if day is None or day >= today:
            continue
        lead = text.folded[max(0, match.start() - 60) : match.start()]
        sentence = _around(text, match.start())
        if (
            _UNTIL.search(lead)
            and sentence is not None
            and not _PAST.search(_UNTIL.sub("", sentence.folded[: match.start() - sentence.start]))
        ):
            note = f"a last day that has passed: {day.isoformat()}"
            yield Seen("out_of_date", field, match.start(), match.end(), 0.85, note)
            return


def _last_day(match: re.Match[str]) -> datetime.date | None:
    """The last day that the date can mean; None where it is none, such as 31 February."""
    found = match.groupdict()
    try:
        if found["iso"]:
            return datetime.date.fromisoformat(found["iso"])
        if found["year5"]:
            return datetime.date(int(found["year5"]), 12, 31)
        if found["month4"]:
            return datetime.date(int(found["year4"]), MONTHS[found["month4"]], 28)
        if found["one"]:
            one, two, year = int(found["one"]), int(found["two"]), int(found["year3"])
            days = [datetime.date(year, m, d) for d, m in ((one, two), (two, one)) if m <= 12 and d <= 31]
            return max(days, default=None)
        named = [found[name] or found[f"{name}2"] for name in ("year", "month", "day")]
        return datetime.date(int(named[0]), MONTHS[named[1]], int(named[2]))
    except ValueError:
        return None
