"""How far the models that judge made pairs can be trusted, as far as people have decided about what they judged."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from curation.synthesis.gates.calibration import LEAST, Calibrated
from curation.synthesis.gates.findings import JUDGE_STEP
from curation.synthesis.judging import judge_agreement
from curation.synthesis.marks import recipe_of
from tamiz.store import Store
from tamiz.synthmade import judge_looks

__all__ = ["Trust", "trust_in_judges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A judge of a recipe's pairs: how many it has judged, and how far it agrees with people; None where they have
    decided about none of these. Recipe and model are "" for all judges together."""

    recipe: str
    model: str
    judged: int
    told: Calibrated | None

    @property
    def decided(self) -> int:
        return self.told.pairs if self.told else 0

    @property
    def missing(self) -> int:
        """How many decisions there have to be at least before its agreement has an interval."""
        return max(0, LEAST - self.decided)


def trust_in_judges(store: Store) -> list[Trust]:
    """Every judge, by recipe and model; all together last, where there are several. [] where nothing was judged."""
    said = judge_looks(store, JUDGE_STEP)
    stored = store.pairs_by_id(sorted({pair for pair, _ in said}))
    judged: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for pair, settings in said:
        if pair in stored:
            judged[recipe_of(stored[pair].pair), str(json.loads(settings)["model"])].add(pair)
    told = {(one.recipe, one.model): one for one in judge_agreement(store)}
    rows = [
        Trust(recipe=recipe, model=model, judged=len(pairs), told=told.get((recipe, model)))
        for (recipe, model), pairs in sorted(judged.items())
    ]
    if ("", "") in told:
        rows.append(Trust(recipe="", model="", judged=sum(one.judged for one in rows), told=told["", ""]))
    return rows
