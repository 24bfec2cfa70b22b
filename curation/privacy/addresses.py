"""Postal addresses in Spanish and English forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.privacy.beside import FILL
from curation.privacy.personal import Personal

__all__ = ["find_addresses"]

_CAP = r"[A-ZÁÉÍÓÚÑÜ][\w.'-]{0,24}"
_PARTICLE = r"(?:de|del|la|las|los|el|y|of|the|e|d'|da|dos|do)"
_WAY = (
    r"(?i:calle|c/|c\.|cl\.?|avda?\.?|av\.?|avenida|plaza|pza\.?|plza\.?|pl\.|paseo|p\.?°|camino|cno\.?|"
    r"carretera|ctra\.?|"
    r"ronda|rda\.?|traves[ií]a|trav\.|glorieta|callej[oó]n|pasaje|psje\.?|pje\.?|urbanizaci[oó]n|urb\.?|"
    r"rambla|carrera|cra\.?|"
    r"kra\.?|calzada|bulevar|boulevard|blvd\.?|jir[oó]n|jr\.?|diagonal|transversal|alameda|cuesta|"
    r"prolongaci[oó]n|pol[ií]gono)"
)
_NUMBER = (
    r"(?i:,? {0,2}(?:n[ºo°]\.?|n[uú]m\.?|n[uú]mero|#|no\.?)? {0,2}\d{1,5}(?: ?[-/] ?\d{1,4})?(?: ?[A-F]\b|"
    r"(?: ?bis\b))?|,? s/n)"
)
_PART = (
    r"(?:(?i:,? {0,2}(?:piso|planta|puerta|pta\.?|esc\.?|escalera|bloque|bl\.?|blq\.?|portal|depto\.?|"
    r"dpto\.?|departamento|apto\.?|"
    r"apartamento|int\.?|interior|local|casa|torre|oficina|of\.|manzana|lote|barrio|col\.?|"
    r"colonia) {0,2}[\w.ºª°]{1,12})|"
    r",? {0,2}(?:\d{1,2}|[Bb]ajo|[ÁAáa]tico|[Ee]ntlo\.?)(?:[ºª°]|\.[ºª])?(?: ?-? ?(?i:izq\w*\.?|dcha\.?|"
    r"der\w*\.?|centro|[A-H]\b|\d\b)[ºª°]?)?(?=[\s,.;)]|$))"
)
_TOWN = (
    rf"(?:,? {{0,2}}(?:(?i:c\.?p\.?) {{0,2}})?\d{{4,5}}"
    rf"(?: {{1,2}}(?:de )?{_CAP}(?: (?:{_PARTICLE} ){{0,2}}{_CAP}){{0,3}})?|"
    rf"[,(] {{0,2}}{_CAP}(?: (?:{_PARTICLE} ){{0,2}}{_CAP}){{0,3}}\)?)"
)
_SPANISH = re.compile(
    rf"(?<![\w/]){_WAY}(?<=[\w/.º]) {{0,2}}(?:(?:{_PARTICLE} ){{0,3}}{_CAP}|\d{{1,2}} (?:de )?{_CAP})"
    rf"(?: (?:(?:{_PARTICLE} ){{0,3}}{_CAP})){{0,5}}{_NUMBER}(?!\w)(?! ?(?:€|%|Mb|Gb|"
    rf"MHz))(?:{_PART}){{0,4}}(?:{_TOWN}){{0,2}}"
)
_SPANISH_LOWER = re.compile(
    r"(?:\b(?:vivo|vivimos|reside|resido|direcci[oó]n|domicilio|instalaci[oó]n|env[ií]o|enviad\w*|"
    r"entrega)\b[^\n\d]{0,24}?)"
    r"(?P<value>(?<![\w/])(?:calle|c/|avda\.?|avenida|av\.?|plaza|paseo|camino|"
    r"carretera) ?(?:[^\W\d_]{1,16}[ ,]{1,2}){1,5}(?:n[ºo°]?\.? ?)?\d{1,4}"
    r"(?:,? {0,2}(?:\d{1,2} ?[ºª°]? ?(?:izq\w*|dcha|der\w*|[a-h]\b)?|piso \w{1,4}|puerta \w{1,4}|"
    r"\d{5})){0,4}(?:,? [^\W\d_]{3,16}(?=[\s.,;]|$))?)",
    re.IGNORECASE,
)
_COLOMBIAN = re.compile(
    r"(?<![\w/])(?:carrera|cra\.?|kra?\.?|cr\.?|calle|cll?\.?|avenida|av\.?|ak|ac|diagonal|dg\.?|"
    r"transversal|tv\.?|tr\.?) {0,2}\d{1,3} ?[a-z]?"
    r"(?: ?bis)?(?: (?:sur|norte|este|oeste))? {0,2}(?:#|no\.?|n[º°]\.?|nro\.?) {0,2}\d{1,3} ?[a-z]? ?- ?\d{1,3}"
    r"(?:,? {0,2}(?:apto\.?|apartamento|piso|torre|casa|int\.?|interior|barrio|"
    r"local) {0,2}\w{1,12}){0,3}(?:, {0,2}[a-záéíóúñ]{3,16})?(?!\w)",
    re.IGNORECASE,
)
_UK_CODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_STREET = (
    r"(?i:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|close|crescent|cres|"
    r"terrace|place|pl|square|sq|"
    r"row|gardens|gdns|mews|grove|hill|parkway|pkwy|circle|cir|trail|highway|hwy|green|walk|park|rise|"
    r"view|alley|heights)"
)
_FLAT = r"(?i:flat|apt|apartment|unit|suite|ste|floor|room)"
_EN_TOWN = r"[A-Z][a-z][A-Za-z'.-]{0,24}"
_TAIL = (
    rf"(?:,? {{0,2}}(?:{_FLAT}\.? {{0,2}}#?\w{{1,5}}|"
    rf"#\w{{1,5}})(?!\w)){{0,2}}(?:, {{0,2}}{_EN_TOWN}(?: {_EN_TOWN}){{0,2}}){{0,3}}"
    rf"(?:,? {{1,2}}[A-Z]{{2}}(?= {{1,2}}\d{{5}}))?"
    rf"(?:,? {{0,2}}(?:{_UK_CODE}|\d{{5}}(?:-\d{{4}})?)(?!\w))?"
)
_ENGLISH = re.compile(
    rf"(?<![\w.,$€£-])(?:{_FLAT}\.? {{0,2}}\w{{1,4}},? {{0,2}})?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?"
    rf",? {{1,2}}(?:(?:[NSEW]\.?|"
    rf"North|South|East|West) {{1,2}})?"
    rf"(?:(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th)) {{1,2}}){{1,4}}(?=[A-Z]){_STREET}(?!\w)\.?{_TAIL}"
)
_ENGLISH_LOWER = re.compile(
    r"\b(?:liv(?:e|ing) (?:at|in)|address(?: is)?|ship(?:ped)?(?: \w+)? to|deliver(?:ed)?(?: \w+)? to|"
    r"located at|moved? to|moving to)\b[ :]{1,3}"
    rf"(?P<value>(?:flat \w{{1,4}},? )?\d{{1,5}}[a-z]? (?:[a-z'.]{{2,16}} ){{1,3}}{_STREET}\b(?:,? (?:apt|"
    rf"flat|unit|suite) ?#?\w{{1,4}})?(?:, [a-z]{{3,16}}){{0,2}}(?:,? (?:{_UK_CODE}|"
    rf"[a-z]{{2}} \d{{5}}))?)(?!\w)",
    re.IGNORECASE,
)
_BOX = re.compile(
    rf"(?<!\w)(?:P\.? ?O\.? ?Box|(?i:apartado(?: de correos| postal)?|"
    rf"apdo\.?)) {{0,2}}(?:(?i:n[ºo°]\.?) ?)?\d{{1,6}}{_TAIL}"
    rf"(?:(?<=\d{{5}}) {_CAP}(?: (?:{_PARTICLE} )?{_CAP}){{0,2}})?(?!\w)"
)
_POSTCODE = re.compile(rf"\b(?:post ?code)\b{FILL}(?P<value>(?-i:{_UK_CODE}))(?!\w)", re.IGNORECASE)


def find_addresses(text: str, lang: str) -> Iterator[Personal]:
    """Streets with their numbers, and what follows of flat, postcode and town."""
    if not any(char.isdigit() for char in text) and "s/n" not in text:
        return
    for pattern, confidence in ((_SPANISH, 0.9), (_COLOMBIAN, 0.95), (_ENGLISH, 0.88), (_BOX, 0.8)):
        for match in pattern.finditer(text):
            yield _address(match, match.span(), confidence)
    for pattern, confidence in ((_SPANISH_LOWER, 0.8), (_ENGLISH_LOWER, 0.8), (_POSTCODE, 0.75)):
        for match in pattern.finditer(text):
            yield _address(match, match.span("value"), confidence)


def _address(match: re.Match[str], span: tuple[int, int], confidence: float) -> Personal:
    start, end = span
    written = match.string[start:end]
    kept = written.rstrip(" ,.")
    value = re.sub(r"\W+", " ", kept).casefold().strip()
    return Personal("address", start, start + len(kept), value, confidence)
