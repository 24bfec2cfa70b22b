"""A thread as a dialogue of several turns: what was said in it, or its title first and the details when asked."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.synthesis.fence import planted
from curation.synthesis.recipe import Made, Material, Takes
from curation.synthesis.wording.talk import asks_back, is_thanks, without_greeting
from tamiz.records import Pair, Turn

__all__ = ["RECIPE", "Dialogue"]

LEAST_DETAILS = 8  # words of a first message that is told as a turn of its own
MOST_DETAILS = 120
_MORE = {
    "es": (  # neither tú nor usted: the answer may say either
        "Claro. ¿Qué ocurre exactamente?",
        "Entendido. ¿Algún detalle más que ayude a verlo mejor?",
        "De acuerdo. ¿Cuál es la situación exactamente?",
        "Claro, vamos a verlo. ¿Hay algún detalle más?",
    ),
    "en": (
        "Sure, I can help. Could you give me a few more details?",
        "I see. Can you tell me a bit more about what happens?",
        "Of course. Could you describe the situation in more detail?",
        "Happy to help. What else can you tell me about it?",
    ),
}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The last answer is the accepted one, as it stands. Only the question for details is ours."""

    name: str = "dialogue"
    title: str = "threads as dialogues of several turns: the title, a question for details, the details, the answer"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "thread"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        """A dialogue of what was said in turn, where the pairs don't tell it already; else one of title and details."""
        if planted(material.text):
            return []
        spoken = list(_spoken(material))
        if spoken or material.lang not in self.languages:
            return spoken
        made = []
        for pair in material.pairs:
            if not pair.context and (told := _title_and_details(pair)):
                title, details = told
                more = chance.choice(_MORE[material.lang])
                made.append(
                    Made(
                        question=details,
                        answer=pair.answer,
                        lang=material.lang,
                        context=(Turn(role="user", content=title), Turn(role="assistant", content=more)),
                        label=pair.label,
                        note="thread to dialogue: title, question for details, details",
                        made_from=(pair.id,),
                    )
                )
        return made


def _spoken(material: Material) -> Iterator[Made]:
    """Each answer with all turns before it, where sides take turns and there is more than one exchange."""
    turns = material.turns
    if len(turns) < 4 or any(turn.role != ("assistant" if at % 2 else "user") for at, turn in enumerate(turns)):
        return
    there = {(pair.question, pair.answer, pair.context) for pair in material.pairs}
    for at in range(3, len(turns), 2):
        question, answer = turns[at - 1].content, turns[at].content
        if is_thanks(question) or asks_back(answer) or (question, answer, turns[: at - 1]) in there:
            continue
        yield Made(
            question=question,
            answer=answer,
            lang=material.lang,
            context=turns[: at - 1],
            label=material.label,
            note="thread to dialogue: the turns of the thread",
        )


def _title_and_details(pair: Pair) -> tuple[str, str] | None:
    """The title of a thread and its first message, where both say something."""
    title, _, body = pair.question.partition("\n\n")
    details = without_greeting(body)
    enough = LEAST_DETAILS <= len(details.split()) <= MOST_DETAILS
    return (title.strip(), details) if title.strip() and enough and "\n\n" not in title else None


RECIPE = Dialogue()
