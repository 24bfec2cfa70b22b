"""What a run may use: calls, tokens and money, taken before a call is sent and settled when it has ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from curation.synthesis.prices import Price

__all__ = ["Budget", "Taken"]

STEP_SECONDS = 0.2  # how often somebody who waits looks whether the run is stopping


@dataclass(frozen=True, slots=True)
class Taken:
    """What one call may use at most."""

    tokens: int
    usd: float


@dataclass(slots=True)
class Budget:
    """Several threads take from it. 0 is no limit.

    A call is sent only while what was used, what those in flight may use and what it may use itself are within the
    limits; so they are passed by no more than calls in flight use above what was foreseen for them.
    """

    price: Price
    max_calls: int = 0
    max_tokens: int = 0
    max_usd: float = 0.0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    reached: str = ""
    _flying: list[Taken] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def ended(self) -> str:
        """That a limit was reached, "" where none was."""
        return f"{self.reached} is reached" if self.reached else ""

    def take(self, prompt_tokens: int, max_tokens: int, stop: threading.Event) -> Taken | None:
        """Room for a call; None when there is none left, or the run is stopping. Waits for calls in flight, which may
        use less than they may."""
        wanted = Taken(prompt_tokens + max_tokens, self.price.of(prompt_tokens, max_tokens))
        with self._changed:
            while not stop.is_set():
                problem = self._problem(wanted)
                if not problem:
                    self.calls += 1
                    self._flying.append(wanted)
                    return wanted
                if problem.startswith("--max-calls") or not self._flying:
                    self.reached = self.reached or problem
                    return None
                self._changed.wait(STEP_SECONDS)
        return None

    def settle(self, taken: Taken, prompt_tokens: int, completion_tokens: int) -> float:
        """Put what a call has used in the place of what it might have used; its price in US dollars."""
        usd = self.price.of(prompt_tokens, completion_tokens)
        with self._changed:
            self._flying.remove(taken)
            self.prompt_tokens += prompt_tokens
            self.completion_tokens += completion_tokens
            self.usd += usd
            self._changed.notify_all()
        return usd

    def lose(self, prompt_tokens: int) -> tuple[float, bool]:
        """Count a try that got no answer, as the server may have worked on it: what it costs, and whether the limits
        leave room for another one."""
        usd = self.price.of(prompt_tokens, 0)
        with self._changed:
            self.prompt_tokens += prompt_tokens
            self.usd += usd
            problem = self._too_much(Taken(0, 0.0))
            self.reached = self.reached or problem
            return usd, not problem

    def give_back(self, taken: Taken) -> None:
        """A call that was never answered does not count, and has used nothing but what it has lost."""
        with self._changed:
            self._flying.remove(taken)
            self.calls -= 1
            self._changed.notify_all()

    def _problem(self, wanted: Taken) -> str:
        """The limit that this call would pass, "" for none."""
        if self.max_calls and self.calls >= self.max_calls:
            return f"--max-calls {self.max_calls}"
        return self._too_much(wanted)

    def _too_much(self, wanted: Taken) -> str:
        tokens = self.prompt_tokens + self.completion_tokens + sum(one.tokens for one in self._flying)
        usd = self.usd + sum(one.usd for one in self._flying)
        if self.max_tokens and tokens + wanted.tokens > self.max_tokens:
            return f"--max-tokens {self.max_tokens}"
        if self.max_usd and usd + wanted.usd > self.max_usd:
            return f"--max-usd {self.max_usd:g}"
        return ""
