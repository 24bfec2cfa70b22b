"""The question in other words, by a model; the answer stays as it is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Count, Option
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import TEXT, listed, new_facts, same_words, text_of, usable, workable
from curation.synthesis.wording.kept import facts_stand, names_in

__all__ = ["RECIPE", "Paraphrase"]

COUNT = Count(name="count", about="wordings of each question, at most", default=4, highest=10)
ROOM = 80  # characters by which a wording may be longer than twice the question


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Wordings that keep every number, name and negation of the question; the others are not made."""

    name: str = "paraphrase"
    title: str = "the question in other words; the answer stays"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (COUNT,)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for `count` wordings; nothing about a turn of a dialogue, which needs the turns before it."""
        pair = material.pair
        if not workable(pair) or pair.context:
            return None
        count = COUNT.of(material)
        return asked(
            self.name,
            material.lang,
            listed("questions", TEXT, count),
            data={"question": pair.question, "answer": pair.answer},
            words={"count": str(count)},
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """Those that differ from the question and each other and change no fact of it."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no question")
        names = names_in(pair.question)
        made: list[Made] = []
        for told in reply["questions"]:
            text = text_of({"question": told}, "question")
            if new_facts(text, pair.question):
                continue
            known = [pair.question, *(one.question for one in made)]
            if (
                len(text) <= 2 * len(pair.question) + ROOM
                and facts_stand(pair.question, text, names)
                and not any(same_words(text, one) for one in known)
            ):
                made.append(
                    Made(question=text, answer=pair.answer, lang=material.lang, label=pair.label, note="paraphrase")
                )
        if not made:
            raise Unusable("every wording changes a number or a name, or is the question itself")
        return usable(material, made)


RECIPE = Paraphrase()
