"""What a Spanish question asks for, and how else that is asked: how to, what if, a price, how long, whether, where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from curation.synthesis.wording.kept import kept_spans, names_in
from curation.synthesis.wording.variant import Variant, wrapped
from curation.synthesis.wording.verbs import infinitives, readings
from curation.synthesis.wording.wordlists import words

__all__ = ["FACT", "PERFECT", "RULES", "what_if", "wish_of"]

PERFECT = re.compile(r"\b(?:he|has|ha|hemos|han)\b")  # in Argentina one says "perdí", not "he perdido"
Rule = Callable[[str], Iterator[Variant]]
_NO_HOW = words("questions.no_how_es")
_ARTICLE = re.compile(r"(?:el|la|los|las|un|una|unos|unas|mi|mis|tu|tus|su|sus|este|esta|otro|otra)\b")
_OWN = re.compile(r"\b(?:me|mi|mis|conmigo|nos|nuestr[oa]s?|\w+rme)\b|\b(?:tengo|estoy|soy|he)\b")
FACT = re.compile(
    r"(?:no (?!puedo )|(?:se )?(?:me |te )?(?:he|ha|han|hemos)\b|tengo\b|me (?:sale|aparece|dice)|sale\b|aparece\b)|"
    r"(?:(?:el|la|los|las|mi|mis) .{2,40}? (?:no |se ha|se han|ha |han |está|están|va |sale|aparece))"
)


def _how(clause: str) -> Iterator[Variant]:
    """cómo cambio, cómo me doy, cómo puedo cambiar, cómo se cambia: all ask how to do it."""
    wish = wish_of(clause)
    if not wish:
        return
    leave = frozenset(["informal"]) if wish.startswith(("saber ", "poder ", "tener ", "evitar ")) else frozenset()
    for variant in wrapped("es_how", leave=leave, i=wish):
        if variant.text.strip("¿?").casefold() != clause.casefold():
            yield variant
    if wish.startswith("saber "):
        yield Variant(f"Quiero {wish}.", "informal")


def wish_of(clause: str) -> str:
    """What is to be done, as an infinitive with what follows; "" where the question is not how to do something."""
    found = re.match(r"(?:cómo|de qué manera) (?:(me|lo|la|los|las|se) )?([^\W\d_]+)(?: (.+))?$", clause)
    if not found:
        return ""
    clitic, word, rest = found[1] or "", found[2], found[3] or ""
    if word in ("puedo", "debo", "puede", "hago") and rest:
        started = re.match(r"(?:para )?([^\W\d_]+?)((?:me|lo|la|los|las|se)?)(?: |$)", rest)
        if not started or f"{started[1]}" not in infinitives() or clitic not in ("", "se"):
            return ""
        return rest.removeprefix("para ")
    wanted = {"se": ("3s", "3p")}.get(clitic, ("1s",))
    for form in readings(word):
        if form.tense == "present" and form.person in wanted and form.infinitive not in _NO_HOW:
            end = "" if clitic == "se" else clitic
            return f"{form.infinitive}{end} {rest}".strip()
    return ""


def what_if(clause: str) -> Iterator[Variant]:
    found = re.match(
        r"qué (hago|puedo hacer|debo hacer|tengo que hacer|hacer|hay que hacer) (si|cuando|con) (.+)$", clause
    )
    if not found:
        return
    did, joint, rest = found.groups()
    for other, style in (
        ("puedo hacer", "plain"),
        ("debo hacer", "usted"),
        ("tengo que hacer", "plain"),
        ("hago", "informal"),
        ("hacer", "fragment"),
    ):
        if other != did:
            text = f"qué {other} {joint} {rest}"
            yield Variant(text if style == "fragment" else _asked(text), style)
    if joint != "con" and FACT.match(rest) and _starts_small(rest):
        fact = rest[0].upper() + rest[1:]
        yield Variant(f"{fact}, ¿qué hago?", "informal")
        yield Variant(f"{fact}. ¿Qué puedo hacer?", "plain")
        yield Variant(f"Buenos días: {rest}. ¿Me podría indicar qué debo hacer?", "usted")
        if not PERFECT.search(rest):
            yield Variant(f"Hola, {rest}, ¿me podés decir qué hago?", "vos", "es-AR")


def _price(clause: str) -> Iterator[Variant]:
    found = re.match(r"cuánto (?:me )?(cuesta|cuestan) (.+)$", clause)
    if not found or found[2].startswith(("que ", "al ", "cada ")):
        return
    verb, rest = found.groups()
    many = verb == "cuestan"
    named = bool(_ARTICLE.match(rest)) or not _starts_small(rest)
    yield Variant(_asked(f"cuánto {'valen' if many else 'vale'} {rest}"), "plain", "es-ES")
    yield Variant(_asked(f"cuánto {'salen' if many else 'sale'} {rest}"), "informal", "es-AR")
    yield Variant(_asked(f"cuánto hay que pagar por {rest}"), "plain")
    yield Variant(_asked(f"cuál es el precio {_of(rest)}"), "usted")
    if named:
        yield Variant(_asked(f"qué precio {'tienen' if many else 'tiene'} {rest}"), "plain")
        yield Variant(_asked(f"qué costo {'tienen' if many else 'tiene'} {rest}"), "plain", "es-MX")
    yield Variant(f"precio {_of(rest)}", "fragment")
    yield Variant(f"cuánto {verb} {rest}", "fragment")


def _time(clause: str) -> Iterator[Variant]:
    found = re.match(r"cuánto (?:tiempo )?(tarda|tardan) (.+)$", clause)
    if not found:
        return
    verb, rest = found.groups()
    long, short = f"cuánto tiempo {verb} {rest}", f"cuánto {verb} {rest}"
    yield Variant(_asked(short if clause == long else long), "plain")
    yield Variant(_asked(f"cuánto {'demoran' if verb == 'tardan' else 'demora'} {rest}"), "informal", "es-MX")
    yield Variant(short, "fragment")
    if _ARTICLE.match(rest):
        yield Variant(f"plazo {_of(rest)}", "fragment")
        yield Variant(_asked(f"qué plazo tiene{'n' if verb == 'tardan' else ''} {rest}"), "usted")


def _meaning(clause: str) -> Iterator[Variant]:
    found = re.match(r"qué (significa|significan|quiere decir|quieren decir) (.+)$", clause)
    if found:
        verb, rest = found.groups()
        many = verb in ("significan", "quieren decir")
        other = "significa" if verb.startswith("quiere") else "quiere decir"
        if many:
            other = "significan" if verb.startswith("quieren") else "quieren decir"
        yield Variant(_asked(f"qué {other} {rest}"), "plain")
        yield Variant(f"significado {_of(rest)}", "fragment")
        if rest.startswith("el error "):
            yield Variant(f"Me sale {rest}, ¿qué significa?", "informal")
            yield Variant(f"Me aparece {rest}. ¿A qué se debe?", "usted")
        return
    found = re.match(r"qué es (.+)$", clause)
    if found and (_ARTICLE.match(found[1]) or not _starts_small(found[1])):
        yield Variant(_asked(f"en qué consiste {found[1]}"), "usted")
        yield Variant(_asked(f"qué es exactamente {found[1]}"), "plain")
        yield Variant(f"qué es {found[1]}", "fragment")


def _whether(clause: str) -> Iterator[Variant]:
    """puedo, se puede, es posible; tengo que, hace falta, es necesario.

    Not "¿Podría...?": that is "could you" as well as "could I".
    """
    found = re.match(r"(puedo|se puede|es posible) (.+)$", clause)
    if found and _infinitive(found[2]):
        verb, rest = found.groups()
        own = bool(_OWN.search(rest))
        for other, style in (("puedo", "plain"), ("se puede", "informal"), ("es posible", "usted")):
            if other != verb and not (own and "puedo" in (verb,)):
                yield Variant(_asked(f"{other} {rest}"), style)
        if verb == "puedo":
            yield Variant(_asked(f"hay alguna forma de {rest}"), "informal")
        yield Variant(f"{verb} {rest}", "fragment")
    found = re.match(r"(tengo que|hace falta|hay que|es necesario) (.+)$", clause)
    if found and _infinitive(found[2]):
        verb, rest = found.groups()
        for other, style in (("hace falta", "plain"), ("es necesario", "usted"), ("es obligatorio", "plain")):
            if other != verb and not _OWN.search(rest.replace(" mi ", " ")):
                yield Variant(_asked(f"{other} {rest}"), style)
        yield Variant(f"{verb} {rest}", "fragment")


def _where_and_why(clause: str) -> Iterator[Variant]:
    if found := re.match(r"dónde encuentro (.+)$", clause):
        rest = found[1]
        there = "están" if rest.startswith(("los ", "las ", "mis ")) else "está"
        yield Variant(_asked(f"dónde puedo encontrar {rest}"), "plain")
        if _ARTICLE.match(rest):
            yield Variant(_asked(f"dónde {there} {rest}"), "plain")
            yield Variant(f"No encuentro {rest}, ¿dónde {there}?", "informal")
        yield Variant(f"dónde encontrar {rest}", "fragment")
    if found := re.match(r"por qué (.+)$", clause):
        yield Variant(_asked(f"por qué motivo {found[1]}"), "usted")
        yield Variant(_asked(f"cómo es que {found[1]}"), "informal")
        yield Variant(f"por qué {found[1]}", "fragment")
    if found := re.match(r"qué (?:pasa|ocurre|sucede) (si|cuando) (.+)$", clause):
        for other, style in (("pasa", "informal"), ("ocurre", "plain"), ("sucede", "usted")):
            if not clause.startswith(f"qué {other}"):
                yield Variant(_asked(f"qué {other} {found[1]} {found[2]}"), style)
        yield Variant(f"qué pasa {found[1]} {found[2]}", "fragment")
    if found := re.match(r"(?:en )?cuál es (?:el|la) (.+)$", clause):
        yield Variant(found[1], "fragment")


def _asked(clause: str) -> str:
    return f"¿{clause[0].upper()}{clause[1:]}?"


def _of(rest: str) -> str:
    return f"del {rest[3:]}" if rest.startswith("el ") else f"de {rest}"


def _infinitive(rest: str) -> bool:
    """Whether what follows begins with a known infinitive, with or without its pronoun."""
    word = rest.split()[0]
    bare = re.sub(r"(?<=r)(?:me|te|se|l[oae]s?|nos)$", "", word)
    return word in infinitives() or bare in infinitives()


def _starts_small(text: str) -> bool:
    spans = kept_spans(text, names_in(text))
    return text[0].islower() and not (spans and spans[0][0] == 0 and text.split()[0].lower() not in ("no", "sin"))


RULES: tuple[Rule, ...] = (_how, what_if, _price, _time, _meaning, _whether, _where_and_why)
