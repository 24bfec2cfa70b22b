"""How many calls are in flight: more while all goes well, half as many when the server says that it is too much."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Pace", "Stopping"]

STEP_SECONDS = 0.2  # how often somebody who waits looks whether the run is stopping
FIRST = 4  # calls at the same time at the beginning
LONGEST_PAUSE = 60.0  # of those that we choose; what a server asks for is kept
ROUND_SECONDS = 1.0  # refusals within this time are about the same crowd


class Stopping(Exception):
    """The run is stopping: what has not been sent is not sent any more."""


class Pace:
    """Additive increase, multiplicative decrease. A pause that a server asks for holds all calls."""

    def __init__(self, most: int, *, backoff_seconds: float, stop: threading.Event) -> None:
        self._most = most
        self._backoff = backoff_seconds
        self._stop = stop
        self._changed = threading.Condition()
        self._running = 0
        self._good = 0
        self._not_before = 0.0
        self._cut_at = 0.0
        self._limit = min(FIRST, most)
        self.lowest = self._limit

    @property
    def limit(self) -> int:
        """Calls at the same time, now."""
        return self._limit

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for room, and for the end of a pause. Stopping when the run ends meanwhile."""
        with self._changed:
            while True:
                if self._stop.is_set():
                    raise Stopping
                pause = self._not_before - time.monotonic()
                if pause <= 0 and self._running < self._limit:
                    break
                self._changed.wait(min(STEP_SECONDS, pause) if pause > 0 else STEP_SECONDS)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def went_well(self) -> None:
        with self._changed:
            self._good += 1
            if self._good >= self._limit:
                self._good = 0
                self._limit = min(self._most, self._limit + 1)
                self._changed.notify_all()

    def slow_down(self, pause: float | None, number: int) -> float:
        """Fewer calls from now on; how long the one that was refused for the `number`th time has to wait.

        What the server asks for holds everybody; else the pause doubles each time, with some chance in it so that not
        all come back in the same moment.
        """
        now = time.monotonic()
        with self._changed:
            self._good = 0
            if now - self._cut_at >= min(ROUND_SECONDS, self._backoff):
                self._cut_at = now
                self._limit = max(1, self._limit // 2)
                self.lowest = min(self.lowest, self._limit)
            if pause is not None:
                self._not_before = max(self._not_before, now + pause)
                return pause
        longer = float(2 ** min(number - 1, 16))
        return min(self._backoff * longer, LONGEST_PAUSE) * random.uniform(0.5, 1.5)  # noqa: S311

    def rest(self, seconds: float) -> None:
        """Wait; Stopping when the run ends meanwhile."""
        if self._stop.wait(seconds):
            raise Stopping
