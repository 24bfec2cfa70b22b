"""The words beside a number, which tell what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["FILL", "LONG_NUMBER", "beside", "holds_any", "in_front", "product_in_front", "unit_behind"]

# What may stand between a word and its value: signs and small words, one by one so that it stays linear.
FILL = (
    r"(?:[\s:#=.,;(\[{\"'`*º°_>/|~-]|\b(?:es|is|was|era|fue|son|are|el|la|los|las|un|una|de|del|mi|my|your|tu|su|the|"
    r"n|no|nr|nro|num|núm|número|numero|number|id|código|codigo|code|con|with|as|to|it|este|esta|this|digo|sería|"
    r"actual|current|siguiente|following|completo|titular|personal|nuevo|nueva|new|cliente|customer)\b){0,24}?"
)

# Six digits with signs between them: the least that numbers of accounts, identities and machines have.
LONG_NUMBER = re.compile(r"\d(?:[ ./'-]{0,3}\d){5}")
_PRODUCT = re.compile(
    r"(?:\b(?:modelo|model|pieza|part(?:\s+(?:number|no))?|p/n|sku|ean|upc|isbn|art[ií]culo|item|producto|product|"
    r"serie|serial(?:\s+(?:number|no))?|s/n|sn|firmware|versi[oó]n|version|build|release|lote|batch|commit|hash|"
    r"checksum|error|c[oó]digo de (?:error|producto|barras)|barcode|iccid|sim card)\b)"
    r"[\s:#=.,(º°nNoO\"'`*-]{0,8}(?:\b(?:es|is|number|número|de)\b[\s:#\"'`*]{0,3}){0,2}$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\s?(?:€|\$|£|%|°|(?:euros?|eur|usd|mxn|ars|cop|clp|gbp|d[oó]lares|dollars|pesos|pounds|soles|libras|[kmgt]?bytes|"
    r"[kmgt]i?b(?:ps|it/s|/s)?|[kmg]?hz|rpm|ms|ns|µs|seg(?:undos)?|seconds?|segundos|milisegundos|nanoseconds|"
    r"milliseconds|minutos|minutes|horas|hours|d[ií]as|days|meses|months|a[nñ]os|years|packets|paquetes|unidades|units|"
    r"px|mm|cm|metros|metres|meters|km|veces|times|habitantes|clientes|customers|usuarios|users|lines|l[ií]neas|"
    r"entradas|entries|rows|filas)\b)",
    re.IGNORECASE,
)


def holds_any(low: str, words: Iterable[str]) -> bool:
    """Whether one of these words is anywhere in the text, which is in lower case: what most texts can be told by at
    once, before an expression reads them.
    """
    return any(word in low for word in words)


def in_front(text: str, start: int, reach: int) -> str:
    """What stands before this place, up to `reach` characters."""
    return text[max(0, start - reach) : start]


def beside(words: re.Pattern[str], text: str, start: int, end: int, *, reach: int = 40) -> bool:
    """Whether one of these words stands before the span, on its line or the one above, or shortly behind it."""
    return words.search(in_front(text, start, reach)) is not None or words.search(text, end, end + 12) is not None


def product_in_front(text: str, start: int) -> bool:
    """Whether the words right before say that this is the number of a thing that is made and sold."""
    return _PRODUCT.search(in_front(text, start, 40)) is not None


def unit_behind(text: str, start: int, end: int) -> bool:
    """Whether this is an amount: a unit or a currency stands at it."""
    return _UNIT.match(text, end) is not None or in_front(text, start, 2).rstrip()[-1:] in ("$", "€", "£")
