"""A model as judge of made pairs that wait: asked within the same bounds as recipes, with every call in the ledger.

It is shown the source that a pair was made from. Its verdict is a look of its own at the pair, beside those of the
rules and of earlier judges; it decides nothing. How far it agrees with what people decided is computed from both.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.synthesis.estimate import Estimate
from curation.synthesis.gates.calibration import Calibrated, Rated, calibrate
from curation.synthesis.gates.findings import JUDGE_STEP
from curation.synthesis.gates.judge import SCHEMA, SURE, judge_ask, judged, judgement
from curation.synthesis.making import Keeper
from curation.synthesis.marks import is_augmentation, is_refusal, recipe_of
from curation.synthesis.material import Materials, Wanted, by_lot, gather_materials
from curation.synthesis.personal import Cleared
from curation.synthesis.providers import Provider
from curation.synthesis.recipe import Ask, Left, Made, Material, Takes
from curation.synthesis.recipes import RECIPES, find_recipe
from curation.synthesis.replies import read_reply
from curation.synthesis.report import SynthReport
from curation.synthesis.run import RecipeRun, Synthesis
from curation.synthesis.training import Training, training_part
from tamiz.moves import State
from tamiz.progress import Job
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store
from tamiz.synthledger import call_of
from tamiz.synthmade import judge_looks, keep_verdict, made_by, people_decided

__all__ = ["JUDGE", "estimate_judging", "judge_agreement", "judge_made"]

WAITS: tuple[State, ...] = ("new", "waiting", "skipped", "disputed")


@dataclass(frozen=True, slots=True)
class Judge:
    """To the engine it is a recipe that makes nothing: its replies are read as verdicts."""

    name: str = "judge"
    title: str = "a model's verdict on made pairs that wait"
    languages: frozenset[str] = frozenset({"es", "en"})
    takes: Takes = "pair"

    def ask(self, material: Material, chance: random.Random) -> Ask | None:
        """Show it source, question and answer."""
        return judge_ask(material.pair, material.text) if material.pair is not None else None

    def read(self, material: Material, reply: Any) -> Sequence[Made]:
        """Nothing is made; Unusable where the reply is no verdict."""
        judged(reply, material.text)
        return ()


JUDGE = Judge()


def judge_made(
    project: Project,
    store: Store,
    wanted: Synthesis,
    report: Job | None = None,
    *,
    settings: SynthesisSettings | None = None,
    provider: Provider | None = None,
    actor: str = "command",
    tell: Callable[[Estimate], None] = lambda estimate: None,
) -> SynthReport:
    """Ask about the pairs of `wanted.recipe` ("" for those of all recipes) that wait and were not judged yet.

    In the report `made` are verdicts and `clean` those that accept. Otherwise as `synthesise`.
    """
    chosen = settings or project.settings.synthesis
    return _JudgeRun(project, store, wanted, chosen, JUDGE, report).asking(provider, actor, tell)


def estimate_judging(
    project: Project,
    store: Store,
    wanted: Synthesis,
    *,
    settings: SynthesisSettings | None = None,
    provider: Provider | None = None,
) -> Estimate:
    """What it would come to; nothing is sent."""
    chosen = settings or project.settings.synthesis
    return _JudgeRun(project, store, wanted, chosen, JUDGE, None).estimated(provider)


def judge_agreement(store: Store) -> list[Calibrated]:
    """How far each judge agrees with what people decided, by recipe and model. An edit counts as a rejection."""
    said = judge_looks(store, JUDGE_STEP)
    names = sorted({pair for pair, _ in said})
    decided, stored = people_decided(store, names), store.pairs_by_id(names)
    latest = {(pair, json.loads(settings)["model"]): rejects for (pair, settings), rejects in said.items()}
    return calibrate(
        Rated(
            pair=pair,
            recipe=recipe_of(stored[pair].pair),
            model=model,
            judge="reject" if rejects else "accept",
            reviewer="accept" if decided[pair] == "accept" else "reject",
        )
        for (pair, model), rejects in latest.items()
        if pair in decided and pair in stored
    )


class _JudgeRun(RecipeRun):
    """The engine's run, over made pairs instead of the training part."""

    def training(self) -> Training:
        """Nothing is divided for a judge where nothing waits for one."""
        waiting = any(recipe_of(one.pair) for one in self.store.pairs(*WAITS, kinds=["synthetic"]))
        return training_part(self.project, self.store) if waiting else Training(pairs=(), held_out=())

    def gathered(self, training: Training) -> Materials:
        """Made pairs that wait, each with the text that it was made from."""
        left_out: Counter[str] = Counter()
        items = list(self._materials(training, left_out))
        return Materials(items=tuple(by_lot(items, self.wanted.limit, self.settings.seed)), left_out=dict(left_out))

    def _materials(self, training: Training, left_out: Counter[str]) -> Iterator[Material]:
        waiting = [one.pair for one in self.store.pairs(*WAITS, kinds=["synthetic"]) if self._is_meant(one.pair)]
        cleared = Cleared.of(self.project, self.store, waiting)
        made = made_by(self.store, [pair.id for pair in waiting])
        sources = _Sources(self, training)
        for pair in waiting:
            how = made.get(pair.id)
            source = sources.text(recipe_of(pair), how.material) if how is not None else ""
            if is_augmentation(pair):
                left_out["changed copies, which are not for people to read"] += 1
            elif is_refusal(pair):
                left_out["honest refusals, which have no source"] += 1
            elif not source:
                left_out["pairs whose source is not in the training part any more"] += 1
            elif not cleared.pair(pair):
                left_out["pairs with personal data"] += 1
            else:
                yield Material(key=pair.id, text=source, lang=pair.lang, pair=pair, group=pair.group)

    def _is_meant(self, pair: Pair) -> bool:
        wanted, recipe = self.wanted, recipe_of(pair)
        fits = not wanted.recipe or recipe == wanted.recipe
        here = not wanted.sources or pair.source in wanted.sources
        return recipe in RECIPES and fits and here and (not wanted.languages or pair.lang in wanted.languages)

    def keeper(self, name: str, model: str, training: Training) -> Keeper:
        agreed = {(one.recipe, one.model): one.agree for one in judge_agreement(self.store) if one.low is not None}
        sure = {recipe: share for (recipe, judge), share in agreed.items() if judge == model and share is not None}
        return _VerdictKeeper(store=self.store, run=name, recipe=JUDGE.name, model=model, near=None, sure=sure)


