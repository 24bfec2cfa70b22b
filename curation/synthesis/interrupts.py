"""Ctrl-C while a run works: the first one asks it to end well, the second one ends it at once."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["LEAVING_SECONDS", "Interrupts"]

LEAVING_SECONDS = 10.0  # how long calls in flight are waited for when somebody stops a run


class Interrupts:
    """Nothing that is being kept is torn: the signal only says that the end is wanted."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def heard_one(self) -> bool:
        """Whether somebody wants the end."""
        return self._since is not None

    def patience_is_over(self) -> bool:
        """Whether calls in flight have been waited for long enough since Ctrl-C."""
        return self._since is not None and time.monotonic() - self._since > LEAVING_SECONDS

    @contextmanager
    def heard(self, wanted: Callable[[], None]) -> Iterator[None]:
        """Call `wanted` at the first Ctrl-C; the second is raised as ever. In another thread than the main one, where
        no signal comes, and where it is ignored, nothing is changed."""
        before = signal.getsignal(signal.SIGINT)
        here = threading.current_thread() is threading.main_thread()
        if not here or before in (None, signal.SIG_IGN):
            yield
            return

        def hear(_number: int, _frame: FrameType | None) -> None:
            self._since = time.monotonic()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            wanted()

        signal.signal(signal.SIGINT, hear)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
