"""Questions that have nothing to do with the site, and honest answers that say so."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from typing import Any

from curation.synthesis.options import Count, Option, Text
from curation.synthesis.recipe import Left, Made, Material, Takes
from tamiz.records import Pair

__all__ = ["RECIPE", "Refusals", "spoken_of"]

COUNT = Count(name="count", about="questions in each language, at most", default=20, highest=60)
ABOUT = Text(name="about", about="what the agent is for, in its words", longest=120, example="Lumbre Fibra")
_ABOUT = {"es": "este servicio", "en": "this service"}
LOOKED_AT = 20_000  # pairs, from all over
IN_ONE = 2  # of a topic's longer words in one pair: it speaks of it
ONE_IN = 500  # pairs that do so: the site speaks of it


@cache
def _bank() -> Mapping[str, Any]:
    text = (files("curation.synthesis.wording") / "out_of_domain.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Refusals:
    """The agent says that it does not know, and what it is for. Nothing of the site is needed or told."""

    name: str = "refusals"
    title: str = "questions outside of the domain, with an honest refusal"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "language"
    options: tuple[Option, ...] = (COUNT, ABOUT)

    def make(self, material: Material, chance: random.Random) -> Sequence[Made | Left]:
        """`count` questions of all topics that the site does not speak of in turn, each question once."""
        bank = _bank().get(material.lang)
        if bank is None:
            return []
        free = {name: list(asked) for name, asked in bank["topics"].items() if not spoken_of(asked, material.pairs)}
        made: list[Made | Left] = [Left(why="topics that the site speaks of")] * (len(bank["topics"]) - len(free))
        topics = list(free)
        chance.shuffle(topics)
        for topic in topics:
            chance.shuffle(free[topic])
        turns = zip_longest(*([(topic, question) for question in free[topic]] for topic in topics))
        chosen = [one for turn in turns for one in turn if one is not None][: COUNT.of(material)]
        return [*made, *(_refused(topic, question, bank["answers"], material, chance) for topic, question in chosen)]


def _refused(
    topic: str, question: str, answers: Mapping[str, Sequence[str]], material: Material, chance: random.Random
) -> Made:
    register = chance.choice(sorted(answers))
    told = chance.choice(answers[register]).replace("{topic}", topic)
    about = ABOUT.of(material) or _ABOUT[material.lang]
    return Made(
        question=question,
        answer=re.sub(r"\b([Dd])e el ", r"\1el ", told).replace("{about}", about),
        lang=material.lang,
        note=f"refusal: out of domain ({topic}), {register}",
        refusal=True,
    )


def spoken_of(asked: Sequence[str], pairs: Sequence[Pair]) -> bool:
    """Whether pairs of the site speak of the topic of these questions: some have two of their longer words."""
    words = {word[:6] for one in asked for word in _long_words(one)} - _COMMON
    looked = pairs[:: 1 + len(pairs) // LOOKED_AT]
    speak = sum(
        len(words & {word[:6] for word in _long_words(f"{pair.question} {pair.answer}")}) >= IN_ONE for pair in looked
    )
    return speak > len(looked) // ONE_IN


def _long_words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{5,}", text.casefold())


# Of questions on anything.
_COMMON = frozenset(
    word[:6]
    for word in [
        "cuántos",
        "cuántas",
        "cuánta",
        "cuándo",
        "cuánto",
        "minutos",
        "podría",
        "puedo",
        "debería",
        "recomiendas",
        "significa",
        "mañana",
        "noche",
        "tarde",
        "meses",
        "should",
        "would",
        "could",
        "which",
        "there",
        "about",
        "right",
        "other",
        "minutes",
        "tonight",
        "tomorrow",
        "mean",
        "normal",
        "price",
        "precio",
        "ahora",
    ]
)


RECIPE = Refusals()
