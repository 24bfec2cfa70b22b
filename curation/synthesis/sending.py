"""One call on its way: sent, and sent again after a pause while that may help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from curation.synthesis.pace import Pace
from curation.synthesis.providers.contract import Busy, Provider, Reply, Trouble, Unreachable, WrongServer
from curation.synthesis.questions import one_line, temperature_of
from curation.synthesis.recipe import Ask
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["Sender", "Tries"]


@dataclass(slots=True)
class Tries:
    """How often a call was sent, how often the server failed or refused, and how long it was waited for."""

    sent: int = 0
    failed: int = 0
    refused: int = 0
    waited: float = 0.0


@dataclass(slots=True)
class Sender:
    """Used by several threads. `trouble` is what a call in flight is waiting for, "" while all goes well."""

    provider: Provider
    settings: SynthesisSettings
    pace: Pace
    trouble: str = ""
    _answered: bool = False

    def reply(self, ask: Ask, attempt: int, tries: Tries, lose: Callable[[], bool]) -> Reply:
        """The reply; Busy or Refused where there is none, WrongServer where no call can have one, Stopping at the end.

        `lose` is told of each try on which the server may have worked for nothing, and says whether to try again.
        """
        while True:
            try:
                with self.pace.slot():
                    tries.sent += 1
                    seed = self.settings.seed + attempt - 1
                    reply = self.provider.send(ask, temperature=temperature_of(ask, self.settings), seed=seed)
            except Busy as problem:
                may_go_on = lose() if isinstance(problem, Trouble) and problem.worked else True
                self._wait(problem, tries, may_go_on=may_go_on)
            else:
                self.trouble, self._answered = "", True
                self.pace.went_well()
                return reply

    def _wait(self, problem: Busy, tries: Tries, *, may_go_on: bool) -> None:
        """Wait before the next try, or raise where there is none."""
        patience, asked = self.settings.patience_seconds, problem.wait_seconds
        trouble = isinstance(problem, Trouble)
        tries.failed += trouble
        tries.refused += not trouble
        if asked is not None and asked > patience:
            longer = f"the server asks for a pause of {asked:,.0f} s, more than [synthesis] patience_seconds"
            raise WrongServer(f"{longer}: {problem}") from None
        self.trouble = ""
        over = tries.failed >= self.settings.tries or tries.waited >= patience or not may_go_on
        if isinstance(problem, Unreachable) and (over or not self._answered):
            raise WrongServer(str(problem)) from None
        if over:
            raise problem
        pause = self.pace.slow_down(asked, tries.failed if trouble else tries.refused)
        tries.waited += pause if not trouble else 0.0
        self.trouble = f"again in {pause:,.0f} s: {one_line(str(problem))}"
        self.pace.rest(pause)
