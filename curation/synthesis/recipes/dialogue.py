"""A thread as a dialogue of several turns: what was said in it, or what its first message tells bit by bit."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curation.synthesis.fence import planted
from curation.synthesis.recipe import Left, Made, Material, Takes
from curation.synthesis.wording.talk import asks_back, is_small_talk, without_greeting
from tamiz.records import Pair, Turn

__all__ = ["RECIPE", "Dialogue"]

LEAST_DETAILS = 8  # words of a first message that is told as a turn of its own
MOST_DETAILS = 120
LEAST_SITUATION = 5  # words
# Neither tú nor usted: the answer may say either. To somebody who names a problem or a topic:
_MORE = {
    "es": (
        "Claro. ¿Cuál es el caso exactamente?",
        "Entendido. ¿Algún detalle más que pueda ayudar?",
        "De acuerdo. ¿Algo más que convenga saber?",
        "Claro, vamos a verlo. ¿Algún detalle más?",
    ),
    "en": (
        "Sure, I can help. Could you give me a few more details?",
        "I see. Can you tell me a bit more about it?",
        "Of course. Could you describe the situation in more detail?",
        "Happy to help. What else can you tell me about it?",
    ),
}
# To somebody who has told a situation and asked nothing yet:
_WHAT = {
    "es": ("Entendido. ¿Cuál es la duda?", "De acuerdo. ¿Cuál es la pregunta?", "Entendido. ¿En qué podemos ayudar?"),
    "en": ("I see. What would you like to know?", "Got it. What is your question?", "All right. How can I help?"),
}
_ASKS = re.compile(
    r"^\W*(?:(?:a|con|de|desde|en|hasta|para|por) )?(?:cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|dónde|qué|quién(?:es)?)\b|"
    r"^(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|should|will)\b",
    re.IGNORECASE,
)
# An answer that begins so goes on from a reply of somebody else.
_LEANS = re.compile(
    r"\W*(?:(?:también|tampoco|asimismo|igualmente|además(?! de)|y|pero|o|also|besides(?=,)|in addition(?! to)|"
    r"likewise|alternatively|additionally|and|but|or|same here|eso mismo)\b|(?:exacto|exactly)(?=[,.:!])|"
    r"(?:tal y )?como (?:ya )?(?:(?:te|le|os|se) )?(?:ha|han|hemos|he) (?:dicho|comentado|explicado|indicado|puesto)\b|"
    r"(?:tal y )?como (?:te |le )?dicen?\b(?= (?:arriba|antes|@|el compañero|la compañera|los demás))|"
    r"lo que (?:te|le|os) (?:ha|han|dice|dicen)\b|"
    r"(?:as|what) (?!you\b|I\b)@?\w+ (?:has |have )?(?:already )?(?:said|says|mentioned|told|wrote|suggested)\b|"
    r"as (?:mentioned|said|suggested|written) (?:above|before|already)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The last answer is the accepted one, as it stands. Only what the agent asks in between is ours.

    Nothing is asked of a customer who has asked everything already: a title that names a problem is asked for details;
    where the title is the question, the situation comes first.
    """

    name: str = "dialogue"
    title: str = "threads as dialogues of several turns: as they were, or with a question of the agent in between"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "thread"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made | Left]:
        """A dialogue of what was said in turn, where the pairs don't tell it already; else one of title and message."""
        if planted(material.text):
            return [Left(why="threads that speak to a model")]
        spoken = list(_spoken(material))
        if spoken or material.lang not in self.languages:
            return spoken
        return [_told(pair, material.lang, chance) for pair in material.pairs if not pair.context]


def _spoken(material: Material) -> Iterator[Made]:
    """Each answer with all turns before it, where sides take turns and there is more than one exchange."""
    turns = material.turns
    if len(turns) < 4 or any(turn.role != ("assistant" if at % 2 else "user") for at, turn in enumerate(turns)):
        return
    there = {(pair.question, pair.answer, pair.context) for pair in material.pairs}
    for at in range(3, len(turns), 2):
        question, answer = turns[at - 1].content, turns[at].content
        if is_small_talk(question) or is_small_talk(answer) or asks_back(answer):
            continue
        if (question, answer, turns[: at - 1]) in there:
            continue
        yield Made(
            question=question,
            answer=answer,
            lang=material.lang,
            context=turns[: at - 1],
            label=material.label,
            note="thread to dialogue: the turns of the thread",
        )


def _told(pair: Pair, lang: str, chance: random.Random) -> Made | Left:
    """The first message of a thread in two turns, with a question of the agent between them."""
    title, _, body = pair.question.partition("\n\n")
    title, details = title.strip(), without_greeting(body)
    if not title or not LEAST_DETAILS <= len(details.split()) <= MOST_DETAILS:
        return Left(why="threads with too short or too long a message to be told in turns")
    if _LEANS.match(pair.answer):
        return Left(why="threads whose answer leans on a reply that is not told")
    if not (_ASKS.match(title) or "?" in title):
        first, last = title, details
        asked, note = chance.choice(_MORE[lang]), "title, question for details, details"
    else:
        first, rest = _situation(details)
        if not first:
            return Left(why="threads whose first message asks everything at once")
        last = rest if _says_again(title, rest) else f"{title} {rest}".strip()
        asked, note = chance.choice(_WHAT[lang]), "situation, what is the question, question"
    return Made(
        question=last,
        answer=pair.answer,
        lang=lang,
        context=(Turn(role="user", content=first), Turn(role="assistant", content=asked)),
        label=pair.label,
        note=f"thread to dialogue: {note}",
        made_from=(pair.id,),
    )


def _situation(details: str) -> tuple[str, str]:
    """What a message tells before it asks, and what it asks; nothing before it where that is too little."""
    sentences = [one for one in _SENTENCE.split(details) if one]
    at = next((at for at, one in enumerate(sentences) if "?" in one), len(sentences))
    told = " ".join(sentences[:at])
    return (told, " ".join(sentences[at:])) if len(told.split()) >= LEAST_SITUATION else ("", details)


def _says_again(title: str, rest: str) -> bool:
    """Whether most of the title's longer words are in what is asked anyway."""
    words = set(re.findall(r"\w{3,}", title.casefold()))
    return bool(words) and len(words & set(re.findall(r"\w{3,}", rest.casefold()))) >= 0.5 * len(words)


RECIPE = Dialogue()
