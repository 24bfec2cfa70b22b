"""The heading of a help article as the question that it answers, asked by a customer."""

from __future__ import annotations

import re

from curation.synthesis.wording.kept import facts_stand
from curation.synthesis.wording.verbs import conjugate, infinitives, readings
from curation.synthesis.wording.wordlists import words

__all__ = ["is_helpless", "question_of"]

LONGEST = 110  # characters of a heading
_ASKING = r"(?:cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|dónde|qué|quién(?:es)?|por qué|en qué|a qué|de qué)"
_MINE = (("tu", "mi"), ("tus", "mis"), ("your", "my"), ("yours", "mine"), ("yourself", "myself"), ("te", "me"))
_SPANISH = (
    (r"(?:pasos|guía|instrucciones) para (?P<i>.+)", "¿Cómo puedo {i}?"),
    (r"cómo (?P<i>[^\W\d_]+[aei]r(?:se)?\b.*)", "¿Cómo puedo {i}?"),
    (r"qué hacer (?P<r>si|cuando|con|en caso de) (?P<x>.+)", "¿Qué hago {r} {x}?"),
    (r"(?:precios?|tarifas?|coste) de (?P<x>(?:la|las|los|una?|mi|mis) .+)", "¿Cuánto cuesta {x}?"),
    (r"(?:precio|coste) del (?P<x>.+)", "¿Cuánto cuesta el {x}?"),
    (r"(?P<x>requisitos|plazos|horarios|formas|medios|métodos|ventajas|tipos) (?P<r>de|del|para) (?P<y>.+)",
     "¿Cuáles son los {x} {r} {y}?"),
    (r"(?P<x>error(?:es)? .+)", "¿Qué significa el {x}?"),
    (r"(?:solución de|solucionar|resolver) (?P<x>(?:los )?problemas (?:de|con) .+)", "¿Cómo puedo solucionar {x}?"),
)  # fmt: skip
_ENGLISH = (
    (r"(?:how|steps|a guide) to (?P<i>.+)", "How do I {i}?"),
    (r"what to do (?P<r>if|when|about|with) (?P<x>.+)", "What should I do {r} {x}?"),
    (r"(?:the )?(?P<x>requirements|prices|fees|steps|opening hours|types|options) (?P<r>of|for|to) (?P<y>.+)",
     "What are the {x} {r} {y}?"),
    (r"(?P<x>error .+)", "What does {x} mean?"),
    (r"(?:the )?(?:price|cost) of (?P<x>.+)", "How much does {x} cost?"),
    (r"(?:troubleshooting|fixing problems with|problems with) (?P<x>.+)", "How do I fix problems with {x}?"),
)  # fmt: skip
# Headings of boxes that offer more help; nothing under them answers anything.
_HELPLESS = re.compile(
    r"¿?(?:no encuentras|necesitas (?:más )?ayuda|tienes (?:más|otras|alguna) (?:dudas|preguntas?)|aún tienes|"
    r"can.t find|(?:still )?need (?:more )?help|still have|have (?:more|any) questions|was this|"
    r"(?:did|does) this (?:answer|help)|is this (?:page|article) (?:useful|helpful)|"
    r"te (?:ha )?(?:sido|resultado|sirvió|ayudó)|"
    r"(?:fue|es) útil|esta (?:página|respuesta) (?:fue|es|te)|"
    r"ha sido útil)",
    re.IGNORECASE,
)
_FEMININE = frozenset(["formas", "ventajas"])


def question_of(heading: str, lang: str) -> str:
    """The question, "" where the heading is none, or is not understood.

    >>> question_of("Cómo cambiar la clave de tu wifi", "es")
    '¿Cómo puedo cambiar la clave de mi wifi?'
    >>> question_of("Changing your password", "en")
    'How do I change my password?'
    """
    text = " ".join(heading.split()).strip(" ¶#:.-–")
    text = re.sub(r"^\d{1,2}(?:\.\d{1,2})*[.)]?\s+(?=[^\W\d_])", "", text)
    text = re.sub(r"^(?:Q|P)[:.] *", "", text)
    if not 6 <= len(text) <= LONGEST or _HELPLESS.match(text):
        return ""
    asked = _spanish(text) if lang == "es" else _english(text) if lang == "en" else ""
    return asked if asked and facts_stand(text[0].lower() + text[1:], asked) else ""


