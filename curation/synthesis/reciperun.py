"""One run of a recipe: what it works on, whom it asks, and what it reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from curation.synthesis.alive import LEASE_SECONDS, Living, lives
from curation.synthesis.asking import Asker
from curation.synthesis.collecting import CTRL_C, Collecting
from curation.synthesis.estimate import Estimate, estimate_run
from curation.synthesis.limits import Budget
from curation.synthesis.making import Keeper
from curation.synthesis.material import Materials, Wanted, gather_materials
from curation.synthesis.nearness import known_texts
from curation.synthesis.options import check_wishes
from curation.synthesis.pace import Pace
from curation.synthesis.prices import Price, price_of
from curation.synthesis.providers import Provider, find_provider
from curation.synthesis.questions import chance_of
from curation.synthesis.recipe import ModelRecipe, PlainRecipe, Recipe
from curation.synthesis.report import SynthReport, grouped
from curation.synthesis.sending import Sender
from curation.synthesis.standing import Standing
from curation.synthesis.training import Training, training_part
from curation.synthesis.watching import Watch
from tamiz.errors import InputError, SettingsError
from tamiz.progress import Job
from tamiz.project import Project
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store
from tamiz.synthledger import last_call, open_calls
from tamiz.synthruns import begin_run, end_run

__all__ = ["RecipeRun", "Synthesis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What is asked for: a recipe by name, and what it is to work on. `retry_failed` asks failed calls once more."""

    recipe: str
    limit: int = 0
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tools: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    retry_failed: bool = False


