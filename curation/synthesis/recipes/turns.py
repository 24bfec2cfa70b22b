"""A support transcript as pairs that need nothing before them: the question of a turn with the answer that it got."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from curation.synthesis.fence import planted
from curation.synthesis.recipe import Left, Made, Material, Takes
from curation.synthesis.wording.talk import asks_back, is_small_talk, own_question, stands_alone, without_greeting
from tamiz.records import Turn

__all__ = ["RECIPE", "Turns"]

LEAST_ANSWER = 6  # words
LEAST_ANSWER_TOLD = 3  # words of what a customer adds, so that it is told with the question


@dataclass(frozen=True, slots=True)
class Turns:
    """Greetings and thanks go; what the customer added when asked back is told with the question."""

    name: str = "turns"
    title: str = "turns of transcripts as pairs that stand alone, without greetings and asking back"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "transcript"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made | Left]:
        """A pair for each answer whose question can be understood by itself, and is not a pair as it stands."""
        if planted(material.text):
            return [Left(why="talks that speak to a model")]
        there = {(pair.question, pair.answer) for pair in material.pairs if not pair.context}
        made: list[Made | Left] = []
        made += [Left(why="greetings, thanks and the like") for turn in material.turns if is_small_talk(turn.content)]
        for question, answer, added in _exchanges(turn for turn in material.turns if not is_small_talk(turn.content)):
            if (question, answer) in there:
                continue
            origin = next((pair for pair in material.pairs if pair.answer == answer), None)
            made.append(
                Made(
                    question=question,
                    answer=answer,
                    lang=material.lang,
                    label=material.label,
                    note="transcript: the turn by itself" + (", with what the customer added" if added else ""),
                    made_from=(origin.id,) if origin else (),
                )
            )
        return made


def _exchanges(turns: Iterable[Turn]) -> Iterator[tuple[str, str, bool]]:
    """(question, answer, whether something was added) of each answer that is one."""
    question, first = "", True
    added: list[str] = []
    for turn in turns:
        if turn.role == "user":
            own = own_question(turn.content)
            if stands_alone(own, first=first) and (first or "?" in own):
                question, added = own, []
            elif question and "?" not in turn.content:
                told = without_greeting(turn.content)
                if len(told.split()) >= LEAST_ANSWER_TOLD and not told.lower().startswith(("sí", "si,", "no", "yes")):
                    added.append(told)
            else:
                question, added = "", []  # it asks about what was said before
            first = False
        elif turn.role == "assistant" and question and not asks_back(turn.content):
            if len(turn.content.split()) >= LEAST_ANSWER:
                yield " ".join([question, *added]), turn.content, bool(added)
            question, added = "", []


RECIPE = Turns()
