"""Reading what a model told: what every recipe asks of it before it becomes a pair. Unusable says why it is no use."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from curation.synthesis.fence import obeys_planted, planted, without_planted
from curation.synthesis.recipe import Left, Made, Material, Unusable
from curation.synthesis.wording.kept import kept_spans
from tamiz.records import Pair

__all__ = [
    "ANSWERED",
    "QUOTES",
    "TEXT",
    "enough",
    "listed",
    "luck",
    "new_facts",
    "no_new_facts",
    "object_of",
    "quoted",
    "same_words",
    "text_of",
    "those_that_hold",
    "trace",
    "usable",
    "workable",
]

LONGEST = 4000  # characters of a text of a reply
ENOUGH = 60  # characters of a source without the sentences that speak to a model, or there is nothing to ask about
TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST}
_OF_A_PROMPT = re.compile(r"<<<|>>>|\{\{|\}\}|[{\[]\s*[\"{]\w")
QUOTES: Mapping[str, Any] = {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 6}


def object_of(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these members."""
    return {
        "type": "object",
        "properties": {name: dict(one) for name, one in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


def listed(name: str, item: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The schema of an object that holds one list."""
    return object_of(**{name: {"type": "array", "items": dict(item), "minItems": 1, "maxItems": most}})


ANSWERED = object_of(question=TEXT, answer=TEXT, quotes=QUOTES)


def luck(material: Material, what: str) -> random.Random:
    """Chance that follows from the material alone, so that what was asked for is known again when the reply is read."""
    return random.Random(f"{what}\0{material.key}")  # noqa: S311  not a secret


def enough(text: str) -> bool:
    """Whether a source says something besides what speaks to a model."""
    return len(without_planted(text).strip()) >= ENOUGH


def those_that_hold(told: Iterable[Any], read: Callable[[Any], Sequence[Made]]) -> list[Made | Left]:
    """What is made of each part of a reply; why parts are no use is told. Unusable where none is of use."""
    made: list[Made] = []
    reasons: list[str] = []
    for one in told:
        try:
            made += read(one)
        except Unusable as error:
            reasons.append(str(error))
    if not made:
        raise Unusable(reasons[0] if reasons else "nothing given")
    return [*made, *(Left(why=f"parts of replies: {why.partition(': ')[0]}") for why in reasons)]


def workable(pair: Pair | None) -> TypeGuard[Pair]:
    """Whether a recipe may work on a pair: one that speaks to a model is not told again in other words."""
    return pair is not None and not any(
        planted(text) for text in (pair.question, pair.answer, *(turn.content for turn in pair.context))
    )


def text_of(reply: Mapping[str, Any], name: str) -> str:
    """A text of the reply, without the marks and quotation marks that models like to put around it."""
    text = str(reply.get(name, "")).strip()
    bare = re.sub(r"^(?:\*\*|__)(.*)(?:\*\*|__)$", r"\1", text, flags=re.DOTALL).strip()
    if len(bare) > 1 and bare[0] + bare[-1] in ('""', "“”", "«»", "''") and bare[0] not in bare[1:-1]:
        bare = bare[1:-1].strip()
    if not re.search(r"\w", bare):
        raise Unusable(f"{name} is empty")
    return bare


def quoted(reply: Mapping[str, Any], source: str) -> tuple[str, ...]:
    """The quotes of the reply, all of which stand in the source."""
    from curation.synthesis.gates.quotes import stands_in  # the gates need more than a recipe does

    quotes = tuple(str(quote).strip() for quote in reply.get("quotes", ()) if str(quote).strip())
    if not quotes:
        raise Unusable("no quote given")
    for quote in quotes:
        if not stands_in(quote, source):
            raise Unusable(f"a quote is not in the source: {quote[:60]!r}")
        if len(re.findall(r"\w+", quote)) < 3:
            raise Unusable(f"a quote says too little: {quote[:60]!r}")
    return quotes


def no_new_facts(told: str, *sources: str) -> None:
    """Numbers, addresses and code of what was told stand in one of the sources."""
    if why := new_facts(told, *sources):
        raise Unusable(why)


def new_facts(told: str, *sources: str) -> str:
    """Which number, address or command of what was told is in none of the sources; "" where there is none.

    >>> new_facts("It costs 35 euros.", "It costs 30 euros.")
    'a number is not in the source: 35'
    """
    source = "\n".join(sources)
    for number in re.findall(r"\d+(?:[.,:]\d+)*", told):
        if not re.search(rf"(?<![\d.,]){re.escape(number)}(?!\d|[.,]\d)", source):
            return f"a number is not in the source: {number}"
    for start, end in kept_spans(told):
        part = told[start:end]
        if re.search(r"[/@._=]|--", part.strip(".")) and not part[0].isupper() and part not in source:
            return f"an address or a command is not in the source: {part[:60]}"
    return ""


def same_words(first: str, second: str) -> bool:
    """Whether two texts differ in nothing but marks, capitals and spaces."""
    return re.findall(r"\w+", first.casefold()) == re.findall(r"\w+", second.casefold())


def trace(text: str) -> bytes:
    """The same for all texts that differ in nothing but marks, capitals and spaces.

    >>> trace("¿Qué es la ONT?") == trace("qué es la ont")
    True
    """
    words = " ".join(re.findall(r"\w+", text.casefold()))
    return hashlib.blake2b(words.encode(), digest_size=8).digest()


def usable(material: Material, made: Sequence[Made], source: str = "") -> list[Made]:
    """The same, if none of it follows an instruction that was planted in the source, and none is empty talk."""
    source = source or material.text
    for one in made:
        told = "\n".join([one.question, one.answer, *(turn.content for turn in one.context)])
        if why := obeys_planted(source, told, one.quotes):
            raise Unusable(why)
        if _OF_A_PROMPT.search(told) and not _OF_A_PROMPT.search(source):
            raise Unusable("the reply repeats the prompt")
        if same_words(one.question, one.answer):
            raise Unusable("the answer repeats the question")
    return list(made)
