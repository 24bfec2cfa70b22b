"""Addresses of machines, numbers of telephones and plates of vehicles."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from stdnum import luhn

from curation.privacy.beside import FILL, LONG_NUMBER, beside, in_front, product_in_front
from curation.privacy.personal import Personal

__all__ = ["find_devices"]

_IPV4 = re.compile(r"(?<![\w.])(?<!\d[,-])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?P<net>/\d{1,2})?(?!\w)(?!\.\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?P<address>[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?P<net>/\d{1,3})?(?![\w:])", re.IGNORECASE
)
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9a-f]{2}(?P<sign>[:-])[0-9a-f]{2}(?:(?P=sign)[0-9a-f]{2}){4}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![\w:-])",
    re.IGNORECASE,
)
_IMEI = re.compile(r"(?<![\w-])\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d(?![\w-])|(?<![\w-])\d{15}(?![\w-])")
_IMEI_WORD = re.compile(r"\bimei\b", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:\b(?:v|ver|versi[oó]n(?:es)?|versions?|firmware|build|release|driver|controlador|software|kernel|fw|rev)\b[.:\s]{0,3}"
    r"(?:(?:es|is|la|the|el|de|a|to|from|desde|del|\d[\w.]{0,12}|y|and|or|o)\b[\s,]{0,2}){0,4}|\bv)$",
    re.IGNORECASE,
)
# Public resolvers and other addresses that stand for no one's machine.
_WELL_KNOWN = frozenset(
    {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220"}
    | {"4.2.2.1", "4.2.2.2", "94.140.14.14", "94.140.15.15", "80.58.61.250", "80.58.61.254", "1.2.3.4", "4.4.4.4"}
    | {"2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001", "2620:fe::fe"}
)
_PLATE_WORD = (
    r"matr[ií]culas?|placas?|patentes?|license plates?|licence plates?|number plates?|plates?|registration|reg"
)
_VEHICLE = r"coches?|furgonetas?|motos?|cars?|vans?|truck|vehicles?|veh[ií]culos?"


def _plate(words: str, spanish: str) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{words})\b(?:[\s:,]{{1,2}}\w{{1,12}}){{0,5}}?{FILL}"
        rf"(?P<value>(?-i:{spanish}|[A-Z]{{1,2}}-\d{{4}}-[A-Z]{{1,2}}|[A-Z]{{2}}\d{{2}} ?[A-Z]{{3}}|"
        r"[A-Z]{2} ?\d{3} ?[A-Z]{2}|[A-Z]{3}[ -]?\d{3,4}(?:-[A-Z])?|[A-Z]{3}-\d{2}-\d{2}|[A-Z]{4}[ -]?\d{2}|"
        r"[A-Z]\d{1,3} ?[A-Z]{3}|\d[A-Z]{3}\d{3}))(?![\w-])",
        re.IGNORECASE,
    )


# Spanish plates have no vowels, which tells them from a "1600 TDI" where only the vehicle is named.
_PLATES = (
    _plate(_PLATE_WORD, r"\d{4}[ -]?[A-Z]{3}"),
    _plate(_VEHICLE, r"\d{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}"),
)

_LETTER_AT_DIGIT = re.compile(r"[A-Z][ -]?\d|\d[ -]?[A-Z]")  # as in every plate


def find_devices(text: str, lang: str) -> Iterator[Personal]:
    """IP and MAC addresses, IMEI numbers, number plates. A kind of "" is an address that is nobody's."""
    if "." in text:
        for match in _IPV4.finditer(text):
            yield from _address(text, match)
    if ":" in text or "-" in text or "." in text:
        for match in _MAC.finditer(text):
            yield _mac(match)
    if ":" in text:
        for match in _IPV6.finditer(text):
            if any(char.isalnum() for char in match[0]):
                yield from _address(text, match)
    for match in _IMEI.finditer(text) if LONG_NUMBER.search(text) else ():
        number = re.sub(r"\D", "", match[0])
        if luhn.is_valid(number):
            named = beside(_IMEI_WORD, text, *match.span())
            if named or (number[:2] in ("35", "86") and not product_in_front(text, match.start())):
                note = "its check digit holds"
                yield Personal("imei", *match.span(), number, 0.99 if named else 0.7, note)
    for pattern in _PLATES if _LETTER_AT_DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            yield Personal("plate", *match.span("value"), re.sub(r"[ -]", "", match["value"]), 0.85, "beside a vehicle")


def _address(text: str, match: re.Match[str]) -> Iterator[Personal]:
    start, end = match.span("address")
    try:
        address = ipaddress.ip_address(match["address"])
    except ValueError:
        return
    nobody = not address.is_global or address.is_multicast or str(address) in _WELL_KNOWN or str(address).endswith(".0")
    wide = match["net"] is not None and int(match["net"][1:]) < (31 if address.version == 4 else 64)
    if nobody or wide or _VERSION.search(in_front(text, start, 40)):
        yield Personal("", *match.span(), "", 0.99)
    else:
        yield Personal("ip", start, end, str(address), 0.95)


def _mac(match: re.Match[str]) -> Personal:
    digits = re.sub(r"[^0-9a-f]", "", match[0].lower())
    shown = len(set(digits)) == 1 or digits == "aabbccddeeff" or int(digits[:2], 16) & 1  # an example, or a group's
    return Personal("", *match.span(), "", 0.99) if shown else Personal("mac", *match.span(), digits, 0.97)
