"""Forms of address in Spanish questions: tú to usted or vos, vosotros to ustedes, verbs and pronouns together.

All of a question is turned or none of it: where one word could be a verb or a noun, or a verb is not known, there is
no other form of it.
"""

from __future__ import annotations

import re
from typing import Literal

from curation.synthesis.wording.verbs import Form, Person, conjugate, infinitives, readings
from curation.synthesis.wording.wordlists import words

__all__ = ["Address", "address_of", "readdressed"]

Address = Literal["tú", "usted", "vos", "vosotros", "ustedes"]

_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]|\d\S*|\s+|.")
_TU = {"tú": "usted", "tu": "su", "tus": "sus", "ti": "usted", "contigo": "con usted", "tuyo": "suyo", "tuya": "suya"}
_VOS = {"tú": "vos", "ti": "vos", "contigo": "con vos"}
_VOSOTROS = {
    "vosotros": "ustedes", "vosotras": "ustedes", "vuestro": "su", "vuestra": "su", "vuestros": "sus", "vuestras": "sus"
}  # fmt: skip
# Before these a noun stands, never a verb: "las facturas", "sin cuentas".
_BEFORE_NOUN = words("address.before_noun")
# Nouns that are spelt as a form of a verb.
_NOUNS = words("address.nouns")
# Words after which a verb is likely: one that is not known there, and ends like one, stops the change.
_BEFORE_VERB = words("address.before_verb")
_SURELY_BEFORE_VERB = frozenset(["cómo", "te", "tú", "os"])
_NO_VERB = words("address.no_verb")


def address_of(question: str) -> Address | None:
    """How a question speaks to whom it asks: "tú" or "vosotros"; None where it does not, or both, or it is unclear.

    >>> address_of("¿Cómo puedes cambiar tu clave?"), address_of("¿Abrís los domingos?"), address_of("¿Qué es?")
    ('tú', 'vosotros', None)
    """
    marks: set[Address] = set()
    said = _words(question)
    for at, word in enumerate(said):
        if word in _TU or word == "te":
            marks.add("tú")
        elif word in _VOSOTROS or word == "os":
            marks.add("vosotros")
        else:
            form = _verb(said, at)
            marks |= {"tú"} if form and form.person == "2s" else {"vosotros"} if form and form.person == "2p" else set()
    return marks.pop() if len(marks) == 1 else None


def readdressed(question: str, to: Literal["usted", "vos", "ustedes"]) -> str | None:
    """The question as one says it to usted, vos or ustedes; None where that cannot be told for sure.

    >>> readdressed("¿Cómo puedes cambiar tu clave?", "usted")
    '¿Cómo puede cambiar su clave?'
    >>> readdressed("¿Cómo puedes cambiar tu clave?", "vos")
    '¿Cómo podés cambiar tu clave?'
    >>> readdressed("¿Me compensáis si os aviso?", "ustedes")
    '¿Me compensan si les aviso?'
    """
    if address_of(question) != ("vosotros" if to == "ustedes" else "tú"):
        return None
    tokens = _TOKEN.findall(question)
    places = [at for at, token in enumerate(tokens) if token[0].isalpha()]
    said = [tokens[at].lower() for at in places]
    for number, at in enumerate(places):
        new = _turned(said, number, to)
        if new is None:
            return None
        if new != said[number]:
            tokens[at] = new.capitalize() if tokens[at][0].isupper() else new
    return "".join(tokens)


def _turned(said: list[str], at: int, to: str) -> str | None:
    """One word in its new form; the same where it says nothing of address, None where that is not clear."""
    word = said[at]
    table = _VOS if to == "vos" else _VOSOTROS if to == "ustedes" else _TU
    if word in table:
        return table[word]
    if to != "vos" and word in ("te", "os"):
        after = _verb(said, at + 1) if at + 1 < len(said) else None
        own = after is not None and after.person in ("2s", "2p")
        return "se" if own else "les" if to == "ustedes" else "le"
    if to != "vos" and (base := _enclitic(word)):
        own = any((form := _verb(said, place)) and form.person in ("2s", "2p") for place in range(at))
        return base + ("se" if own else "les" if to == "ustedes" else "le")
    form = _verb(said, at)
    if form and form.person in ("2s", "2p"):
        person: Person = "vos" if to == "vos" else "3p" if to == "ustedes" else "3s"
        return conjugate(form.infinitive, person, form.tense)
    before = said[at - 1] if at else ""
    if word in _NOUNS and before not in _BEFORE_NOUN | {"qué"} | _SURELY_BEFORE_VERB and readings(word):
        return None
    looks = re.search(r"(?:[aeiáéí]s|áis|éis|ste|steis)$", word) and word not in _NO_VERB and not readings(word)
    return None if looks and before in _BEFORE_VERB else word


def _verb(said: list[str], at: int) -> Form | None:
    """The form of address that a word is: a second person, or nothing."""
    word = said[at]
    before = said[at - 1] if at else ""
    if before in _BEFORE_NOUN or (word in _NOUNS and before not in _SURELY_BEFORE_VERB):
        return None
    second = [form for form in readings(word) if form.person in ("2s", "2p")]
    if not second or any(form.person in ("1s", "3s", "3p") for form in readings(word)):
        return None
    return min(second, key=lambda form: form.tense != "present")


def _enclitic(word: str) -> str:
    """The infinitive of "darte" or "daros"; "" where there is none."""
    for ending in ("te", "os"):
        if word.endswith(f"r{ending}") and word.removesuffix(ending) in infinitives():
            return word.removesuffix(ending)
    return ""


def _words(text: str) -> list[str]:
    return [token.lower() for token in _TOKEN.findall(text) if token[0].isalpha()]
