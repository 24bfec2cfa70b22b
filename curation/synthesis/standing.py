"""What the ledger knows of a material's question, and what would be asked about it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curation.synthesis.providers import Provider
from curation.synthesis.questions import USELESS, asked_again, chance_of, question_of
from curation.synthesis.recipe import Ask, Material, ModelRecipe
from curation.synthesis.replies import SAID_NOTHING
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store
from tamiz.synthledger import Call, Question, standing_call

__all__ = ["Outlook", "Standing", "may_ask_again"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would come of a material. `last`: what would be asked is asked once more already."""

    state: Literal["nothing", "answered", "failed", "to ask"]
    ask: Ask | None = None
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`retry_before` is the number of the last call up to which failed ones are to be tried again, else 0."""

    store: Store
    recipe: ModelRecipe
    provider: Provider
    settings: SynthesisSettings
    retry_before: int = 0

    def ask(self, material: Material) -> Ask | None:
        """The recipe's question about this material, the same in every run; None where there is nothing to ask."""
        return self.recipe.ask(material, chance_of(self.settings.seed, self.recipe.name, material.key))

    def question(self, material: Material, ask: Ask, again: int = 0) -> Question:
        return question_of(
            ask, self.provider, self.settings, recipe=self.recipe.name, material=material.key, again=again
        )

    def of(self, question: Question) -> Call | None:
        """The settled call of a question; None where it is still to be asked, or to be asked again."""
        call = standing_call(self.store, question.request)
        return None if call is None or call.state == "pending" or self._is_to_retry(call) else call

    def second(self, material: Material, ask: Ask) -> Call | None:
        """The settled second call, where the first was no use and there was one."""
        first = standing_call(self.store, self.question(material, ask).request)
        if first is None or not may_ask_again(first):
            return None
        return self.of(self.question(material, asked_again(ask, first, material.lang), first.seq))

    def outlook(self, material: Material) -> Outlook:
        """What would come of this material, and what would be asked; nothing is sent."""
        ask = self.ask(material)
        if ask is None:
            return Outlook("nothing")
        call = self.second(material, ask) or self.of(self.question(material, ask))
        if call is None:
            return Outlook("to ask", ask)
        if may_ask_again(call) and not call.again:
            return Outlook("to ask", asked_again(ask, call, material.lang), last=True)
        return Outlook("answered" if call.state == "ok" else "failed", ask)

    def _is_to_retry(self, call: Call) -> bool:
        return call.state == "failed" and call.seq <= self.retry_before


def may_ask_again(call: Call) -> bool:
    """Whether a call got a reply that was no use, so that the model can be asked once more: with the reply, if it is
    still there, or because it was empty."""
    useless = call.state == "failed" and call.why.startswith(USELESS)
    return useless and (bool(call.reply) or call.why.removeprefix(USELESS) in SAID_NOTHING)
