"""Identity and tax numbers: those with check digits by them, the others by the word beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.ar import cuit
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.ec import ci as ecuador
from stdnum.es import cif, nie
from stdnum.es import dni as spanish_dni
from stdnum.mx import curp, rfc
from stdnum.us import itin

from curation.privacy.beside import FILL, LONG_NUMBER, beside, holds_any, product_in_front, unit_behind
from curation.privacy.personal import Personal

__all__ = ["find_identities"]


@dataclass(frozen=True, slots=True)
class _Number:
    """A number with check digits. `alone` is how sure it is without its word beside it; 0: it is nothing then."""

    kind: str
    form: re.Pattern[str]
    holds: Callable[[str], bool]
    word: re.Pattern[str]
    alone: float


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?<!\w[-./])(?:{pattern})(?![\w])(?!-\w)(?![./]\d)", re.IGNORECASE)


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _valid_itin(number: str) -> bool:
    return bool(itin.is_valid(number))


def _valid_ssn(number: str) -> bool:
    area, group, serial = number[:3], number[3:5], number[5:]
    return len(number) == 9 and area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _valid_nss(number: str) -> bool:
    """Spanish social security: the province and the number leave the last two digits when divided by 97."""
    province, serial = int(number[:2]), int(number[2:10])
    joined = province * 10**7 + serial if serial < 10**7 else province * 10**8 + serial
    return joined % 97 == int(number[10:])


_DNI = _words("dni", r"d\.n\.i\.?", "nif", "nie", "documento", "identidad", "titular")
_RUT = _words("rut", "run", r"r\.u\.t\.?", "rol [uú]nico", "c[eé]dula", "carnet")
_CUIT = _words("cuit", "cuil", r"c\.u\.i\.[tl]\.?")
_SSN = _words("ssn", "social security", "itin", "tax id", r"last four of", "social")
_NUMBERS = (
    _Number("dni", _form(r"\d{1,2}[. ]?\d{3}[. ]?\d{3}[- ]?[A-Z]"), spanish_dni.is_valid, _DNI, 0.9),
    _Number("dni", _form(r"[XYZ][-. ]?\d[. ]?\d{3}[. ]?\d{3}[- ]?[A-Z]"), nie.is_valid, _DNI, 0.95),
    _Number(
        "cif",
        _form(r"[ABCDEFGHJNPQRSUVW][- .]?\d{2}[. ]?\d{3}[. ]?\d{2}[0-9A-J]|[ABCDEFGHJNPQRSUVW][- ]\d{7}[- ]?[0-9A-J]"),
        cif.is_valid,
        _words("cif", "nif", r"c\.i\.f\.?", "s\\.?l\\.?u?", "s\\.?a\\.?", "empresa", "sociedad"),
        0.8,
    ),
    _Number("curp", _form(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d"), curp.is_valid, _words("curp"), 0.97),
    _Number(
        "rfc",
        _form(r"[A-ZÑ&]{3,4}[- ]?\d{6}[- ]?[A-Z\d]{3}"),
        lambda number: bool(rfc.is_valid(number, validate_check_digits=True)),
        _words("rfc", r"r\.f\.c\.?"),
        0.85,
    ),
    _Number("cuit", _form(r"(?:2[03457]|3[034])-\d{8}-\d"), cuit.is_valid, _CUIT, 0.9),
    _Number("cuit", _form(r"(?:2[03457]|3[034])[ .]?\d{2}\.?\d{3}\.?\d{3}[ .-]?\d"), cuit.is_valid, _CUIT, 0.0),
    _Number("rut", _form(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]"), rut.is_valid, _RUT, 0.9),
    _Number("rut", _form(r"\d{7,8}-?[\dK]"), rut.is_valid, _RUT, 0.0),
    _Number("cpf", _form(r"\d{3}\.\d{3}\.\d{3}-\d\d"), cpf.is_valid, _words("cpf"), 0.9),
    _Number("cpf", _form(r"\d{11}"), cpf.is_valid, _words("cpf"), 0.0),
    _Number("nit", _form(r"[89]\d{2}\.?\d{3}\.?\d{3} ?- ?\d"), nit.is_valid, _words("nit", r"n\.i\.t\.?"), 0.0),
    _Number("id_number", _form(r"\d{10}|\d{9}-\d"), ecuador.is_valid, _words("c[eé]dula", r"c\.?i\.?"), 0.0),
    _Number("ssn", _form(r"\d{3}-\d{2}-\d{4}"), _valid_ssn, _SSN, 0.85),
    _Number("ssn", _form(r"9\d{2}-\d{2}-\d{4}"), _valid_itin, _SSN, 0.8),
    _Number("ssn", _form(r"\d{3} ?\d{2} ?\d{4}"), _valid_ssn, _words("ssn", "social security"), 0.0),
    _Number("ssn", _form(r"\d{2}[ /-]?\d{8}[ /-]?\d{2}"), _valid_nss, _words("seguridad social", "n[uu]?ss"), 0.0),
    _Number(
        "ssn",
        _form(r"(?-i:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]) ?\d{2} ?\d{2} ?\d{2} ?(?-i:[A-D])"),
        lambda number: number[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"),
        _words("ni number", "nino", "national insurance"),
        0.75,
    ),
)
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?: ?[-/.] ?| (?:de |of )?)(?:\d{1,2}|[^\W\d_]{3,10}\.?)(?: ?[-/.] ?|,? (?:de[l]? )?)"
    r"(?:19|20)?\d\d|[^\W\d_]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
)


def _by_word(words: str, value: str) -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{words})(?!\w)(?: [^\W\d_]{{4,12}}(?=[ :]))?{FILL}(?<!\w)(?P<value>{value})(?![\w])(?![-./]\d)",
        re.IGNORECASE,
    )


# Without check digits: only the word tells what it is. Where the value may be shorter than a LONG_NUMBER, parts of
# the words follow, one of which is in each of them.
_BY_WORD: tuple[tuple[str, float, re.Pattern[str], *tuple[str, ...]], ...] = (
    (
        "id_number",
        0.85,
        _by_word(
            r"c[eé]dula(?: de (?:ciudadan[ií]a|identidad|extranjer[ií]a))?|c\.\s?c\.?|cc|c\.\s?i\.?|"
            r"d\.?n\.?i\.?|n\.?i\.?[fe]\.?|"
            r"documento(?: nacional)?(?: de identidad)?|carn[eé]t? de identidad|rut|rfc|curp|cuit|cuil|cpf|nit|cif|"
            r"id card|identity card|national id",
            r"(?=(?:[\w]*[-. ]?){0,4}\d)(?:\d{1,3}(?:[.' ]\d{3}){2,3}(?:-[\dkK])?|\d{7,11}(?:-?[\da-zA-Z])?|"
            r"[XYZ]-?\d{7}-?[A-Z]|[A-Z&Ñ]{3,4}\d{6}[A-Z\d]{3}|[A-Z]{4}\d{6}[A-Z]{6}[A-Z\d]{2}|"
            r"\d{2}-\d{8}-\d)(?:-?[A-Z]\b)?",
        ),
    ),
    ("ssn", 0.9, _by_word("seguridad social|nuss|nss|afiliaci[oó]n", r"\d{2}[ /-]?\d{8}[ /-]?\d{2}")),
    ("ssn", 0.9, _by_word(r"ssn|social security", r"\d{3}[- ]?\d{2}[- ]?\d{4}")),
    ("ssn", 0.9, _by_word(r"ni|nino|national insurance", r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]")),
    ("passport", 0.9, _by_word("pasaporte|passport", r"(?=[A-Z]*\d)[A-Z]{0,3}\d{6,9}[A-Z]?")),
    (
        "passport",
        0.85,
        _by_word(
            r"(?:carn[eé]t?|permiso|licencia) de conducir|driving licen[cs]e|driver'?s licen[cs]e|licen[cs]e number",
            r"(?=[A-Z]*-?\d)[A-Z]{0,5}-?\d[A-Z\d-]{5,16}",
        ),
        "conducir",
        "licen",
    ),
    (
        "birth_date",
        0.9,
        _by_word(
            r"nac[ií]|nacid[oa]|fecha de nac(?:imiento|\.)?|f\. ?nac\.?|nacimiento|date of birth|"
            r"d\.?o\.?b\.?|born(?: on)?|"
            r"birthdate|birth date|birthday|cumplea[nñ]os",
            _DATE,
        ),
        *("nac", "birth", "born", "dob", "d.ob", "o.b", "cumple"),
    ),
)
_HAS_DIGITS = re.compile(r"\d{2}")


def find_identities(text: str, lang: str) -> Iterator[Personal]:
    """Identity, tax and social security numbers, passports, dates of birth."""
    if not _HAS_DIGITS.search(text):
        return
    long, low = LONG_NUMBER.search(text) is not None, text.lower()
    for number in _NUMBERS if long else ():
        for match in number.form.finditer(text):
            confidence = _confidence(number, text, *match.span())
            if confidence and number.holds(_bare(match[0])):
                note = "its check digits hold" if number.kind != "ssn" else ""
                yield Personal(number.kind, *match.span(), _bare(match[0]), confidence, note)
    for kind, confidence, pattern, *parts in _BY_WORD:
        if not (holds_any(low, parts) if parts else long):
            continue
        for match in pattern.finditer(text):
            if not unit_behind(text, *match.span("value")):
                yield Personal(kind, *match.span("value"), _bare(match["value"]), confidence, "beside its word")


def _confidence(number: _Number, text: str, start: int, end: int) -> float:
    if beside(number.word, text, start, end):
        return 0.99
    return 0.0 if product_in_front(text, start) else number.alone


def _bare(written: str) -> str:
    return re.sub(r"[\s./'-]", "", written).upper()
