"""Ctrl-C between two steps: the first one is kept until the state is safe, the second one acts at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interrupt", "held_interrupts"]


class Interrupt:
    """Whether Ctrl-C was pressed."""

    asked = False


@contextmanager
def held_interrupts() -> Iterator[Interrupt]:
    """Hold Ctrl-C back inside the block; outside the main thread signals stay as they are.

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

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
