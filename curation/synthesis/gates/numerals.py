"""Numbers written as digits or as words, Spanish and English, with where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Numeral", "numerals"]

_EN = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
    "million": 1_000_000, "dozen": 12,
}  # fmt: skip
_ES = {
    "cero": 0, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "once": 11, "doce": 12,
    "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19,
    "veinte": 20, "veintiun": 21, "veintiuno": 21,
    "veintiuna": 21, "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26,
    "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
    "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200,
    "trescientos": 300, "trescientas": 300, "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500,
    "quinientas": 500, "seiscientos": 600, "seiscientas": 600,
    "setecientos": 700, "setecientas": 700, "ochocientos": 800, "ochocientas": 800, "novecientos": 900,
    "novecientas": 900, "mil": 1000, "millon": 1_000_000, "millones": 1_000_000,
    "docena": 12,
}  # fmt: skip
_TWO = {
    "en": frozenset({"twice", "both", "couple", "pair", "double"}),
    "es": frozenset({"ambos", "ambas", "par", "doble"}),
}
_DIGITS = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d])(?:[.,]\d+)?|(?<![\d.,])\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")


class Numeral(NamedTuple):
    """`values` are what it may mean: 1.500 is 1500, and seldom 1.5. `digits`: it is written with them."""

    start: int
    end: int
    values: tuple[float, ...]
    digits: bool


def numerals(folded: str, lang: str) -> list[Numeral]:
    """The numbers of a folded text, in order.

    >>> [one.values for one in numerals("treinta y cinco de 1.500, o 2,5", "es")]
    [(35.0,), (1500.0, 1.5), (2.5,)]
    """
    found = [Numeral(match.start(), match.end(), _read(match[0]), True) for match in _DIGITS.finditer(folded)]
    found += _in_words(folded, lang)
    return sorted(found)


def _read(digits: str) -> tuple[float, ...]:
    bare = re.sub(r"\s", "", digits)
    if bare != digits:
        return (float(bare.replace(",", ".")),)
    if _GROUPED.fullmatch(digits):
        whole = float(re.sub(r"[.,]", "", digits))
        return (whole,) if len(re.findall(r"[.,]", digits)) > 1 else (whole, float(digits.replace(",", ".")))
    parts = re.split(r"[.,]", digits)
    if len(parts) == 1:
        return (float(digits),)
    if len(parts) == 2:
        return (float(".".join(parts)),)
    return (
        float(f"{''.join(parts[:-1])}.{parts[-1]}"),
    )  # a version such as 4.2.1, or 1.234,56: the same digits give the same


def _in_words(folded: str, lang: str) -> Iterator[Numeral]:
    table, two = (_ES, _TWO["es"]) if lang == "es" else (_EN, _TWO["en"])
    words = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(folded)]
    place = 0
    while place < len(words):
        start, end, word = words[place]
        if word in two:
            yield Numeral(start, end, (2.0,), False)
        if word not in table:
            place += 1
            continue
        run, last = [table[word]], place
        while (step := _goes_on(folded, words, last, run, table, lang)) is not None:
            run.append(table[words[step][2]])
            last = step
        yield Numeral(start, words[last][1], (float(_sum(run)),), False)
        place = last + 1


def _goes_on(
    folded: str, words: list[tuple[int, int, str]], last: int, run: list[int], table: dict[str, int], lang: str
) -> int | None:
    """The next word of the same number: "twenty-five", "treinta y cinco", "one hundred and ten", "dos mil"."""
    joining = last + 1
    if joining >= len(words) or not re.fullmatch(r"[ -]", folded[words[last][1] : words[joining][0]]):
        return None
    if words[joining][2] in ("and", "y"):
        tens = 30 <= run[-1] <= 90 if lang == "es" else run[-1] in (100, 1000)
        after = joining + 1
        if not tens or after >= len(words) or folded[words[joining][1] : words[after][0]] != " ":
            return None
        return after if 1 <= table.get(words[after][2], 0) <= (9 if lang == "es" else 99) else None
    value = table.get(words[joining][2])
    if value is None or value == 0:
        return None
    smaller = 20 <= run[-1] <= 90 and value < 10 and lang != "es"
    hundreds = run[-1] >= 100 and value < run[-1]
    return joining if smaller or hundreds or (value >= 100 and value > run[-1]) else None


def _sum(run: list[int]) -> int:
    total, part = 0, 0
    for value in run:
        if value >= 1000:
            total, part = total + (part or 1) * value, 0
        elif value == 100 and 0 < part < 100:
            part *= 100
        else:
            part += value
    return total + part
