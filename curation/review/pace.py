"""The least time between a pair's being shown and its being decided.

Measured on a screen without it: ten presses of a key, 30 ms apart, decided ten pairs that nobody had seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from curation.revise import Refused

__all__ = ["QUIET_SECONDS", "Pace", "check_pace"]

QUIET_SECONDS = 0.25  # a key press sooner than this was meant for the pair before


def check_pace(shown_at: float, now: float) -> None:
    """Refused when this is sooner than anybody can have read what was shown then."""
    if now - shown_at < QUIET_SECONDS:
        raise Refused("too_fast")


class Pace:
    """The same for what is no card: holds back a key that was pressed twice or is held down.

    A decision counts only after QUIET_SECONDS without another press, and that long after its subject came up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key = ""
        self._last = 0.0

    def show(self, key: str) -> None:
        """This is on the screen; the time runs from its first showing."""
        if key != self._key:
            self._key, self._last = key, self._now()

    def allows_decision(self) -> bool:
        quiet = self._now() - self._last
        self._last = self._now()
        return quiet >= QUIET_SECONDS
