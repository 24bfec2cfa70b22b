"""Threads that work on things in order; what each comes to is handed over in that same order."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

__all__ = ["Crew", "Later"]

Thing = TypeVar("Thing")
Result = TypeVar("Result")
AHEAD = 8  # things for each thread that are worked on before the first of them is handed over
STEP_SECONDS = 0.2  # how often who waits looks whether a person wants to stop


class Later(Exception):
    """Raised by work that cannot go on now: it is begun anew after a while, and others are taken up before."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:g} s")
        self.seconds = seconds


class Crew(Generic[Thing, Result]):
    """The threads end with the process: a reply that nobody waits for any more keeps nothing from ending."""

    def __init__(self, work: Callable[[Thing], Result], things: Sequence[Thing], threads: int) -> None:
        self._work = work
        self._things = things
        self._window = AHEAD * threads
        self._changed = threading.Condition()
        self._next = self._handed_over = 0
        self._results: dict[int, Result | BaseException] = {}
        self._put_off: deque[tuple[float, int]] = deque()  # from when on, and which thing
        self._working = 0
        self._leaving = False
        for number in range(max(1, min(threads, len(things)))):
            threading.Thread(target=self._run, name=f"synth-{number}", daemon=True).start()

    def results(self, give_up: Callable[[], bool]) -> Iterator[Result]:
        """What each thing came to, in their order; an error of the work is raised here.

        When `give_up` says so nothing more is begun; what is there already is handed over, the rest is left.
        """
        for place in range(len(self._things)):
            if not self._is_there(place, give_up):
                self._leave()
                yield from self._rest()
                return
            yield self._taken(place)

    def working(self) -> int:
        """How many things are being worked on."""
        with self._changed:
            return self._working

    def _is_there(self, place: int, give_up: Callable[[], bool]) -> bool:
        """Wait for a result; False when it was given up."""
        with self._changed:
            while place not in self._results:
                if give_up():
                    return False
                self._changed.wait(STEP_SECONDS)
        return True

    def _taken(self, place: int) -> Result:
        with self._changed:
            result = self._results.pop(place)
            self._handed_over = place + 1
            self._changed.notify_all()
        if isinstance(result, BaseException):
            raise result
        return result

    def _leave(self) -> None:
        with self._changed:
            self._leaving = True
            self._changed.notify_all()

    def _rest(self) -> Iterator[Result]:
        """What is there already, in the order of the things."""
        with self._changed:
            places = sorted(self._results)
        for place in places:
            yield self._taken(place)

    def _run(self) -> None:
        while (place := self._turn()) is not None:
            try:
                result: Result | BaseException = self._work(self._things[place])
            except Later as later:
                with self._changed:
                    self._working -= 1
                    self._put_off.append((time.monotonic() + later.seconds, place))
                continue
            except BaseException as error:  # handed to who waits for it
                result = error
            with self._changed:
                self._working -= 1
                self._results[place] = result
                self._changed.notify_all()

    def _turn(self) -> int | None:
        """Wait for a thing to work on: the next one, or one that was put off; None where there is none any more."""
        with self._changed:
            while not self._leaving:
                pause = self._put_off[0][0] - time.monotonic() if self._put_off else None
                if pause is not None and pause <= 0:
                    self._working += 1
                    return self._put_off.popleft()[1]
                if self._next < len(self._things) and self._next < self._handed_over + self._window:
                    self._working += 1
                    self._next += 1
                    return self._next - 1
                if self._next >= len(self._things) and pause is None:
                    return None
                self._changed.wait(pause)
        return None
