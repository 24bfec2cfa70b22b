"""A tutor's dialogue: a hint first, the learner's attempt, and then the answer."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.prompting import asked_about
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import TEXT, no_new_facts, object_of, same_words, text_of, usable
from curation.synthesis.wording.kept import facts
from tamiz.records import Turn

__all__ = ["RECIPE", "Tutor", "gives_away"]

MOST_SHARED = 0.6  # share of the answer's longer words that a hint may have


@dataclass(frozen=True, slots=True)
class Tutor:
    """The hint must not give the answer away; the last answer says no more than the pair's own."""

    name: str = "tutor"
    title: str = "tutor dialogues: the question, a hint, an attempt, the answer"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for the hint, the attempt and the answer with its explanation."""
        return asked_about(self.name, material, object_of(hint=TEXT, attempt=TEXT, answer=TEXT), max_tokens=600)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The dialogue, if the hint is one and nothing in hint or answer is new."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no question")
        hint, attempt, answer = (text_of(reply, name) for name in ("hint", "attempt", "answer"))
        if why := gives_away(hint, pair.question, pair.answer):
            raise Unusable(why)
        if same_words(attempt, hint) or same_words(attempt, pair.question):
            raise Unusable("the learner attempts nothing")
        no_new_facts(f"{hint}\n{answer}", material.text, attempt)
        one = Made(
            question=attempt,
            answer=answer,
            lang=material.lang,
            context=(Turn(role="user", content=pair.question), Turn(role="assistant", content=hint)),
            label=pair.label,
            note="tutor: hint before answer",
        )
        return usable(material, [one])


def gives_away(hint: str, question: str, answer: str) -> str:
    """Why a hint is none: it tells what the answer is about; "" where it does not.

    >>> gives_away("The fee is 30 euros.", "How much is it?", "It costs 30 euros.")
    'the hint gives the answer away: 30 euros'
    """
    new = facts(answer) - facts(question)
    for fact in sorted(new):
        if re.search(r"\d|[A-Z/@._]", fact) and re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", hint):
            return f"the hint gives the answer away: {fact}"
    told = set(re.findall(r"[^\W\d_]{5,}", answer.casefold()))
    told -= set(re.findall(r"[^\W\d_]{5,}", question.casefold()))
    shared = told & set(re.findall(r"[^\W\d_]{5,}", hint.casefold()))
    if len(told) >= 3 and len(shared) > MOST_SHARED * len(told):
        return "the hint tells most of the answer"
    return ""


RECIPE = Tutor()
