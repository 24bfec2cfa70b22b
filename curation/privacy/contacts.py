"""E-mail addresses and telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from curation.privacy.beside import beside, in_front, product_in_front, unit_behind
from curation.privacy.personal import Personal

__all__ = ["find_emails", "find_phones"]

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+'-]{1,64}(?:@|%40)[^\W_](?:[\w-]{0,62}[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?){1,6}(?![\w-])"
)
_IN_BRACKETS = re.compile(
    r"(?<![\w.+-])(?P<user>[\w.+-]{1,64}) ?[(\[{] ?(?:arroba|at|@|"
    r"a) ?[)\]}] ?(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){0,3})"
    r"(?P<rest>(?: ?[(\[{] ?(?:punto|dot|\.) ?[)\]}] ?[a-z]{2,24}){0,3})(?!\w)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"(?<![\w.+-])(?P<user>[\w.+-]{1,64}(?: (?:punto|dot|gui[oó]n) [\w+-]{1,32})?) (?P<at>arroba|at) "
    r"(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){0,3})(?P<rest>(?: (?:punto|dot) [a-z]{2,24}){0,3})(?![\w])",
    re.IGNORECASE,
)
_WORD_DOT = re.compile(r" ?[(\[{]? ?\b(?:punto|dot)\b ?[)\]}]? ?|[(\[{] ?\. ?[)\]}]", re.IGNORECASE)


def find_emails(text: str, lang: str) -> Iterator[Personal]:
    """Addresses as they are written, with the sign in brackets, and in words."""
    if "@" in text or "%40" in text:
        for match in _EMAIL.finditer(text):
            address = match[0].replace("%40", "@").strip("'").casefold()
            yield Personal("email", *match.span(), address, 0.98)
    low = text.lower()
    for mark, pattern in (("(", _IN_BRACKETS), ("[", _IN_BRACKETS), ("{", _IN_BRACKETS)):
        if mark in text and ("at" in low or "arroba" in low or "@" in low):
            yield from _spelt_out(pattern, text)
            break
    if " arroba " in low or (" at " in low and " dot " in low):
        yield from _spelt_out(_IN_WORDS, text)


def _spelt_out(pattern: re.Pattern[str], text: str) -> Iterator[Personal]:
    for match in pattern.finditer(text):
        host = match["host"] + _WORD_DOT.sub(".", match["rest"])
        if "." in host and not host.replace(".", "").isdigit():
            user = re.sub(r" (?:punto|dot) ", ".", match["user"])
            value = re.sub(r"\.{2,}", ".", f"{user}@{host}".replace(" ", "")).casefold()
            yield Personal("email", *match.span(), value, 0.9, "written out")


_DIGITS = re.compile(r"(?<![\w@])(?<!\d[.,:/-])(?:(?:\+|00) ?)?\(?\d(?:[\d ().\-/]{4,24})\d(?!\w)(?![.,]\d)")
_GROUP = re.compile(r"\d+")
_DATE = re.compile(r"(?:19|20)\d\d[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:19|20)?\d\d(?!\d)")
_WORDS = re.compile(
    r"\b(?:tel[eé]f\w*|tels?|tlf\w*|tfno|m[oó]vil\w*|celular|cel|fonos?|whatsapp|wasap|ll[aá]m\w*|contact\w*|fax|sms|"
    r"calls?|called|calling|phones?|telephone|mobile|cell|reach|ring|rings|text me|dial|"
    r"m[aá]rca\w*)\b|☎|📞|📱",
    re.IGNORECASE,
)
_GENERAL = re.compile(r"\b(?:n[uú]mero|number|l[ií]neas?|line)\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:pedidos?|orders?|facturas?|invoices?|contratos?|contracts?|clientes?|customers?|tickets?|incidencias?|"
    r"expedientes?|accounts?|cuentas?|ref\w*|case|caso|tracking|seguimiento|tarjetas?|cards?|pasaporte|"
    r"passport|nif|dni|"
    r"rut|cuit|c[eé]dula|nit|imei|iban|puertos?|ports?|canal(?:es)?|channels?|p[aá]gina|page|a[nñ]os?|years?)\b",
    re.IGNORECASE,
)
# How people group the digits of a number without its country code.
_SHAPES = frozenset(
    tuple(map(int, shape))
    for shape in (  # noqa: SIM905 (a list of lists would be ten times as long)
        "333 3222 2322 36 27 334 37 244 28 344 434 56 46 533 144 18 234 433 3232 47 1334 3322 22222 551 1244 324 2244 "
        "4234 3244 2234 9"
    ).split()
) | {(10,), (11,), (1, 10)}
_SHORT_SHAPES = frozenset([(4, 4), (3, 4), (7,), (8,), (3, 2, 2), (2, 2, 2, 2)])  # only beside a word
_REGIONS = {"es": ("ES", "MX", "AR", "CO", "CL", "PE", "US"), "en": ("US", "GB", "IE", "AU")}
_ALL_REGIONS = ("ES", "MX", "AR", "CO", "CL", "US", "GB")
_WITH_ZERO = ("GB", "IE", "AU")  # there nobody leaves the 0 before the number out
_NOT_OF_PEOPLE = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


def find_phones(text: str, lang: str) -> Iterator[Personal]:
    """Numbers of the es, mx, ar, co, cl, us and uk forms, and of any country with its code.

    A kind of "" is a span that is certainly none: a date, an amount, a free or premium-rate number.
    """
    for match in _DIGITS.finditer(text):
        yield from _numbers_in(text, match.start(), match[0], _REGIONS.get(lang, _ALL_REGIONS))


def _numbers_in(text: str, offset: int, found: str, regions: tuple[str, ...]) -> Iterator[Personal]:
    groups = [group.span() for group in _GROUP.finditer(found)]
    if len(groups) > 8:  # single digits, no way to write a number that has ever been seen
        return
    first = 0
    while first < len(groups):
        for last in range(len(groups), first, -1):
            start, end = groups[first][0], groups[last - 1][1]
            lead = _lead(found, start) if first == 0 or found[start - 1] in "+(" else start
            if not _parted(found, start) or (last < len(groups) and not _parted(found, groups[last][0])):
                continue
            one = _judge(text, offset + lead, offset + end, tuple(b - a for a, b in groups[first:last]), regions)
            if one is not None:
                yield one
                first = last
                break
        else:
            first += 1


def _parted(found: str, start: int) -> bool:
    """Whether a number may begin with the group at this place: what stands before it is no sign that joins."""
    return start == 0 or found[start - 1] not in "-./)" or found[:start].endswith((" - ", " / "))


def _lead(found: str, start: int) -> int:
    while start > 0 and found[start - 1] in "+( ":
        start -= 1
    return start


def _judge(text: str, start: int, end: int, shape: tuple[int, ...], regions: tuple[str, ...]) -> Personal | None:
    raw = text[start:end]
    abroad = raw.lstrip("( ").startswith(("+", "00"))
    digits = sum(shape)
    fits = 8 <= digits <= 17 if abroad else shape in _SHAPES or shape in _SHORT_SHAPES
    if not fits or _DATE.fullmatch(raw) or (raw.count("(") != raw.count(")") and not raw.startswith("(")):
        return None
    kind, number = _parsed(raw, None if abroad else regions)
    if kind == "service":
        return Personal("", start, end, "", 0.99)
    if product_in_front(text, start) or unit_behind(text, start, end):
        return None
    confidence = _confidence(text, start, end, shape, kind == "valid", abroad)
    return Personal("phone", start, end, number, confidence) if confidence else None


def _confidence(text: str, start: int, end: int, shape: tuple[int, ...], valid: bool, abroad: bool) -> float:
    before = in_front(text, start, 40)
    others = [match.end() for match in _OTHER.finditer(before)]
    words = (_WORDS,) if others else (_WORDS, _GENERAL)
    named = [match.end() for pattern in words for match in pattern.finditer(before)]
    by_word = bool(named) and (not others or named[-1] > others[-1])
    if others and not by_word and len(before) - others[-1] < 20:
        return 0.0
    by_word = by_word or beside(_WORDS, text, end, end)
    if abroad:
        return 0.97 if valid else 0.85 if by_word or len(shape) > 2 else 0.6
    if shape in _SHORT_SHAPES:
        return 0.7 if by_word and named and len(before) - named[-1] < 12 else 0.0
    if by_word:
        return 0.96 if valid else 0.8 if sum(shape) >= 9 else 0.0
    if len(shape) == 1:  # nothing but digits: many things are written so
        return 0.7 if valid and shape == (9,) and text[start] in "67" else 0.0
    return 0.9 if valid else 0.75 if text[start] == "(" and sum(shape) == 10 else 0.0


@lru_cache(maxsize=65536)
def _parsed(raw: str, regions: tuple[str, ...] | None) -> tuple[str, str]:
    """valid, unknown, or service for numbers that no person has; and the number without its country code."""
    plain = "".join(_GROUP.findall(raw))
    if regions is None:
        plain, regions = "+" + plain.removeprefix("00"), ("ZZ",)
    for region in regions:
        if region in _WITH_ZERO and plain[0] != "0":
            continue
        try:
            number = phonenumbers.parse(plain, region)
        except NumberParseException:
            continue
        if not phonenumbers.is_valid_number(number):
            continue
        service = phonenumbers.number_type(number) in _NOT_OF_PEOPLE
        return ("service", "") if service else ("valid", str(number.national_number))
    return "unknown", plain.lstrip("+0")
