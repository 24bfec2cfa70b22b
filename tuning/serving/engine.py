"""The thread that answers: it admits what waits, and goes on with all answers token by token."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress

import torch

from tamiz.errors import TamizError
from tuning.adapters import LoadedModel, label_of
from tuning.serving.asking import Ask, Ended, Failed, Piece
from tuning.serving.lanes import Lane, lane_key

__all__ = ["Busy", "Engine"]

CLOSE_SECONDS = 30.0
FULL = Failed("the model ran out of memory on this request. Ask for less, or for fewer answers at once", 503)


class Busy(TamizError):
    """As many requests wait as may; this one was not taken."""


class Engine:
    """Answers asks from any thread. At most `at_once` are answered together and `waiting` wait behind them."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._at_once, self._waiting = at_once, waiting
        self._asked: deque[Ask] = deque()
        self._lanes: dict[tuple[int, str], Lane] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._active = 0
        self._thread = threading.Thread(target=self._run, name="tamiz-answers", daemon=True)
        self.trouble = ""

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it takes what is asked; `trouble` says why not."""
        return not self.trouble and not self._closing

    @property
    def load(self) -> tuple[int, int]:
        """How many are being answered, and how many wait."""
        with self._changed:
            return self._active, len(self._asked)

    def submit(self, ask: Ask) -> None:
        """Have it answered; Busy when too many wait already."""
        with self._changed:
            if not self.alive:
                ask.tell(Failed(f"the model has stopped answering. {self.trouble}".strip(), 503))
                return
            free = max(0, self._at_once - self._active)
            if len(self._asked) >= self._waiting + free:
                raise Busy(
                    f"{self._active} requests are being answered and {len(self._asked)} wait, which is as many as may"
                )
            self._asked.append(ask)
            self._changed.notify()

    def close(self) -> None:
        """End all answers, and the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            while self._admit():
                for lane in list(self._lanes.values()):
                    self._step(lane)
        except BaseException as error:
            self.trouble = f"{type(error).__name__}: {error}"
            logging.getLogger(__name__).exception("the answering thread has ended")
            raise
        finally:
            self._end_all()

    def _admit(self) -> bool:
        """Wait for something to do and take in what may come in; False when it is to end."""
        with self._changed:
            self._active = sum(map(len, self._lanes.values()))
            while not self._closing and not self._asked and not self._active:
                self._changed.wait()
            if self._closing:
                return False
            taken: list[Ask] = []
            while self._asked and self._active + len(taken) < self._at_once:
                taken.append(self._asked.popleft())
            self._active += len(taken)
        for ask in taken:
            self._take_in(ask)
        return True

    def _take_in(self, ask: Ask) -> None:
        if ask.gone.is_set():
            return
        if ask.speaker.labels:
            speaker = ask.speaker
            asked = LoadedModel(model=speaker.base.model, tokenizer=speaker.base.tokenizer, card=speaker.card)
            ask.tell(Piece(label_of(asked, ask.text)))
            ask.tell(Ended("stop", 1))
            return
        lane = self._lanes.setdefault(lane_key(ask), Lane(ask.speaker.base))
        try:
            lane.join(ask)
        except (torch.OutOfMemoryError, MemoryError):
            ask.tell(FULL)

    def _step(self, lane: Lane) -> None:
        try:
            lane.step()
        except (torch.OutOfMemoryError, MemoryError):
            lane.fail(FULL)

    def _end_all(self) -> None:
        failed = Failed("the server is stopping; ask again later", 503)
        with self._changed:
            waiting, self._asked = list(self._asked), deque()
        for ask in waiting:
            with suppress(RuntimeError):  # whoever asked has gone with its event loop
                ask.tell(failed)
        for lane in self._lanes.values():
            with suppress(RuntimeError):
                lane.fail(failed)
