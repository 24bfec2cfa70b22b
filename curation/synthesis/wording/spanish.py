"""A Spanish question in other words, by its grammar: what it asks, in which person, and how else that is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from curation.synthesis.wording.address import Address, address_of, readdressed
from curation.synthesis.wording.kept import kept_spans
from curation.synthesis.wording.keywords import keywords
from curation.synthesis.wording.spanish_rules import FACT, PERFECT, RULES, what_if, wish_of
from curation.synthesis.wording.variant import PLACES, Variant, wrapped
from curation.synthesis.wording.verbs import readings
from curation.synthesis.wording.wordlists import words

__all__ = ["spanish_variants"]

LONGEST = 160  # characters of a question that is reworded
_WHOLE = re.compile(r"¿\s*([^¿?]{3,160}?)\s*\?")
_TOLD = re.compile(r"([^¿?,]{8,120}), ¿qué (?:hago|puedo hacer|debo hacer)\?")
_ASKING = re.compile(
    r"(?:(?:a|con|de|desde|en|hasta|para|por) )?(?:cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|dónde|qué|quién(?:es)?)\b", re.I
)
_ASKED_TWICE = re.compile(
    r"\b(?:y|o|e) (?:(?:a|con|de|en|por) )?(?:cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|dónde|qué)\b", re.I
)


def spanish_variants(question: str) -> list[Variant]:
    """Every other wording that the grammar gives, in a fixed order; none where the question is not understood.

    Only one question at a time is reworded, written with its marks: "¿Cómo cambio la clave?".
    """
    question = question.strip()
    if "\n" in question or len(question) > LONGEST or _SLIPS & set(re.findall(r"\w+", question.lower())):
        return []
    if told := _TOLD.fullmatch(question):
        fact = _lowered(told[1])
        return [v for v in _said_there(what_if(f"qué hago si {fact}")) if v.text != question] if fact else []
    found = _WHOLE.fullmatch(question)
    if not found:
        return _said_there(_of_a_fact(question))
    clause = _lowered(found[1]) if not _ASKED_TWICE.search(found[1]) else None
    if clause is None:
        return []
    said = address_of(question)
    made = [variant for rule in RULES for variant in rule(clause)]
    made += _around(clause, said)
    made += _readdressed(question, clause, said)
    if said is None:  # one speaks to nobody in a search box
        made += [Variant(text, "keywords") for text in _searched(clause)]
    return _said_there(made)


def _said_there(variants: Iterable[Variant]) -> list[Variant]:
    """Without those that nobody would say where they are meant for: "móvil" in Mexico, "se ha roto" in Argentina."""
    return [
        one
        for one in variants
        if not (one.place in ("es-AR", "es-MX") and _OF_SPAIN & set(re.findall(r"\w+", one.text.lower())))
        and not (one.place == "es-AR" and PERFECT.search(one.text))
    ]


_OF_SPAIN = words("address.of_spain")


def _of_a_fact(told: str) -> list[Variant]:
    """Somebody says what is wrong and asks nothing, as in the title of a thread: with the question that is meant."""
    fact = _lowered(told.rstrip("."))
    if not fact or "?" in told or not FACT.match(fact):
        return []
    whole = told.rstrip(".")
    return [
        Variant(f"{whole}, ¿qué puedo hacer?", "plain"),
        Variant(f"Hola, {fact}, ¿qué hago?", "informal"),
        Variant(f"Buenos días: {fact}. ¿Me podría indicar qué debo hacer?", "usted"),
        *([] if PERFECT.search(fact) else [Variant(f"Hola, {fact}, ¿me podés decir qué hago?", "vos", "es-AR")]),
        Variant(f"Hola, {fact}, ¿me puedes ayudar?", "tú"),
    ]


def _lowered(clause: str) -> str | None:
    """The clause with its first letter small; None where the first word may be a name, or is nothing known."""
    first = re.match(r"[^\W\d_]+", clause)
    if not first:
        return None
    word = first.group().lower()
    spans = kept_spans(clause)
    if spans and spans[0][0] == 0 and word not in ("no", "sin"):
        return clause if _ASKING.match(clause) else None
    if _ASKING.match(clause) or readings(word) or word in _FIRST_WORDS:
        return clause[0].lower() + clause[1:]
    return None


_SLIPS = words("questions.slips_es")
_FIRST_WORDS = words("questions.openers_es")


def _around(clause: str, said: Address | None) -> Iterator[Variant]:
    """The clause inside another question: ¿Me puede decir cómo...? Only in the address that the clause has."""
    if clause.startswith(("si ", "y ", "o ", "cómo sé ")):
        return
    asked = re.sub(r"^qué hago ", "qué puedo hacer ", clause) if _ASKING.match(clause) else f"si {clause}"
    if asked.startswith("si ") and " si " in clause:
        return
    leave = {"tú": _NOT_TU, "vosotros": _NOT_VOSOTROS}.get(said or "", frozenset())
    yield from wrapped("es", leave=leave, c=asked)


_NOT_TU = frozenset(["usted", "vos", "vosotros", "ustedes"])
_NOT_VOSOTROS = frozenset(["usted", "tú", "vos", "ustedes"])


def _readdressed(question: str, clause: str, said: Address | None) -> Iterator[Variant]:
    forms: dict[str | None, tuple[Literal["usted", "vos", "ustedes"], ...]]
    forms = {"tú": ("usted", "vos"), "vosotros": ("ustedes",)}
    for form in forms.get(said, ()):
        if other := readdressed(question, form):
            yield Variant(other, form, PLACES.get(form, ""))
            inner = other.strip("¿? ")
            low = inner[0].lower() + inner[1:]
            asked = low if _ASKING.match(low) else f"si {low}"
            only = frozenset({"usted", "tú", "vos", "vosotros", "ustedes", "plain"} - {form})
            yield from wrapped("es", leave=only, c=asked)


_SEARCHED = (
    (re.compile(r"cuánto (?:me )?cuestan? "), "precio "),
    (re.compile(r"cuánto (?:tiempo )?tardan? "), "cuánto tarda "),
    (re.compile(r"qué (?:significan?|quieren? decir) "), "significado "),
    (re.compile(r"qué (?:hago|puedo hacer|debo hacer|tengo que hacer) (?:si|con|cuando) "), ""),
    (re.compile(r"(?:qué es|cuáles son|cuál es|qué hay que|qué) (?:el |la |los |las )?"), ""),
    (re.compile(r"(?:puedo|se puede|es posible|tengo que) "), ""),
    (re.compile(r"dónde encuentro "), "dónde "),
)


def _searched(clause: str) -> Iterator[str]:
    """As one types it into a search box: verbs as infinitives, no articles and prepositions."""
    text = wish_of(clause)
    if found := re.match(r"qué (?:pasa|ocurre|sucede|hago|puedo hacer|debo hacer) (?:si|cuando) (\S+) (.+)$", clause):
        first = [form.infinitive for form in readings(found[1]) if form.tense == "present" and form.person == "1s"]
        text = found[2] if "haber" in first else f"{first[0] if first else found[1]} {found[2]}"
    if not text:
        if clause.startswith(("me ", "nos ")) or re.search(
            r"^(?!qué (?:pasa|ocurre|sucede|hago|puedo|debo|hay)).* si ", clause
        ):
            return  # without its small words it would say something else
        text = clause
        for pattern, with_what in _SEARCHED:
            if found := pattern.match(clause):
                text = with_what + clause[found.end() :]
                break
    searched = keywords(text, "es")
    if searched and searched.casefold() != clause.casefold():
        yield searched