class RecipeRun:
    """One run of a recipe; what it works on and what becomes of it can be put otherwise (see judging)."""

    def __init__(
        self,
        project: Project,
        store: Store,
        wanted: Synthesis,
        settings: SynthesisSettings,
        recipe: Recipe,
        job: Job | None,
    ) -> None:
        check_wishes(recipe, wanted.options, wanted.tools)
        self.project, self.store, self.wanted, self.settings = project, store, wanted, settings
        self.recipe = recipe
        self.began = time.monotonic()
        self.living = Living(project)
        self.collecting = Collecting(job, Watch(settings.stop_at_failures))

    def training(self) -> Training:
        return training_part(self.project, self.store)

    def gathered(self, training: Training) -> Materials:
        languages = self.recipe.languages & frozenset(self.wanted.languages or self.recipe.languages)
        if not languages:
            known = ", ".join(sorted(self.recipe.languages))
            raise InputError(f"the recipe {self.recipe.name} has no prompt in that language; it has {known}")
        return gather_materials(
            self.project,
            self.store,
            training,
            self.settings,
            Wanted(
                takes=self.recipe.takes,
                languages=languages,
                sources=self.wanted.sources,
                limit=self.wanted.limit,
                tools=self.wanted.tools,
                options=self.wanted.options,
            ),
        )

    def plain(self, open_things: ExitStack, actor: str) -> SynthReport:
        """Without a model: every material in its order; what was made before is known by its text."""
        recipe = self.recipe
        assert isinstance(recipe, PlainRecipe)
        training = self.training()
        materials = self.gathered(training)
        name = self._begin(open_things, actor, "", "", "")
        keeper = self.keeper(name, "", training)
        collecting = self.collecting
        with collecting.interrupts.heard(collecting.interrupt):
            for material in materials.items:
                if collecting.closing.is_set():
                    break
                keeper.keep(material, recipe.make(material, chance_of(self.settings.seed, recipe.name, material.key)))
                collecting.states["made"] += 1
                collecting.tell(len(materials.items), f"{keeper.made:,} pairs made")
        end_run(self.store, name, self.collecting.stopped or "done")
        return self._report(name, materials, training, keeper)

    def asking(self, provider: Provider | None, actor: str, tell: Callable[[Estimate], None]) -> SynthReport:
        """Ask this provider, or that of the settings, which is closed at the end."""
        with ExitStack() as open_things:
            asked = provider or find_provider(self.settings)
            if provider is None:
                open_things.callback(self.close, asked)
            return self.with_model(open_things, asked, actor, tell)

    def estimated(self, provider: Provider | None) -> Estimate:
        """What asking would come to; nothing is sent."""
        assert isinstance(self.recipe, ModelRecipe)
        asked = provider or find_provider(self.settings)
        price = price_of(self.settings, asked.model, local=asked.local)
        return estimate_run(self.standing(asked, self.recipe), self.gathered(self.training()).items, price)

    def with_model(
        self, open_things: ExitStack, provider: Provider, actor: str, tell: Callable[[Estimate], None]
    ) -> SynthReport:
        """Ask a model about every material, several at a time, and keep what comes of it in their order."""
        recipe = self.recipe
        assert isinstance(recipe, ModelRecipe)
        price = price_of(self.settings, provider.model, local=provider.local)
        if self.settings.max_usd and not price.known:
            raise SettingsError(
                f"there is no price for {provider.model}, so max_usd cannot be kept; write it into tamiz.toml: "
                f'[synthesis.prices."{provider.model}"] input = ..., output = ... (US dollars for a million tokens)'
            )
        training = self.training()
        materials = self.gathered(training)
        self.living.end_dead(self.store)
        retry_before = last_call(self.store) if self.wanted.retry_failed else 0
        name = self._begin(open_things, actor, provider.name, provider.model, provider.address)
        asker = self.asker(self.standing(provider, recipe, retry_before), name, price)
        try:
            estimate = estimate_run(asker.standing, materials.items, price)
            tell(estimate)
            keeper = self.keeper(name, provider.model, training)
            self.collecting.collect(asker, keeper, materials.items, self.settings.concurrency)
        finally:
            self.collecting.end()
            end_run(self.store, name, self.collecting.stopped or "done")
        return replace(self._report(name, materials, training, keeper), **self._calls(asker), estimate=estimate)

    def close(self, provider: Provider) -> None:
        """Close a provider, unless replies are still on their way, which end with the process."""
        if not self.collecting.working():
            provider.close()

    def standing(self, provider: Provider, recipe: ModelRecipe, retry_before: int = 0) -> Standing:
        return Standing(
            store=self.store, recipe=recipe, provider=provider, settings=self.settings, retry_before=retry_before
        )

    def asker(self, standing: Standing, name: str, price: Price) -> Asker:
        settings = self.settings
        pace = Pace(settings.concurrency, backoff_seconds=settings.backoff_seconds, stop=self.collecting.stop)
        return Asker(
            standing=standing,
            run=name,
            budget=Budget(
                price, max_calls=settings.max_calls, max_tokens=settings.max_tokens, max_usd=settings.max_usd
            ),
            sender=Sender(standing.provider, settings, pace),
            closing=self.collecting.closing,
            stop=self.collecting.stop,
            is_dead=self.living.is_dead,
        )

    def _begin(self, open_things: ExitStack, actor: str, provider: str, model: str, address: str) -> str:
        asked_for = {
            **asdict(self.wanted),
            "tools": bool(self.wanted.tools),
            **asdict(replace(self.settings, prices={})),
        }
        name = begin_run(
            self.store,
            actor=actor,
            recipe=self.recipe.name,
            provider=provider,
            model=model,
            address=address,
            host=self.living.host,
            asked_for=asked_for,
            lease_seconds=LEASE_SECONDS,
        )
        open_things.enter_context(self.living.hold(name))
        open_things.enter_context(lives(self.store, name))
        return name

    def keeper(self, name: str, model: str, training: Training) -> Keeper:
        return Keeper(
            store=self.store,
            run=name,
            recipe=self.recipe.name,
            model=model,
            near=known_texts(self.project, self.store, training),
            accept_augmentations=self.settings.accept_augmentations,
        )

    def _report(self, name: str, materials: Materials, training: Training, keeper: Keeper) -> SynthReport:
        """What came of the run, but for its calls."""
        unasked = self.collecting.states["nothing"]
        nothing = {"nothing to ask of the model": unasked} if unasked else {}
        return SynthReport(
            recipe=self.recipe.name,
            run=name,
            materials=len(materials.items),
            left_out={**materials.left_out, **nothing, **keeper.left},
            divided=training.claimed,
            not_asked=len(materials.items) - self.collecting.done,
            made=keeper.made,
            clean=keeper.clean,
            known=keeper.known,
            empty=keeper.empty,
            accepted=keeper.accepted,
            found=dict(keeper.found.most_common()),
            seconds=round(time.monotonic() - self.began, 3),
            stopped=self.collecting.stopped,
            interrupted=self.collecting.stopped == CTRL_C,
        )

    def _calls(self, asker: Asker) -> dict[str, Any]:
        """What came of its calls."""
        settled, budget = asker.settled, asker.budget
        failed = sum(settled.failed.values())
        return {
            "provider": asker.standing.provider.name,
            "model": asker.standing.provider.model,
            "asked": settled.ok + failed,
            "ok": settled.ok,
            "failed": failed,
            "left_open": open_calls(self.store, self.recipe.name, asker.run),
            "failures": grouped(settled.failed),
            "answered_before": self.collecting.cached,
            "failed_before": self.collecting.failed_before,
            "prompt_tokens": budget.prompt_tokens,
            "completion_tokens": budget.completion_tokens,
            "usd": budget.usd if budget.price.known else None,
            "limited": bool(budget.ended) and self.collecting.stopped == budget.ended,
        }