def is_helpless(line: str) -> bool:
    """Whether a line offers more help or asks how helpful the page is.

    >>> is_helpless("Was this answer helpful? Yes No")
    True
    """
    return bool(_HELPLESS.match(line.strip()))


def _spanish(text: str) -> str:
    if re.fullmatch(r"¿[^¿?]+\?", text):
        return text
    if "?" in text or "¿" in text:
        return ""
    small = text[0].lower() + text[1:]
    for pattern, asked in _SPANISH:
        if found := re.fullmatch(pattern, small, re.IGNORECASE):
            if found.groupdict().get("x") in _FEMININE:
                asked = asked.replace("los {x}", "las {x}")
            return _first_person(_put(asked, found))
    first = re.match(r"([^\W\d_]+r)(se)?\b(.*)", small)
    if first and first[1] in infinitives():
        return _first_person(f"¿Cómo puedo {first[1]}{'me' if first[2] else ''}{first[3]}?")
    if re.match(_ASKING + r"\b", small) and len(small.split()) > 2:
        return _first_person(f"¿{text[0].upper()}{text[1:]}?")
    return ""


def _english(text: str) -> str:
    if text.endswith("?"):
        return text if text.count("?") == 1 else ""
    if "?" in text:
        return ""
    small = text[0].lower() + text[1:]
    for pattern, asked in _ENGLISH:
        if found := re.fullmatch(pattern, small, re.IGNORECASE):
            return _first_person(_put(asked, found))
    first = re.match(r"([a-z]+ing)\b (.+)", small)
    if first and (verb := _of_gerund(first[1])):
        return _first_person(f"How do I {verb} {first[2]}?")
    return ""


def _put(asked: str, found: re.Match[str]) -> str:
    for name, text in found.groupdict().items():
        asked = asked.replace("{" + name + "}", text)
    return asked


def _of_gerund(word: str) -> str:
    """The verb of a gerund, of those that help pages use."""
    stem = word.removesuffix("ing")
    verbs = words("titles.verbs_en")
    doubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem
    return next((verb for verb in (stem, stem + "e", doubled) if verb in verbs), "")


def _first_person(question: str) -> str:
    """What is said to the customer, as the customer says it; "" where that is not clear."""
    tokens = re.split(r"(\W+)", question)
    for at, token in enumerate(tokens):
        word = token.lower()
        mine = dict(_MINE).get(word)
        if mine:
            tokens[at] = mine
        elif word in ("su", "sus", "usted", "ti", "contigo", "tú"):
            return ""
        elif word == "you":
            after = "".join(tokens[at + 1 : at + 3]).strip()
            tokens[at] = "I" if re.match(r"[a-z]", after) else "me"
        elif word == "are" and at > 1 and tokens[at - 2] == "I":
            tokens[at] = "am"
        else:
            tokens[at] = _as_i(tokens, at)
        if not tokens[at] and token:
            return ""
    return "".join(tokens)


def _as_i(tokens: list[str], at: int) -> str:
    """A Spanish verb of the second person in the first; other words as they stand."""
    word = tokens[at]
    before = tokens[at - 2].lower() if at > 1 else ""
    forms = [form for form in readings(word) if form.person in ("2s", "2p")]
    others = [form for form in readings(word) if form.person in ("1s", "3s", "3p", "1p")]
    if word.endswith(("rte", "rse")) and word[:-2] in infinitives():
        return f"{word[:-2]}me"
    if not forms or others or before in words("address.before_noun") or word in words("address.nouns"):
        return word
    form = min(forms, key=lambda one: one.tense != "present")
    return "" if form.person == "2p" else conjugate(form.infinitive, "1s", form.tense)
