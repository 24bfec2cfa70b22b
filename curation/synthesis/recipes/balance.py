"""Small labels filled up: their pairs again, worded otherwise or typed in a hurry, for training a classifier."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from curation.synthesis.options import Count, Option
from curation.synthesis.recipe import Made, Material, Takes
from curation.synthesis.recipes.noise import RECIPE as NOISE
from curation.synthesis.recipes.variants import RECIPE as VARIANTS
from tamiz.records import Pair

__all__ = ["RECIPE", "Balance"]

PERCENT = Count(
    name="percent", about="of the largest label, up to which the others are filled", default=50, highest=100
)
COPIES = Count(name="copies", about="of one pair, at most", default=4, highest=12)


@dataclass(frozen=True, slots=True)
class Balance:
    """Copies for training only, none of which equals its pair; a label with few pairs stays smaller."""

    name: str = "balance"
    title: str = "small labels filled up with changed copies of their pairs, for training only"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "label"
    options: tuple[Option, ...] = (PERCENT, COPIES)

    def make(self, material: Material, chance: random.Random) -> Sequence[Made]:
        """As many copies as the label lacks to `percent` of the largest, from all of its pairs in turn."""
        goal = material.largest * PERCENT.of(material) // 100
        copies = COPIES.of(material)
        lacking = goal - len(material.pairs)
        if lacking <= 0:
            return []
        each = [self._copies(material, pair, copies, chance) for pair in material.pairs]
        chance.shuffle(each)
        made: list[Made] = []
        for turn in range(copies):
            for some in each:
                if turn < len(some) and len(made) < lacking:
                    made.append(some[turn])
        return made

    def _copies(self, material: Material, pair: Pair, copies: int, chance: random.Random) -> list[Made]:
        """Wordings and noise of one pair, in turn, each other one."""
        one = replace(material, pair=pair, options={"count": str(copies)})
        both = [VARIANTS.make(one, chance), NOISE.make(one, chance)]
        mixed = [made for turn in range(copies) for some in both for made in some[turn : turn + 1]]
        return [
            replace(made, augmentation=True, made_from=(pair.id,), note=f"label-balanced sampling, {made.note}")
            for made in mixed[:copies]
        ]


RECIPE = Balance()
