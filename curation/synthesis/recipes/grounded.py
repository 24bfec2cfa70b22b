"""Questions and answers from a chunk of a page, each with the words of the page that the answer was taken from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Count, Option
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Left, Made, Material, Takes
from curation.synthesis.told import ANSWERED, enough, listed, no_new_facts, quoted, text_of, those_that_hold, usable

__all__ = ["RECIPE", "Grounded"]

COUNT = Count(name="count", about="pairs of each part of a page, at most", default=3, highest=10)


@dataclass(frozen=True, slots=True)
class Grounded:
    """Only what the chunk says, quoted; a pair whose quote or number is not there is not made."""

    name: str = "grounded"
    title: str = "questions and answers from a chunk of a page, with quotes"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "chunk"
    options: tuple[Option, ...] = (COUNT,)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for up to `count` pairs; nothing where little is left besides what speaks to a model."""
        if not enough(material.text):
            return None
        count = COUNT.of(material)
        return asked(
            self.name,
            material.lang,
            listed("pairs", ANSWERED, count),
            data={"source": material.text},
            words={"count": str(count)},
            max_tokens=250 * count + 200,
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made | Left]:
        """The pairs that hold; Unusable with the first reason where none does."""
        return those_that_hold(reply["pairs"], lambda told: usable(material, [self._pair(material, told)]))

    def _pair(self, material: Material, told: Any) -> Made:
        question, answer = text_of(told, "question"), text_of(told, "answer")
        quotes = quoted(told, material.text)
        no_new_facts(f"{question}\n{answer}", material.text)
        return Made(
            question=question,
            answer=answer,
            lang=material.lang,
            label=material.label,
            quotes=quotes,
            note="from a page",
        )


RECIPE = Grounded()
