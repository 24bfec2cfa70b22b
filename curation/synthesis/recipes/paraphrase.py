"""The question in other words, by a model; the answer stays as it is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Count, Option
from curation.synthesis.prompting import asked_about
from curation.synthesis.recipe import Ask, Left, Made, Material, Takes, Unusable
from curation.synthesis.rewording import asks_another_thing
from curation.synthesis.told import TEXT, listed, text_of, those_that_hold, trace, usable

__all__ = ["RECIPE", "Paraphrase"]

COUNT = Count(name="count", about="wordings of each question, at most", default=4, highest=10)


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Wordings that keep every number, name and negation of the question, and its subject; others are not made."""

    name: str = "paraphrase"
    title: str = "the question in other words; the answer stays"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (COUNT,)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for `count` wordings; nothing about a turn of a dialogue, which needs the turns before it."""
        count = COUNT.of(material)
        schema = listed("questions", TEXT, count)
        return asked_about(self.name, material, schema, words={"count": str(count)}, explained=False)

    def read(self, material: Material, reply: Any) -> Sequence[Made | Left]:
        """Those that differ from the question and each other, change no fact of it and ask for nothing else."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no question")
        known: set[bytes] = set()

        def worded(told: Any) -> Sequence[Made]:
            text = text_of({"question": told}, "question")
            if why := asks_another_thing(pair, text, material.lang):
                raise Unusable(why)
            if trace(text) in known:
                raise Unusable("the same wording again")
            known.add(trace(text))
            one = Made(question=text, answer=pair.answer, lang=material.lang, label=pair.label, note="paraphrase")
            return usable(material, [one])

        return those_that_hold(reply["questions"], worded)


RECIPE = Paraphrase()
