"""Spanish verbs of support questions, with their forms: what "cambio" is the first person of, "puedes" for vos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["Form", "Person", "Tense", "conjugate", "forms_of", "infinitives", "readings"]

Person = Literal["1s", "2s", "vos", "3s", "1p", "2p", "3p"]
Tense = Literal["present", "subjunctive", "imperfect", "past", "future", "conditional"]
_PERSONS: tuple[Person, ...] = ("1s", "2s", "vos", "3s", "1p", "2p", "3p")
_STRESSED: frozenset[Person] = frozenset({"1s", "2s", "3s", "3p"})
_PRESENT = {
    "a": ("o", "as", "ás", "a", "amos", "áis", "an"),
    "e": ("o", "es", "és", "e", "emos", "éis", "en"),
    "i": ("o", "es", "ís", "e", "imos", "ís", "en"),
}
_SUBJUNCTIVE = {"a": ("e", "es", "es", "e", "emos", "éis", "en"), "e": ("a", "as", "as", "a", "amos", "áis", "an")}
_IMPERFECT = {
    "a": ("aba", "abas", "abas", "aba", "ábamos", "abais", "aban"),
    "e": ("ía", "ías", "ías", "ía", "íamos", "íais", "ían"),
}
_PAST = {
    "a": ("é", "aste", "aste", "ó", "amos", "asteis", "aron"),
    "e": ("í", "iste", "iste", "ió", "imos", "isteis", "ieron"),
}
_FUTURE = ("é", "ás", "ás", "á", "emos", "éis", "án")
_CONDITIONAL = ("ía", "ías", "ías", "ía", "íamos", "íais", "ían")
_ACCENT = {"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú"}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a verb: of which infinitive, which tense and person."""

    infinitive: str
    tense: Tense
    person: Person


