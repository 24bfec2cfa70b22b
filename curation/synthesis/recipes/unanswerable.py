"""Questions that belong to a page's topic and that the page does not answer, with an honest answer."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import TEXT, enough, no_new_facts, object_of, text_of, usable

__all__ = ["RECIPE", "Unanswerable", "says_it_is_not_known"]

_NOT_KNOWN = {
    "es": re.compile(
        r"\b(?:no (?:(?:lo|la|los|las|me|nos|te|se|le) )?(?:sé|sabemos|sabría|tengo|tenemos|dispongo|disponemos|consta|"
        r"aparece|encuentro|encontramos|figura|hay (?:información|datos)|"
        r"puedo (?:confirmar|decir|asegurar|responder|saber)|"
        r"podemos (?:confirmar|decir|asegurar)|cuento con|está (?:indicad|especificad|recogid)\w*)|"
        r"desconozco|desconocemos|sin información)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(?:(?:do not|don['’]t|does not|doesn['’]t) (?:know|have|say|mention|specify|state|cover)|"
        r"(?:can ?not|can['’]t|could not|couldn['’]t|unable to) (?:find|confirm|say|tell|answer|be sure)|"
        r"(?:have|there is) no (?:\w+ )?(?:information|details|data)|"
        r"not (?:specified|stated|mentioned|sure|known)|unknown)\b",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """The answer says that it is not known and tells no fact; a fact in it makes it no use."""

    name: str = "unanswerable"
    title: str = "questions near a page's topic that it does not answer, with an honest refusal"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "chunk"

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for one question, what is missing in the source, and the answer."""
        if not enough(material.text):
            return None
        schema = object_of(missing=TEXT, question=TEXT, answer=TEXT)
        return asked(self.name, material.lang, schema, data={"source": material.text}, max_tokens=400)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The pair, if the answer says that it is not known and names no number that was not asked about."""
        question, answer = text_of(reply, "question"), text_of(reply, "answer")
        if not says_it_is_not_known(answer, material.lang):
            raise Unusable("the answer does not say that it is not known")
        told = set(re.findall(r"\d+", answer)) - set(re.findall(r"\d+", question + material.text))
        if told:
            raise Unusable(f"the answer tells what nobody can know: {sorted(told)[0]}")
        no_new_facts(f"{question}\n{answer}", question, material.text)
        missing = text_of(reply, "missing")
        one = Made(
            question=question,
            answer=answer,
            lang=material.lang,
            label=material.label,
            note=f"unanswerable: {' '.join(missing.split())[:120]}",
            refusal=True,
        )
        return usable(material, [one])


def says_it_is_not_known(answer: str, lang: str) -> bool:
    """Whether an answer says that it does not know.

    >>> says_it_is_not_known("No tengo información sobre el horario de agosto.", "es")
    True
    """
    return bool(_NOT_KNOWN[lang].search(answer))


RECIPE = Unanswerable()
