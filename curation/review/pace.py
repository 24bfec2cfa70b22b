"""A key that was pressed twice, or is held down, decides one pair."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["QUIET_SECONDS", "Pace"]

QUIET_SECONDS = 0.25  # a second key press sooner than this was meant for the pair before


class Pace:
    """Holds back a key that was pressed twice or is held down.

    A decision counts only after QUIET_SECONDS without another press, and that long after its pair
    came up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key = ""
        self._last = 0.0

    def show(self, key: str) -> None:
        """This pair is on the screen; the time runs from its first showing."""
        if key != self._key:
            self._key, self._last = key, self._now()

    def allows_decision(self) -> bool:
        quiet = self._now() - self._last
        self._last = self._now()
        return quiet >= QUIET_SECONDS