@cache
def infinitives() -> dict[str, dict[str, str]]:
    """Every verb that is known, with how it departs from the regular ones (see verbs.es.txt)."""
    known: dict[str, dict[str, str]] = {}
    text = (files("curation.synthesis.wording") / "verbs.es.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0].endswith(":"):  # "e>ie: cerrar pensar": many of one kind
            known |= {verb: {"change": words[0][:-1]} for verb in words[1:]}
        else:
            marks = dict(word.split("=", 1) for word in words[1:] if "=" in word)
            known[words[0]] = marks
    return known


@cache
def forms_of(infinitive: str) -> dict[Tense, tuple[str, ...]]:
    """Its forms by tense, in the order 1s 2s vos 3s 1p 2p 3p. KeyError where the verb is not known."""
    marks = infinitives()[infinitive]
    stem, vowel = infinitive[:-2], {"á": "a", "é": "e", "í": "i"}.get(infinitive[-2], infinitive[-2])
    first, group = _first(stem, vowel, marks), "a" if vowel == "a" else "e"
    present = tuple(
        first if person == "1s" else _spelt(_changed(stem, person, marks), ending, vowel) + ending
        for person, ending in zip(_PERSONS, _PRESENT[vowel], strict=True)
    )
    future = marks.get("future", infinitive.translate(str.maketrans("áéí", "aei")))
    past_stem = marks["past"] if "," not in marks.get("past", ",") else ""
    strong = ("e", "iste", "iste", "o", "imos", "isteis", "eron" if past_stem and past_stem[-1] == "j" else "ieron")
    past = (
        tuple(past_stem + ending for ending in strong)
        if past_stem
        else tuple(
            _spelt(_narrowed(stem, person, marks), ending, vowel) + ending
            for person, ending in zip(_PERSONS, _past_endings(group, marks), strict=True)
        )
    )
    forms: dict[Tense, tuple[str, ...]] = {
        "present": present,
        "subjunctive": _subjunctive(stem, vowel, first, marks),
        "imperfect": tuple(stem + ending for ending in _IMPERFECT[group]),
        "past": past,
        "future": tuple(future + ending for ending in _FUTURE),
        "conditional": tuple(future + ending for ending in _CONDITIONAL),
    }
    for tense in forms:
        if "," in marks.get(tense, ""):
            forms[tense] = tuple(marks[tense].split(","))
    return forms


def conjugate(infinitive: str, person: Person, tense: Tense = "present") -> str:
    """One form of a known verb.

    >>> conjugate("poder", "2s"), conjugate("poder", "vos"), conjugate("recoger", "1s")
    ('puedes', 'podés', 'recojo')
    """
    return forms_of(infinitive)[tense][_PERSONS.index(person)]


@cache
def _index() -> dict[str, tuple[Form, ...]]:
    found: dict[str, list[Form]] = {}
    for infinitive in infinitives():
        for tense, forms in forms_of(infinitive).items():
            for person, form in zip(_PERSONS, forms, strict=True):
                found.setdefault(form, []).append(Form(infinitive, tense, person))
    return {form: tuple(readings) for form, readings in found.items()}


def readings(word: str) -> tuple[Form, ...]:
    """What a word can be as a form of a known verb; nothing where it is none.

    >>> [(form.infinitive, form.person) for form in readings("pongo")]
    [('poner', '1s')]
    """
    return _index().get(word.lower(), ())


def _changed(stem: str, person: Person, marks: dict[str, str]) -> str:
    """The stem with its change where it is stressed: cerr-, cierr-."""
    change = marks.get("change", "")
    if person not in _STRESSED or not change:
        return stem
    if change in ("í", "ú"):  # enviar, envío
        return stem[:-1] + change
    if change == "y":  # construir, construyes
        return stem + "y"
    if ">" not in change:
        return stem
    old, new = change.rstrip("!").split(">")
    at = stem.rfind(old)
    return stem[:at] + new + stem[at + len(old) :]


def _narrowed(stem: str, person: Person, marks: dict[str, str]) -> str:
    """The stem of the past: pidió, pidieron."""
    change = marks.get("change", "")
    if person not in ("3s", "3p") or change not in ("e>i", "e>ie!"):
        return stem
    at = stem.rfind("e")
    return f"{stem[:at]}i{stem[at + 1 :]}"


def _past_endings(group: str, marks: dict[str, str]) -> tuple[str, ...]:
    if marks.get("change") != "y":
        return _PAST[group]
    return tuple(ending.replace("ió", "yó").replace("ieron", "yeron") for ending in _PAST[group])


def _first(stem: str, vowel: str, marks: dict[str, str]) -> str:
    if "1s" in marks:
        return marks["1s"]
    changed = _changed(stem, "1s", marks)
    if marks.get("change") == "zc":
        return f"{stem[:-1]}zco"
    if vowel in "ei":
        for ending, spelt in (("gu", "g"), ("g", "j"), ("c", "z")):
            if changed.endswith(ending) and not (ending == "gu" and vowel == "e"):
                return f"{changed[: -len(ending)]}{spelt}o"
    return f"{changed}o"


def _subjunctive(stem: str, vowel: str, first: str, marks: dict[str, str]) -> tuple[str, ...]:
    """After the first person: pongo, ponga; busco, busque."""
    change = marks.get("change", "")
    made = []
    for person, ending in zip(_PERSONS, _SUBJUNCTIVE["a" if vowel == "a" else "e"], strict=True):
        base = first.removesuffix("o")
        if person in ("1p", "2p") and "1s" not in marks and change not in ("zc", "y", "e>i"):
            base = _narrowed(stem, "3s", marks)
        made.append(_spelt(base, ending, vowel) + ending)
    return tuple(made)


def _spelt(stem: str, ending: str, vowel: str) -> str:
    """The stem as it is spelt before another vowel: busc- before e is busqu-."""
    if vowel == "a" and ending[0] in "eé":
        for old, new in (("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(old):
                return stem[: -len(old)] + new
    return stem