@dataclass(slots=True)
class _Sources:
    """The texts that pairs were made from, gathered as the recipe gathered them, once for each kind of material."""

    run: RecipeRun
    training: Training
    _texts: dict[Takes, Mapping[str, str]] = field(default_factory=dict)

    def text(self, recipe: str, key: str) -> str:
        """The text of a material, "" where it is not there any more."""
        takes = find_recipe(recipe).takes
        if takes not in self._texts:
            run = self.run
            wanted = Wanted(takes=takes, languages=find_recipe(recipe).languages)
            found = gather_materials(run.project, run.store, self.training, run.settings, wanted)
            self._texts[takes] = {one.key: one.text for one in found.items}
        return self._texts[takes].get(key, "")


@dataclass(slots=True)
class _VerdictKeeper(Keeper):
    """Keeps verdicts. `sure` is how far this judge has agreed with people, by recipe."""

    sure: Mapping[str, float] = field(default_factory=lambda: defaultdict(float))

    def keep(self, material: Material, made: Sequence[Made | Left], *, call: int = 0, prompt: str = "") -> None:
        row, pair = call_of(self.store, call), material.pair
        if row is None or pair is None or not row.reply:
            return
        said = judged(read_reply(row.reply, SCHEMA), material.text)
        found = judgement(pair, said, self.model, confidence=self.sure.get(recipe_of(pair), SURE))
        settings = json.dumps({"model": self.model, "prompt": prompt}, sort_keys=True)
        new = keep_verdict(
            self.store, call=call, run=self.run, pair=pair.id, step=JUDGE_STEP, settings=settings, findings=found
        )
        self.made += new
        self.clean += new and not found
        self.found.update(said.broken if new else ())
