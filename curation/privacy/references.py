"""Numbers by which a company knows a customer: of orders, contracts, invoices, tickets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.privacy.beside import unit_behind
from curation.privacy.personal import Personal

__all__ = ["find_references"]

_WORD = (
    r"pedidos?|[oó]rden(?: de compra)?|orders?|facturas?|invoices?|contratos?|contracts?|clientes?|customers?|client|"
    r"abonad[oa]|socio|tickets?|incidencias?|expedientes?|reclamaci[oó]n|complaint|casos?|case|reservas?|booking|"
    r"reservation|env[ií]o|seguimiento|tracking|shipment|p[oó]lizas?|policy|siniestro|claim|account|cuenta|"
    r"localizador|referencias?|reference|ref|aver[ií]as?|aviso|solicitud|request|membership|member|albar[aá]n|afiliad[oa]|suscripci[oó]n|"
    r"subscription|folio|nic|cups"
)
_BETWEEN = (
    r"(?:[ \t:#=.,(\[\"'`*º°-]|\b(?:es|is|was|era|el|la|mi|my|de|del|the|n|no|nr|nro|num|núm|numero|número|number|"
    r"id|código|codigo|code|ref|referencia|reference|cliente|customer|pedido|compra|contrato|soporte|support|con|with)\b){1,20}?"
)
_REFERENCE = re.compile(
    rf"\b(?P<word>{_WORD})\b(?P<between>{_BETWEEN})"
    r"(?P<value>#?(?=[A-Z]{0,6}[-/]?[A-Z]{0,4}\d)[A-Z0-9]{1,20}(?:[-/.][A-Z0-9]{1,20}){0,4})(?![\w])(?![,.]\d)",
    re.IGNORECASE,
)
# "My customer ID is": the number stands behind, so that what is before it says it all.
_NUMBER_OF = re.compile(
    r"\b(?:n[uú]mero|n[ºo°]\.?|nro\.?|id|c[oó]digo|number|no\.)\s(?:de\s|of\s)?(?:mi\s|my\s|the\s|tu\s)?"
    rf"(?P<word>{_WORD})\b(?P<between>{_BETWEEN})(?P<value>#?[A-Z0-9]{{0,6}}[-/]?\d[A-Z0-9]*(?:[-/.][A-Z0-9]{{1,20}}){{0,4}})(?![\w])",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\d(?:[^\s\d]*\d){3}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_PRODUCT = re.compile(r"\b(?:producto|product|modelo|model|art[ií]culo|item|pieza|part)\b", re.IGNORECASE)
_MINE = re.compile(r"\b(?:mi|my|your|tu|su|nuestr[oa]|our|vuestr[oa]) $", re.IGNORECASE)
_TOLD = re.compile(r"[#:º°]|\b(?:n|no|nr|nro|n[uú]m|n[uú]mero|number|id|es|is)\b", re.IGNORECASE)


def find_references(text: str, lang: str) -> Iterator[Personal]:
    """Numbers of at least four digits right after the word for what they number."""
    for pattern in (_REFERENCE, _NUMBER_OF) if _FOUR_DIGITS.search(text) else ():
        for match in pattern.finditer(text):
            confidence = _confidence(text, match)
            if confidence:
                value = re.sub(r"[^0-9a-z]", "", match["value"].casefold())
                yield Personal("reference", *match.span("value"), value, confidence, "beside its word")


def _confidence(text: str, match: re.Match[str]) -> float:
    value, start = match["value"], match.start()
    digits = sum(char.isdigit() for char in value)
    if digits < 4 or unit_behind(text, *match.span("value")) or _DATE.fullmatch(value):
        return 0.0
    near = 40 if match["word"].casefold().startswith("ref") else 15
    if _PRODUCT.search(text, max(0, start - near), match.end("between")):
        return 0.0
    told = _TOLD.search(match["between"]) is not None or value.startswith("#")
    if _YEAR.fullmatch(value):
        return 0.55 if "#" in match["between"] + value else 0.0
    letters = any(char.isalpha() for char in value)
    if told:
        return 0.95
    if digits >= 5 or letters:
        return 0.85
    # Four digits alone may be an amount (we order 3000 cables), but not with a 0 in front or as somebody's own.
    return 0.75 if value.startswith("0") or _MINE.search(text, max(0, start - 12), start) else 0.55
