"""A harder or more concrete question on the same source: a case, two conditions at once, a reason."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Choice, Option
from curation.synthesis.prompting import asked_about
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import ANSWERED, luck, no_new_facts, quoted, same_words, text_of, usable

__all__ = ["RECIPE", "WAYS", "Harder"]

WAYS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "concreta": "cuenta un caso concreto de una persona en cuya situación vale lo que dice la respuesta",
        "condiciones": "pregunta por dos cosas que dice la respuesta y que hay que juntar para contestar",
        "motivo": "pregunta por un motivo, una condición o, si no los hay, un detalle que da la respuesta",
    },
    "en": {
        "concrete": "tells the concrete case of somebody to whom what the answer says applies",
        "conditions": "asks about two things that the answer says and that have to be put together",
        "reason": "asks for a reason, a condition or, where there is none, a detail that the answer gives",
    },
}
WAY = Choice(name="way", about="in which way", words={lang: tuple(ways) for lang, ways in WAYS.items()})


@dataclass(frozen=True, slots=True)
class Harder:
    """The answer says only what the pair's own answer says, quoted."""

    name: str = "harder"
    title: str = "a harder or more concrete question on the same answer, with quotes"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (WAY,)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for one question, made harder in one way."""
        words = {"way": WAYS[material.lang][self._way(material)]}
        return asked_about(self.name, material, ANSWERED, words=words)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The pair, if it is another question and nothing in it is new."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no question")
        question, answer = text_of(reply, "question"), text_of(reply, "answer")
        if same_words(question, pair.question):
            raise Unusable("the question is the same")
        no_new_facts(answer, material.text, question)
        one = Made(
            question=question,
            answer=answer,
            lang=material.lang,
            label=pair.label,
            quotes=quoted(reply, pair.answer),
            note=f"harder: {self._way(material)}",
        )
        return usable(material, [one])

    def _way(self, material: Material) -> str:
        return WAY.of(material, luck(material, self.name).choice(sorted(WAYS[material.lang])))


RECIPE = Harder()
