"""Questions that have nothing to do with the site, and honest answers that say so."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from curation.synthesis.options import number
from curation.synthesis.recipe import Made, Material, Takes
from tamiz.errors import SettingsError
from tamiz.records import clean_unicode

__all__ = ["RECIPE", "Refusals", "about_it"]

COUNT = 2  # for each label, where --set count=... says nothing
LONGEST_ABOUT = 120
_ABOUT = {"es": "este servicio", "en": "this service"}


@cache
def _bank() -> Mapping[str, Any]:
    text = (files("curation.synthesis.wording") / "out_of_domain.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Refusals:
    """The agent says that it does not know, and what it is for. Nothing of the site is needed or told."""

    name: str = "refusals"
    title: str = "questions outside of the domain, with an honest refusal (--set about='Lumbre Fibra')"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "label"

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        """`count` questions of topics that the label's pairs don't speak of, each of another topic."""
        bank = _bank().get(material.lang)
        if bank is None:
            return []
        about = _about(material)
        topics = [name for name, asked in bank["topics"].items() if not about_it(asked, material.text)]
        chance.shuffle(topics)
        made = []
        for topic in topics[: number(material, "count", COUNT, highest=14)]:
            register = chance.choice(sorted(bank["answers"]))
            told = chance.choice(bank["answers"][register])
            answer = re.sub(r"\b([Dd])e el ", r"\1el ", told.replace("{topic}", topic)).replace("{about}", about)
            made.append(
                Made(
                    question=chance.choice(bank["topics"][topic]),
                    answer=answer,
                    lang=material.lang,
                    note=f"refusal: out of domain ({topic}), {register}",
                    refusal=True,
                )
            )
        return made


def about_it(asked: Sequence[str], text: str) -> bool:
    """Whether a text of the domain speaks of the topic of these questions: two of their longer words stand in it."""
    told = {word[:6] for word in re.findall(r"[^\W\d_]{5,}", text.casefold())}
    words = {word[:6] for one in asked for word in re.findall(r"[^\W\d_]{5,}", one.casefold())} - _COMMON
    return len(words & told) >= max(2, len(words) // 3)


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


def _about(material: Material) -> str:
    given = clean_unicode(material.options.get("about", "")).strip()
    if len(given) > LONGEST_ABOUT or "\n" in given:
        raise SettingsError(f"--set about={given[:40]}...: give a few words, such as 'Lumbre Fibra'")
    return given or _ABOUT[material.lang]


RECIPE = Refusals()
