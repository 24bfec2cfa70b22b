"""Questions in other words, by grammar: forms of address, formal and informal, fragments, what one types to search."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from curation.synthesis.options import Count, Option
from curation.synthesis.recipe import Made, Material, Takes
from curation.synthesis.told import workable
from curation.synthesis.wording.english import english_variants
from curation.synthesis.wording.kept import facts_stand, names_in
from curation.synthesis.wording.spanish import spanish_variants
from curation.synthesis.wording.variant import Variant

__all__ = ["RECIPE", "Variants"]

PER_STYLE = 2
COUNT = Count(name="count", about="wordings of each question, at most", default=6)


@dataclass(frozen=True, slots=True)
class Variants:
    """The same answer to the question in other words. Numbers, names, code and negations stay as they are."""

    name: str = "variants"
    title: str = "the question in other words, by grammar: tú, usted, vos, formal, informal, fragments, keywords"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"
    options: tuple[Option, ...] = (COUNT,)

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        """Up to `count` of the wordings, of as many kinds as there are. None for a turn of a dialogue."""
        pair = material.pair
        if not workable(pair) or pair.context or material.lang not in self.languages:
            return []
        names = names_in(pair.question)
        sound = [one for one in wordings(pair.question, material.lang) if facts_stand(pair.question, one.text, names)]
        chosen = spread(distinct(sound, pair.question), COUNT.of(material), chance)
        return [
            Made(
                question=variant.text,
                answer=pair.answer,
                lang=material.lang,
                label=pair.label,
                note=f"question variant: {variant.style}" + (f" ({variant.place})" if variant.place else ""),
            )
            for variant in chosen
        ]


def wordings(question: str, lang: str) -> list[Variant]:
    """Every other wording. Of a thread's question the title is worded otherwise, and its first message stays."""
    title, blank, body = question.partition("\n\n")
    every = spanish_variants(title) if lang == "es" else english_variants(title)
    if not body:
        return [one for one in every if len(one.text.split()) > 1]
    whole = (one for one in every if one.style not in ("keywords", "fragment") and "Thank" not in one.text)
    return [replace(one, text=f"{one.text}{blank}{body}") for one in whole]


def distinct(variants: Sequence[Variant], question: str) -> list[Variant]:
    """Those that differ from the question and from each other in more than marks and capitals.

    A fragment that only lacks the marks of its question is what people type: it stays.
    """
    seen = {_letters(question)}
    kept: list[Variant] = []
    for variant in variants:
        same = _letters(variant.text)
        fragment = (
            variant.style == "fragment" and variant.text != question and variant.text not in {v.text for v in kept}
        )
        if same in seen and not fragment:
            continue
        seen.add(same)
        kept.append(variant)
    return kept


def spread(variants: Sequence[Variant], count: int, chance: random.Random) -> list[Variant]:
    """So many of them, each kind once before one comes again and twice at most, in the order of the given ones."""
    by_style: dict[str, list[Variant]] = {}
    for variant in variants:
        by_style.setdefault(variant.style, []).append(variant)
    for group in by_style.values():
        chance.shuffle(group)
        del group[PER_STYLE:]
    styles = list(by_style)
    chance.shuffle(styles)
    chosen: set[int] = set()
    while len(chosen) < count and any(by_style.values()):
        for style in styles:
            if by_style[style] and len(chosen) < count:
                chosen.add(id(by_style[style].pop()))
    return [variant for variant in variants if id(variant) in chosen]


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


RECIPE = Variants()
