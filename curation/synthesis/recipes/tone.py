"""The answer in another tone, for content in a house style; what it says stays."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.synthesis.options import Choice, Option, Text
from curation.synthesis.prompting import asked
from curation.synthesis.recipe import Ask, Made, Material, Takes, Unusable
from curation.synthesis.told import TEXT, luck, no_new_facts, object_of, same_words, text_of, usable, workable

__all__ = ["RECIPE", "TONES", "Tone"]

TONES: Mapping[str, Mapping[str, str]] = {
    "es": {
        "cercano": "cercano y cálido, de tú, con frases cortas",
        "formal": "formal y respetuoso, de usted",
        "conciso": "lo más breve posible sin perder ningún dato, sin saludos",
        "sencillo": "muy sencillo, sin palabras técnicas que no hagan falta, paso a paso",
    },
    "en": {
        "friendly": "friendly and warm, in short sentences",
        "formal": "formal and respectful",
        "concise": "as short as possible without losing any fact, no greetings",
        "simple": "very simple, without technical words that are not needed, step by step",
    },
}
TONE = Choice(name="tone", about="in which tone", words={lang: tuple(tones) for lang, tones in TONES.items()})
STYLE = Text(name="style", about="a tone of your own instead", longest=400, example="de vos, como un vecino")


@dataclass(frozen=True, slots=True)
class Tone:
    """Every number and address of the answer is in the new one, and no other."""

    name: str = "tone"
    title: str = "the answer in another tone or house style"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (TONE, STYLE)

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Ask for the answer in the tone of the run, or one by lot."""
        pair = material.pair
        if not workable(pair):
            return None
        return asked(
            self.name,
            material.lang,
            object_of(answer=TEXT),
            data={"question": pair.question, "answer": pair.answer},
            words={"style": STYLE.of(material) or TONES[material.lang][self._named(material)]},
            max_tokens=200 + len(pair.answer) // 2,
        )

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """The pair with its new answer."""
        pair = material.pair
        if pair is None:
            raise Unusable("there is no answer")
        answer = text_of(reply, "answer")
        if same_words(answer, pair.answer):
            raise Unusable("the answer is worded as it was")
        no_new_facts(answer, pair.answer, pair.question)
        lost = _facts(pair.answer) - _facts(answer)
        if lost:
            raise Unusable(f"a fact of the answer is lost: {sorted(lost)[0]}")
        one = Made(
            question=pair.question,
            answer=answer,
            lang=material.lang,
            context=pair.context,
            tools=pair.tools,
            label=pair.label,
            note=f"tone: {'house style' if STYLE.of(material) else self._named(material)}",
        )
        return usable(material, [one])

    def _named(self, material: Material) -> str:
        """The tone by its name, or by lot."""
        return TONE.of(material, luck(material, self.name).choice(sorted(TONES[material.lang])))


def _facts(text: str) -> Counter[str]:
    """Numbers and addresses, each once: a fact may be said twice in one tone and once in another."""
    found = re.findall(r"\d+(?:[.,:]\d+)*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s,;)]+", text)
    return Counter(set(found))


RECIPE = Tone()
