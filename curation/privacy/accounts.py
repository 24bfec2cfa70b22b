"""Bank accounts and cards, by their check digits; without them only beside their word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle

from stdnum import iban, luhn
from stdnum.ar import cbu
from stdnum.es import ccc

from curation.privacy.beside import FILL, LONG_NUMBER, beside, product_in_front, unit_behind
from curation.privacy.personal import Personal

__all__ = ["find_accounts"]

_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?!\w)", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w])(?<!\d[-.])\d(?:[ -]?\d){12,18}(?![\w])(?![-.]\d)")
_CCC = re.compile(r"(?<![\w-])\d{4}[ -]?\d{4}[ -]?\d{2}[ -]?\d{10}(?![\w-])")
_CBU = re.compile(r"(?<![\w-])\d{8}[ -]?\d{14}(?![\w-])")
_CLABE = re.compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{11}[ -]?\d(?![\w-])")
_CLABE_WORD = re.compile(r"\b(?:clabe|interbancaria|cuenta|transferencia|reembolso|dep[oó]sito)\b", re.IGNORECASE)
_BANK_WORD = re.compile(r"\b(?:sort code|bank|banco|bancari[oa]|iban|swift|bic)\b", re.IGNORECASE)
_CARD_WORD = re.compile(
    r"\b(?:tarjetas?|cards?|visa|master ?card|amex|american express|d[eé]bito|cr[eé]dito|debit|credit)\b", re.IGNORECASE
)
_NOT_CARD = re.compile(
    r"\b(?:iccid|imei|sim|seguimiento|tracking|pedido|order|factura|invoice|serie|serial|ean|env[ií]o)\b", re.IGNORECASE
)
_BY_WORD = re.compile(
    rf"\b(?:cuenta(?: bancaria| corriente)?|ccc|iban|clabe|cbu|cvu|bank account|account number|sort code)\b{FILL}"
    r"(?P<value>(?:[A-Z]{2}\d{2}[ -]?)?\d{2,4}(?:[ -]?\d{2,4}){3,6}|\d{2}-\d{2}-\d{2})(?![\w])(?!-\d)",
    re.IGNORECASE,
)
_CARD_BY_WORD = re.compile(
    rf"\b(?:tarjeta|card|visa|mastercard)\b{FILL}(?P<value>\d{{4}}[ -]\d{{4}}[ -]\d{{4}}[ -]\d{{4}}|\d{{16}})(?!\w)",
    re.IGNORECASE,
)
# In Britain the sort code stands before or behind it, and only then it is known from other numbers of customers.
_BESIDE_SORT_CODE = re.compile(rf"\b(?:account|a/c|acc(?:t)?)\b{FILL}(?P<value>\d{{8}})(?!\w)", re.IGNORECASE)
_SORT_CODE = re.compile(r"\bsort code\b", re.IGNORECASE)
# The first digits that the card companies use, with the lengths of their numbers.
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),
    (re.compile(r"30[0-5]|36|38"), (14,)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"5018|5020|5038|6304|6759|676[1-3]"), (16, 18, 19)),
)


def find_accounts(text: str, lang: str) -> Iterator[Personal]:
    """IBANs, cards, Spanish CCC, Mexican CLABE and Argentine CBU numbers."""
    if not LONG_NUMBER.search(text):
        return
    for match in _IBAN.finditer(text):
        yield from _ibans(match)
    for match in _CARD.finditer(text):
        confidence = _card_confidence(text, *match.span(), _digits(match[0]))
        if confidence:
            yield Personal("card", *match.span(), _digits(match[0]), confidence, "its check digit holds")
    for pattern, check, alone in ((_CCC, ccc.is_valid, 0.9), (_CBU, cbu.is_valid, 0.9), (_CLABE, _valid_clabe, 0.0)):
        for match in pattern.finditer(text):
            confidence = 0.97 if beside(_CLABE_WORD, text, *match.span()) else alone
            if confidence and check(_digits(match[0])):
                yield Personal("bank_account", *match.span(), _digits(match[0]), confidence, "its check digits hold")
    for match in _BESIDE_SORT_CODE.finditer(text):
        if _SORT_CODE.search(text, max(0, match.start() - 60), match.end() + 40):
            yield Personal("bank_account", *match.span("value"), match["value"], 0.97, "beside a sort code")
    for pattern in (_BY_WORD, _CARD_BY_WORD):
        for match in pattern.finditer(text):
            if len(_digits(match["value"])) >= 6 and not unit_behind(text, *match.span("value")):
                confidence = 0.97 if beside(_BANK_WORD, text, match.start(), match.end(), reach=60) else 0.75
                yield Personal(
                    "bank_account", *match.span("value"), _digits(match["value"]), confidence, "beside its word"
                )


def _ibans(match: re.Match[str]) -> Iterator[Personal]:
    """The IBAN at the start of what looks like one; words and numbers that follow it are none of it."""
    written = match[0]
    while len(written) >= 15:
        number = re.sub(r"[ -]", "", written).upper()
        if iban.is_valid(number, check_country=False):
            yield Personal("iban", match.start(), match.start() + len(written), number, 0.99, "its check digits hold")
            return
        cut = max(written.rfind(" "), written.rfind("-"))
        if cut < 0:
            return
        written = written[:cut]


def _card_confidence(text: str, start: int, end: int, number: str) -> float:
    lengths = next((lengths for first, lengths in _ISSUERS if first.match(number)), ())
    if len(number) not in lengths or not luhn.is_valid(number) or len(set(number)) < 2:
        return 0.0
    if beside(_CARD_WORD, text, start, end):
        return 0.99
    told_else = product_in_front(text, start) or beside(_NOT_CARD, text, start, end) or unit_behind(text, start, end)
    return 0.0 if told_else else 0.9


def _valid_clabe(number: str) -> bool:
    weighted = sum(int(digit) * weight % 10 for digit, weight in zip(number[:17], cycle((3, 7, 1)), strict=False))
    return len(number) == 18 and (10 - weighted % 10) % 10 == int(number[17])


def _digits(written: str) -> str:
    return re.sub(r"[^0-9]", "", written)
