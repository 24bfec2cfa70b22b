"""A dialogue of several turns told from a thread, with only what the thread says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import QUOTES, TEXT, enough, no_new_facts, object_of, quoted, text_of, usable
from tamiz.records import Turn

__all__ = ["RECIPE", "Conversation"]

FEWEST, MOST = 4, 10  # turns
_TURN = object_of(role={"type": "string", "enum": ["user", "assistant"]}, content=TEXT)
_SCHEMA = object_of(
    turns={"type": "array", "items": _TURN, "minItems": FEWEST, "maxItems": MOST},
    quotes=QUOTES,
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Customer and agent take turns; the last word is the agent's, and holds the accepted answer."""

    name: str = "conversation"
    title: str = "threads told as a dialogue of several turns, with quotes"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "thread"

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for one dialogue; nothing where the thread says too little."""
        if not enough(material.text):
            return None
        thread = "\n\n".join(f"{turn.role}: {turn.content}" for turn in material.turns) or material.text
        return asked(self.name, material.lang, _SCHEMA, data={"source": thread}, max_tokens=1200)

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The dialogue, if sides take turns and no turn of the agent tells what the thread does not."""
        turns = [Turn(role=one["role"], content=text_of(one, "content")) for one in reply["turns"]]
        while turns and turns[-1].role == "user":
            turns.pop()  # a customer who says thanks at the end gets no answer
        if len(turns) < FEWEST:
            raise Unusable("fewer than two exchanges")
        if any(turn.role != ("assistant" if at % 2 else "user") for at, turn in enumerate(turns)):
            raise Unusable("customer and agent do not take turns, or the agent begins")
        no_new_facts("\n".join(turn.content for turn in turns), material.text)
        one = Made(
            question=turns[-2].content,
            answer=turns[-1].content,
            lang=material.lang,
            context=tuple(turns[:-2]),
            label=material.label,
            quotes=quoted(reply, material.text),
            note=f"dialogue of {len(turns)} turns from a thread",
        )
        return usable(material, [one])


RECIPE = Conversation()
