"""An end to readings that take too long: a page may be built to keep a reader busy for hours."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crawlers.pages import Reading, read_page

__all__ = ["SECONDS_TO_READ", "TookTooLong", "read_in_time", "time_limit"]

SECONDS_TO_READ = 5.0  # real pages take hundredths
_SECONDS_TO_INSIST = 0.5


class TookTooLong(Exception):
    """What was to be done within a time limit was not."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block when it is not done in time.

    It works by an alarm of the operating system, which interrupts Python code and regular expressions.
    Only a main thread can be interrupted, so elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def ring(*_: Any) -> None:
        if armed:
            raise TookTooLong(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, _SECONDS_TO_INSIST)  # an exception can get lost in a finalizer
    try:
        try:
            yield
        finally:
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read_in_time(html: str, url: str = "") -> Reading:
    """read_page, which gives up on a page that takes longer than SECONDS_TO_READ."""
    try:
        with time_limit(SECONDS_TO_READ):
            return read_page(html, url)
    except TookTooLong:
        return Reading(kind="none", reason="too complex")
