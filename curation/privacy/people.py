"""Names of private people where texts name them: greetings, signatures, introductions, titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from curation.privacy.beside import holds_any
from curation.privacy.personal import Personal

__all__ = ["find_people", "given_names"]

_WORD = (
    r"[A-ZÁÉÍÓÚÑÜÇ](?:[a-zà-ÿ'’]{1,20}|'[A-Z][a-zà-ÿ]{1,20})(?:-[A-ZÁÉÍÓÚÑ]?[a-zà-ÿ]{2,20})?(?:[A-Z][a-zà-ÿ]{1,20})?"
)
_LOW = r"[^\W\d_][^\W\d_'-]{1,20}"
_OF = r"(?:de la |de los |de las |del |de |y |van |von |da |dos |O'|Mc|Mac)"
_FULL = rf"{_WORD}(?:(?: {_OF}?{_WORD}| [A-ZÁÉÍÓÚÑ]\.(?= [A-ZÁÉÍÓÚÑ]))){{0,4}}"
_END = r"(?![\w@'-])"
_TITLE = r"(?:Sra?s?\.?|Srta\.?|Dñ?a?\.|Don|Doña|don|doña|Dra?\.?|Señora?|señora?|señorita|sr\.?|sra\.?)"
_EN_TITLE = r"(?:Mrs?\.?|Ms\.?|Miss|Dr\.?|Prof\.?|Sir|Madam|Mx\.?)"


def _where(before: str, after: str = "", name: str = _FULL) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?i:{before})(?P<value>{name}){_END}{after}")


_GAP = r"[ \t*_]{1,4}"
# Where a name is told: the words before it, how sure a name is that is unknown, of one word or of more,
# and parts of the words: one is in every text in lower case where the expression finds something.
_INTRODUCED = (
    (
        _where(
            rf"(?:me llamo|mi nombre(?: completo)? es|my (?:full )?name(?: is|'s| =|:)|named?:|"
            rf"nombre(?: y apellidos)?:){_GAP}"
        ),
        0.85,
        0.95,
        ("llamo", "ombre", "name"),
    ),
    (
        _where(
            rf"(?:a nombre de|en nombre de|titular(?: es| del contrato es|:)?|under the name(?: of)?|"
            rf"in the name of|account holder(?: is|:)?|habla con|hablé con|"
            rf"spoke (?:to|with)|atendi[oó]|le atiende|atentamente le saluda|firmado:?|signed:?|"
            rf"on behalf of|de parte de|pregunt(?:ar|e|en|ad) por|ask for|asking for|contactar? con|attn:?|"
            rf"a la atención de|mi (?:marido|mujer|esposa|esposo|padre|madre|hij[oa]|herman[oa])|"
            rf"my (?:husband|wife|son|daughter|mother|father|brother|sister|mum|mom|dad)),?{_GAP}"
        ),
        0.0,
        0.85,
        (
            "nombre de",
            "titular",
            "the name",
            "holder",
            "habl",
            "spoke",
            "atend",
            "atiende",
            "saluda",
            "firmado",
            "signed",
            "behalf",
            "parte de",
            "pregunt",
            "ask",
            "contact",
            "attn",
            "a la atención",
            "mi ",
            "my ",
        ),
    ),
    (
        _where(
            rf"(?:soy|aquí|al habla|te escribe|les escribe|le escribe|os escribe|i'?m|i am|this is|it's|here is){_GAP}"
        ),
        0.0,
        0.85,
        ("soy", "aquí", "habla", "escribe", "im", "i'm", "i am", "this is", "it's", "here is"),
    ),
)
_HERE = (
    (
        _where("", r"(?=,? (?:here|speaking|al habla|al aparato)(?:[.,:;!\n]|$| from| de| con))"),
        0.0,
        0.0,
        (" here", ",here", " speaking", ",speaking", "al habla", "al aparato"),
    ),
)
_TITLED = (
    (
        _where(rf"(?:estimad[oa]s? |querid[oa] )?(?-i:{_TITLE}) (?:(?-i:{_TITLE}) )?"),
        0.85,
        0.95,
        ("sr", "d.", "d ", "da ", "da.", "don", "doña", "dña", "dñ", "dr", "señor"),
    ),
    (_where(rf"(?:dear )?(?-i:{_EN_TITLE}) "), 0.85, 0.95, ("mr", "ms", "miss", "dr", "prof", "sir ", "madam ", "mx")),
)
_GREETED = (
    (
        _where(
            rf"(?:hola|buenas|buenos días|buenas tardes|buenas noches|hi|hello|hey|good (?:morning|"
            rf"afternoon|evening)|gracias|thanks|thank you|cheers),?{_GAP}",
            r"(?=\s*(?:[,:;.!\n)]|$))",
        ),
        0.0,
        0.8,
        ("hola", "buen", "hi", "hello", "hey", "good", "gracias", "thank", "cheers"),
    ),
    (
        _where(rf"(?:estimad[oa]s?|querid[oa]s?|dear|apreciad[oa]){_GAP}", r"(?=\s*(?:[,:;.\n]|$))"),
        0.6,
        0.85,
        ("estimad", "querid", "dear", "apreciad"),
    ),
)
_SIGNED = (
    (
        _where(
            r"(?:(?:un |muchos |mis )?(?:saludos?|abrazos?)(?: cordial(?:es)?)?|atentamente|atte\.?|"
            r"cordialmente|(?:muchas |mil )?gracias(?: y saludos| de antemano| por todo)?|"
            r"(?:best|kind|warm|many)? ?(?:regards|wishes|thanks)|thank you|thanks(?: again| in advance)?|"
            r"yours(?: sincerely| faithfully| truly)?|sincerely(?: yours)?|cheers|best|respectfully)"
            r"[,.:!]?[ \t]{0,3}(?:\n[ \t*_-]{0,6}){1,3}",
            r"(?=[ \t.*_]{0,6}(?:[,\n]|$))",
        ),
        0.7,
        0.9,
        ("\n",),
    ),
    (
        _where(
            r"(?:(?:un |mis )?saludos?(?: cordial(?:es)?)?|atentamente|atte\.?|cordialmente|gracias|"
            r"regards|thanks|sincerely|cheers|firmado|signed)[,.:]? {1,3}[-–]?\s?",
            r"(?=\s{0,4}(?:[.!\n]{0,2}\s{0,3}(?:$|\n)))",
        ),
        0.0,
        0.85,
        (
            "saludo",
            "atent",
            "atte",
            "cordialmente",
            "gracias",
            "regards",
            "thanks",
            "sincerely",
            "cheers",
            "firmado",
            "signed",
        ),
    ),
    (re.compile(rf"(?:^|\n)[ \t]*[-~] ?(?P<value>{_FULL})[ \t.]*$"), 0.0, 0.8, ("-", "~")),
)
_ANYWHERE = re.compile(rf"(?<![\w.@/-]){_FULL}{_END}")
_LOWER = re.compile(
    rf"(?<![\w-])(?:me llamo|mi nombre es|my name is|my name's|hola,? soy|soy|hi,? i'm|"
    rf"this is) (?P<value>{_LOW}(?: {_LOW}){{0,2}})",
    re.IGNORECASE,
)
_LOWER_PARTS = ("llamo", "nombre es", "my name", "soy", "i'm", "this is")

_COMPANY = re.compile(
    r"\b(?:team|support|service|services|equipo|soporte|servicio|departamento|atención|help|desk|care|"
    r"customer|clientes|company|"
    r"inc|ltd|llc|sl|sa|corp|fibra|telecom|mobile|online|digital|group|grupo|bank|banco|center|centre|"
    r"centro|office|oficina|street|city|windows|"
    r"android|google|microsoft|apple)\b",
    re.IGNORECASE,
)

_COMPANY_FORM = re.compile(  # behind the name; "S.A." is no initial of somebody
    r",?\s{1,2}(?:s\.? ?l\.?(?: ?u\.?| ?l\.?| ?p\.?)?|s\.? ?a\.?(?: ?s\.?| ?u\.?| de c\.?v\.?)?|s\. ?de r\.?l\.?|"
    r"s\. ?coop\.?|ltda?\.?|limited|inc\.?|llc|llp|plc|corp\.?|gmbh|& co\.?|y c[ií]a\.?)(?!\w)",
    re.IGNORECASE,
)


def given_names() -> frozenset[str]:
    """Common given names, in lower case and without accents."""
    return _listed("given_names")


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of a list in this folder, in lower case and without accents."""
    lines = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(word) for line in lines if not line.startswith("#") for word in line.split())


