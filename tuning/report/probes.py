"""Questions that a test split does not have: mistyped, reworded, without an answer, and of general knowledge.

All are made by rules from the test questions or bundled, so that the same split gives the same questions again.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tuning.data import Example

__all__ = ["general_questions", "mistyped", "reworded", "unanswerable", "with_question"]

HERE = Path(__file__).parent
LETTERS_AN_ERROR = 10  # about one slip in so many letters, at least one a question
KEYS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
PLAIN = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")
OTHER_LANGUAGE = "en"

# How questions begin, and what makes the same question of the rest; the first that fits is taken.
HOW_ES = r"c[oó]mo (?:puedo|podr[ií]a|se puede|debo|hago para|tengo que)"
ASK_ES = r"(?:c[oó]mo|cu[aá]nt[oa]s?|a?d[oó]nde|qu[eé]|cu[aá]l(?:es)?|cu[aá]ndo|qui[eé]n(?:es)?|por qu[eé]|para qu[eé])"
WHETHER_ES = r"(?:puedo|podr[ií]a|se puede|hay|tengo|es|est[aá]|hace falta|existe|ofrec[eé]is|ten[eé]is|ofrecen|tienen)"
ASK_EN = r"(?:what|where|when|who|which|why|how|can|could|may|do|does|is|are|will|should)"


def _form(beginning: str, ending: str = r"\s*\?*$") -> re.Pattern[str]:
    return re.compile(rf"^¿?\s*{beginning}{ending}", re.IGNORECASE | re.DOTALL)


REWORDED: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "es": (
        (_form(rf"{HOW_ES} (.+?)"), "Necesito {}. ¿Qué tengo que hacer?"),
        (_form(rf"({ASK_ES} .+?)"), "Quería saber {}, gracias."),
        (_form(rf"({WHETHER_ES} .+?)"), "Quería saber si {}, por favor."),
    ),
    "en": (
        (_form(r"how (?:do|can|could|should|would) i (.+?)"), "I need to {}. What do I have to do?"),
        (_form(rf"({ASK_EN} .+?)"), "Hello, could you tell me something? {}, please?"),
    ),
}
FRAMED = {"es": "Hola, tengo una duda: {} Gracias.", "en": "Hello, I have a question: {} Thanks."}


def with_question(example: Example, question: str) -> Example:
    return replace(example, question=question)


def mistyped(text: str, *, seed: int) -> str:
    """The text as fingers in a hurry type it: letters swapped, missed, doubled, beside; no accents; digits stay.

    >>> mistyped("How do I change the password of my router?", seed=13) != "How do I change the password of my router?"
    True
    """
    draw = random.Random(f"{seed}/{text}")  # noqa: S311  typing errors, no secret
    letters = list(text.translate(PLAIN).replace("¿", "").replace("¡", ""))
    places = [n for n, letter in enumerate(letters) if letter.isalpha()]
    if not places:
        return text
    for place in draw.sample(places, max(1, len(places) // LETTERS_AN_ERROR)):
        letters[place] = _slip(letters, place, draw)
    typed = "".join(letters)
    return typed if typed != text else typed + typed[-1]


def _slip(letters: list[str], place: int, draw: random.Random) -> str:
    """What stands in the place of one letter; a swap changes its neighbour, too."""
    letter, kind = letters[place], draw.choice(("swap", "miss", "double", "beside"))
    following = letters[place + 1] if place + 1 < len(letters) else ""
    if kind == "swap" and len(following) == 1 and following.isalpha() and following != letter:
        letters[place + 1] = letter
        return following
    if kind == "miss":
        return ""
    row = next((keys for keys in KEYS if letter.lower() in keys), "")
    if kind == "double" or not row:
        return letter * 2
    at = row.index(letter.lower())
    return draw.choice([row[n] for n in (at - 1, at + 1) if 0 <= n < len(row)])


def reworded(text: str, lang: str) -> str | None:
    """The same question in other words, by the rules above; None in a language that has none.

    >>> reworded("¿Cómo puedo cambiar la clave?", "es")
    'Necesito cambiar la clave. ¿Qué tengo que hacer?'
    >>> reworded("How do I reset my router?", "en")
    'I need to reset my router. What do I have to do?'
    """
    asked = text.strip()
    for form, other in REWORDED.get(lang, ()):
        if found := form.match(asked):
            return other.format(found[1][:1].lower() + found[1][1:])
    return FRAMED[lang].format(asked) if lang in FRAMED else None


def unanswerable(languages: Sequence[str], count: int) -> list[Example]:
    """At most `count` questions that no page answers, in turn from the languages; English where a language has none."""
    known: dict[str, list[str]] = _read("unanswerable.json")
    chosen = list(dict.fromkeys(lang if lang in known else OTHER_LANGUAGE for lang in languages))
    found = [
        Example(id=f"unanswerable-{lang}-{place}", question=known[lang][place], answer="", lang=lang)
        for place in range(max((len(known[lang]) for lang in chosen), default=0))
        for lang in chosen
        if place < len(known[lang])
    ]
    return found[:count]


def general_questions() -> list[Example]:
    """The bundled set of general knowledge, in Spanish and English."""
    rows: list[dict[str, str]] = _read("general.json")
    return [
        Example(id=f"general-{number}", question=row["question"], answer=row["answer"], lang=row["lang"])
        for number, row in enumerate(rows)
    ]


@cache
def _read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
