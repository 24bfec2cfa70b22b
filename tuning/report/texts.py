"""What can be compared in two answers beside their letters: words in order, numbers, names, negations, refusals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["names", "negations", "numbers", "refuses", "rouge_l", "words"]

WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CAPITAL = re.compile(r"[^\W\d_][\w&+'’-]*")
STARTS = set(".!?:;¿¡\n\"“”«»'‘’()[]{}<>*#|•–—/")  # a capital after one of these may be that of a sentence
BULLET = re.compile(r"(?:^|\n)\s*(?:[-+]|\d+[.)])$")
NEGATIONS = {"no", "nunca", "jamás", "ni", "sin", "tampoco", "nada", "nadie", "ningún", "ninguna", "ninguno"}
NEGATIONS |= {"not", "never", "none", "nor", "neither", "without", "nothing", "nobody", "cannot"}
CONTRACTED = re.compile(r"\b\w+n['’]t\b", re.IGNORECASE)

# What people and models say when they do not answer; of the first person, so that "you cannot" is none.
REFUSALS = re.compile(
    r"\b(?:no (?:(?:se|te|le|les|os|lo|la) )*(?:sé|sabemos|sabría|puedo|podemos|podría|tengo|tenemos|dispongo|"
    r"disponemos|cuento con|contamos con|conozco|conocemos|encuentro|encontramos)|"
    r"lo (?:siento|sentimos|lamento|lamentamos)|lamento|lamentamos|desconozco|desconocemos|"
    r"no (?:hay|existe|consta|figura|aparece) (?:ninguna )?información|no es posible (?:saber|responder|decir|conocer)|"
    r"(?:i|we) (?:do not|don['’]?t|cannot|can['’]?t|could not|couldn['’]?t|am not able|are not able|am unable|"
    r"are unable|have no|do not have)|(?:i|we)['’]m not able|i['’]m unable|(?:i['’]m|i am|we['’]re|we are) "
    r"(?:sorry|afraid|not sure)|sorry|unfortunately,? (?:i|we)|there is no information|"
    r"(?:it is|it['’]s) not possible to (?:say|tell|know|answer)|no information (?:is )?available)\b",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """The words of a text, as they are compared: no case, no punctuation.

    >>> words("Pulsa «Guardar», ¿sí?")
    ['pulsa', 'guardar', 'sí']
    """
    return WORD.findall(unicodedata.normalize("NFC", text).casefold())


def rouge_l(answer: str, truth: str) -> float:
    """ROUGE-L of two texts: the F1 of their longest common subsequence of words, without stemming, 0 to 1.

    The package rouge-score drops every letter outside a-z, which tears Spanish words apart; on plain English
    the figures are the same.

    >>> rouge_l("press save now", "now press save")
    0.6666666666666666
    """
    said, wanted = words(answer), words(truth)
    common = _common(said, wanted)
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text in one way of writing: 1.500 and 1,500 are 1500, 2,5 is 2.5.

    >>> sorted(numbers("Pague 1.500 € antes de 24 h, o un 2,5 % más."))
    ['1500', '2.5', '24']
    """
    return frozenset(map(_plain_number, NUMBER.findall(text)))


def names(text: str) -> frozenset[str]:
    """What the text names: addresses, and words with a capital that is not that of a sentence, without case.

    >>> sorted(names("Abra la app Lumbre y pulse Ajustes, o escriba a hola@lumbre.example. Gracias."))
    ['ajustes', 'hola@lumbre.example', 'lumbre']
    """
    found = {one.rstrip(".,;:!?)»”'\"").casefold() for one in ADDRESS.findall(text)}
    rest = ADDRESS.sub(" ", text)
    for match in CAPITAL.finditer(rest):
        word = match[0]
        before = rest[: match.start()].rstrip(" \t")
        begins = not before or before[-1] in STARTS or BULLET.search(before) is not None
        named = word[0].isupper() and not begins and word not in ("I", "I'm", "I’m")
        if (named or any(letter.isupper() for letter in word[1:])) and len(word) > 1:
            found.add(word.casefold())
    return frozenset(found)


def negations(text: str) -> int:
    """How many words of the text deny something.

    >>> negations("No se puede sin clave."), negations("You don't need it."), negations("Sí, se puede.")
    (2, 1, 0)
    """
    return sum(word in NEGATIONS for word in words(text)) + len(CONTRACTED.findall(text))


def refuses(text: str) -> bool:
    """Whether an answer says that it gives none.

    >>> refuses("Lo siento, no dispongo de esa información."), refuses("You cannot change it online.")
    (True, False)
    """
    return REFUSALS.search(text) is not None


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(second) + 1)
    for one in first:
        corner = 0
        for place, other in enumerate(second, 1):
            corner, row[place] = row[place], corner + 1 if one == other else max(row[place], row[place - 1])
    return row[-1]


def _plain_number(text: str) -> str:
    if THOUSANDS.fullmatch(text):
        return re.sub("[.,]", "", text)
    return text.replace(",", ".")
