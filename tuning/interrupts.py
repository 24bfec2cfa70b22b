"""Ctrl-C and SIGTERM between two steps: the first one is kept until the state is safe, the second one acts at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interrupt", "held_interrupts"]

HELD = (signal.SIGINT, signal.SIGTERM)  # the second is what machines send before they take themselves away


class Interrupt:
    """Whether the run was asked to stop."""

    asked = False


@contextmanager
def held_interrupts() -> Iterator[Interrupt]:
    """Hold Ctrl-C and SIGTERM back inside the block; outside the main thread signals stay as they are.

    with held_interrupts() as interrupt:
        for step in steps:
            ...
            if interrupt.asked:
                save()
                raise KeyboardInterrupt
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if interrupt.asked:
            raise KeyboardInterrupt
        interrupt.asked = True

    before = {number: signal.signal(number, ask) for number in HELD}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
