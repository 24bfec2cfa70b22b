"""What people say in a talk besides their question: greetings, thanks, words that need what was said before."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from curation.synthesis.wording.verbs import readings

__all__ = ["asks_back", "is_small_talk", "is_thanks", "own_question", "stands_alone", "without_greeting"]

_GREETING = re.compile(
    r"^(?:(?:hola|buenas|buenos días|buenas tardes|buenas noches|buen día|hi|hello|hey|"
    r"good (?:morning|afternoon|evening|day))"
    r"(?: (?:otra vez|de nuevo|a todos|a todas|tardes|noches|there|again|all|everyone|team))?[\s,.!:;-]*)+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:ok(?:ay|ey)?|vale|perfecto|genial|estupendo|hecho|listo|"
    r"(?:muchas |mil )?gracias(?: (?:de antemano|por [^.]{2,40}))?|great|perfect|done|"
    r"thanks(?: (?:a lot|so much|in advance|for [^.]{2,40}))?|thank you(?: [^.]{2,30})?|cheers|bye|adiós|"
    r"un saludo|saludos|hasta luego|de acuerdo|entendido|understood|sure|ahora (?:se ve|va|funciona) bien)[\s,.!]*",
    re.IGNORECASE,
)
_MEDIA = re.compile(r"^\[[a-z]+\]$", re.MULTILINE)
_NEEDS_MORE = re.compile(
    r"^\W*(?:y|e|o|pero|and|or|but|also|so|then|entonces|también|tampoco|sí|si,|no,|no\.|yes|yeah|nope|ok|vale|eso|esto|ese|"
    r"esa|aquello|it|that|this|they|those|these|same|lo mismo|el mismo|la misma)\b",
    re.IGNORECASE,
)
_BACK = re.compile(r"\b(?:it|that|this|them|they|those|there|eso|esto|ello|ellos|ellas|ahí|él|ella)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(lo|le|les|los|las) ([^\W\d_]+)", re.IGNORECASE)
LEAST_WORDS = 5  # of a question that needs nothing before it


def without_greeting(text: str) -> str:
    """The text without a greeting before it, thanks behind it and marks of pictures.

    >>> without_greeting("Hola otra vez, ¿puedo pedir un repetidor? Gracias")
    '¿Puedo pedir un repetidor?'
    """
    text = _MEDIA.sub("", text).strip()
    bare = _GREETING.sub("", text).strip()
    while ends := re.search(r"(?:^|[.!?]\s+|\n)(" + _THANKS.pattern + r")$", bare, re.IGNORECASE):
        bare = bare[: ends.start(1)].strip()
    found = re.search(r"[^\W\d_]", bare)
    if not found or bare == text:
        return bare
    return bare[: found.start()] + bare[found.start()].upper() + bare[found.start() + 1 :]


def is_thanks(text: str) -> bool:
    """Whether nothing is said but thanks or that all is well."""
    bare = _GREETING.sub("", text.strip())
    return not bare or all(_THANKS.fullmatch(part.strip()) for part in re.split(r"(?<=[.!])\s+", bare) if part.strip())


@cache
def _small_talk() -> re.Pattern[str]:
    lists = tomllib.loads((files("curation.synthesis.wording") / "small_talk.toml").read_text(encoding="utf-8"))
    every = [pattern for lang in ("es", "en") for pattern in lists[lang]["patterns"]]
    return re.compile("|".join(f"(?:{one.replace('%who%', lists['parts']['who'])})" for one in every))


def is_small_talk(text: str) -> bool:
    """Whether every sentence only greets, thanks, offers help or asks to wait: neither question nor answer.

    >>> is_small_talk("Gracias por llamar a Lumbre. ¡Que tenga un buen día!"), is_small_talk("Sí, cuesta 4 €.")
    (True, False)
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    for sentence in re.split(r"[.!?¡¿…;:\n]+", _MEDIA.sub("", bare)):
        said = " ".join(re.findall(r"\w+|,", sentence)).strip(" ,").replace(" ,", ",")
        whole = said.replace(",", "")
        if whole and not _small_talk().fullmatch(whole) and not _all_small(said.split(",")):
            return False
    return True


def _all_small(parts: list[str]) -> bool:
    """Whether each part between commas is small talk: "hola, buenas tardes"."""
    return len(parts) > 1 and all(not part.strip() or _small_talk().fullmatch(part.strip()) for part in parts)


def asks_back(text: str) -> bool:
    """Whether an answer ends by asking, so that it is none yet."""
    return text.rstrip().endswith("?")


def own_question(text: str) -> str:
    """The question of a turn: without greeting, and without what is told about the answer before it."""
    bare = without_greeting(text)
    parts = re.split(r"(?<=[.!])\s+", bare)
    while len(parts) > 1 and (_NEEDS_MORE.match(parts[0]) or _BACK.search(parts[0]) or len(parts[0].split()) < 4):
        parts.pop(0)
    return " ".join(parts)


def stands_alone(text: str, *, first: bool) -> bool:
    """Whether a question can be understood with nothing before it; the first of a talk needs no more than words.

    >>> stands_alone("¿Y cómo se pide?", first=False), stands_alone("¿Tiene algún coste?", first=False)
    (False, False)
    """
    words = len(re.findall(r"\w+", text))
    if is_thanks(text) or words < (3 if first else LEAST_WORDS):
        return False
    if first:
        return True
    if _NEEDS_MORE.match(text) or _BACK.search(text):
        return False
    return not any(
        pronoun.lower() in ("lo", "le", "les") or any(form.person in ("1s", "3s", "3p") for form in readings(word))
        for pronoun, word in _PRONOUN.findall(text)
    )
