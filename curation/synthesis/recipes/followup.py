"""What the customer asks next, answered from the same source: dialogues of two exchanges."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Count, Option
from curation.synthesis.prompting import asked_about
from curation.synthesis.recipe import Ask, Left, Made, Material, Takes, Unusable
from curation.synthesis.told import ANSWERED, listed, no_new_facts, quoted, same_words, text_of, those_that_hold, usable
from tamiz.records import Turn

__all__ = ["RECIPE", "Followup"]

COUNT = Count(name="count", about="follow-up questions to each pair, at most", default=2, highest=5)


@dataclass(frozen=True, slots=True)
class Followup:
    """The pair's question and answer are the turns before; what follows is quoted from that answer."""

    name: str = "followup"
    title: str = "follow-up questions that the answer answers as well, with the first exchange before them"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (COUNT,)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for up to `count`; nothing where the answer is too short to answer more."""
        count = COUNT.of(material)
        schema = listed("followups", ANSWERED, count)
        return asked_about(self.name, material, schema, words={"count": str(count)})

    def read(self, material: Material, reply: Any) -> Sequence[Made | Left]:
        """Those that ask something else and are answered by the source."""
        return those_that_hold(reply["followups"], lambda told: usable(material, [_followed(material, told)]))


def _followed(material: Material, told: Any) -> Made:
    pair = material.pair
    if pair is None:
        raise Unusable("there is no question")
    question, answer = text_of(told, "question"), text_of(told, "answer")
    if same_words(question, pair.question) or same_words(answer, pair.answer):
        raise Unusable("the follow-up is the first question again")
    no_new_facts(f"{question}\n{answer}", material.text)
    return Made(
        question=question,
        answer=answer,
        lang=material.lang,
        context=(Turn(role="user", content=pair.question), Turn(role="assistant", content=pair.answer)),
        label=pair.label,
        quotes=quoted(told, pair.answer),
        note="follow-up question",
    )


RECIPE = Followup()
