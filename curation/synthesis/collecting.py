"""Answers taken in as they come, in the order of the materials: kept, counted, watched and told of."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from curation.synthesis.asking import Answer, Asker
from curation.synthesis.crew import Crew
from curation.synthesis.interrupts import LEAVING_SECONDS, Interrupts
from curation.synthesis.making import Keeper
from curation.synthesis.prices import dollars
from curation.synthesis.recipe import Material
from curation.synthesis.watching import Watch
from tamiz.progress import Job

__all__ = ["CTRL_C", "Collecting"]

CTRL_C = "Ctrl-C"
LONGEST_TROUBLE = 100  # characters of it beside a bar


@dataclass(slots=True)
class Collecting:
    """`states` counts materials by what became of them, `stopped` says why it ended before its end.

    With `closing` nothing new is begun, with `stop` what waits is given up as well.
    """

    job: Job | None
    watch: Watch
    closing: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    interrupts: Interrupts = field(default_factory=Interrupts)
    states: Counter[str] = field(default_factory=Counter)
    cached: int = 0
    failed_before: int = 0
    stopped: str = ""
    _crew: Crew[Material, Answer] | None = None

    @property
    def done(self) -> int:
        """Materials that something became of."""
        return self.states.total() - self.states["open"]

    def collect(self, asker: Asker, keeper: Keeper, materials: Sequence[Material], threads: int) -> None:
        """Ask about every material, and take in the answers."""
        crew = self._crew = Crew(asker.answer, materials, threads)

        def give_up() -> bool:
            self.tell(len(materials), self._note(asker, crew))
            return self.interrupts.patience_is_over()

        with self.interrupts.heard(self.interrupt):
            for answer in crew.results(give_up):
                self._take(keeper, answer)
                self.tell(len(materials), self._note(asker, crew))
        self.stopped = asker.fatal or self.stopped or asker.budget.ended or self.watch.at_end()

    def interrupt(self) -> None:
        """Begin nothing more; what is on its way is waited for a little."""
        self.stopped = CTRL_C
        self.end()

    def end(self) -> None:
        self.closing.set()
        self.stop.set()

    def working(self) -> bool:
        """Whether replies are still on their way, which nobody waits for any more."""
        return self._crew is not None and self._crew.working() > 0

    def tell(self, total: int, note: str) -> None:
        if self.job is not None:
            self.job.update(self.done, total, note)

    def _take(self, keeper: Keeper, answer: Answer) -> None:
        """Keep what became of a material, and look whether something is wrong."""
        self.states[answer.state] += 1
        self.cached += answer.cached and answer.state in ("made", "known")
        self.failed_before += answer.cached and answer.state == "failed"
        if answer.state == "made" and answer.call is not None:
            keeper.keep(answer.material, answer.made, call=answer.call.seq, prompt=answer.call.prompt)
        if wrong := self.watch.add(answer):
            if not self.closing.is_set():
                self.stopped = wrong
            self.end()

    def _note(self, asker: Asker, crew: Crew[Material, Answer]) -> str:
        """How it goes, in a few words: what was answered, what it has cost, and what it waits for."""
        if self.interrupts.heard_one:
            flying = f"waiting for {crew.working():,} on their way, {LEAVING_SECONDS:.0f} s at most"
            return f"stopping: {flying}; Ctrl-C again leaves at once"
        settled, usd, sender = asker.settled, asker.budget.usd, asker.sender
        cost = f", {dollars(usd)}" if usd else ""
        note = f"{settled.ok:,} ok, {sum(settled.failed.values()):,} failed, {sender.pace.limit} at a time{cost}"
        return f"{note}; {sender.trouble[:LONGEST_TROUBLE]}" if sender.trouble else note