def find_people(text: str, lang: str) -> Iterator[Personal]:
    """Names beside the words that introduce, greet and sign, and common names with a common surname."""
    low = text.lower()
    for group in (_INTRODUCED, _HERE, _TITLED, _GREETED, _SIGNED):
        for pattern, one_unknown, more_unknown, parts in group:
            for match in pattern.finditer(text) if holds_any(low, parts) else ():
                yield from _name(match, one_unknown, more_unknown)
    for match in _ANYWHERE.finditer(text):
        yield from _both_known(match)
    for match in _LOWER.finditer(text) if holds_any(low, _LOWER_PARTS) else ():
        yield from _lower_case(match)


def _name(match: re.Match[str], one_unknown: float, more_unknown: float) -> Iterator[Personal]:
    words = match["value"].rstrip(" .").split(" ")
    while words and _plain(words[-1]) in _listed("nobody"):
        words.pop()
    if not words or _plain(words[0]) in _listed("nobody") or _COMPANY.search(" ".join(words)):
        return
    if _COMPANY_FORM.match(match.string, match.end("value")):
        return
    written = " ".join(words)
    known = _plain(words[0]) in given_names()
    confidence = 0.95 if known else one_unknown if len(words) == 1 else more_unknown
    if confidence:
        start = match.start("value")
        yield Personal("name", start, start + len(written), _plain(written), confidence)


def _both_known(match: re.Match[str]) -> Iterator[Personal]:
    """A common given name with a common surname right behind it, which nothing has to introduce."""
    words = match[0].rstrip(" .").split(" ")
    for place in range(len(words) - 1):
        given, last = _plain(words[place]), _plain(words[place + 1])
        if given in given_names() and last in _listed("surnames") and last not in given_names():
            written = " ".join(words[place:])
            start = match.start() + len(" ".join(words[:place])) + (place > 0)
            yield Personal("name", start, start + len(written), _plain(written), 0.7)
            return


def _lower_case(match: re.Match[str]) -> Iterator[Personal]:
    """A name without capitals, as in chats: only where it begins with a known one."""
    words = match["value"].split(" ")
    known = _plain(words[0]) in given_names() - _listed("nobody")
    if not known or not match["value"][0].islower():
        return
    kept = 1
    while (
        kept < len(words)
        and kept < 3
        and _plain(words[kept]) not in _SMALL
        and len(words[kept]) > 2
        and _sure_surname(words[kept])
    ):
        kept += 1
    written, start = " ".join(words[:kept]), match.start("value")
    yield Personal("name", start, start + len(written), _plain(written), 0.8)


def _sure_surname(word: str) -> bool:
    plain = _plain(word)
    return plain in _listed("surnames") or plain in given_names()


_SMALL = frozenset("y and de del la el no me mi que con from in at the a of is".split())  # noqa: SIM905


def _plain(word: str) -> str:
    low = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in low if not unicodedata.combining(char)).strip(".,'")
