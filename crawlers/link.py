"""Between the fetching process and its keeper: messages over a pipe, or plain calls in one process."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Any, Protocol

from crawlers.answers import KILLED, was_killed
from crawlers.plan import Plan
from tamiz.errors import StoreError, TamizError
from tamiz.store import Store

if TYPE_CHECKING:
    from crawlers.keeper import Keeper

__all__ = ["Apart", "Inside", "Link", "trouble"]

SECONDS_BETWEEN_TICKS = 0.02
SECONDS_TO_END = 20.0  # for the keeper's last commit


class Link(Protocol):
    """Carries messages to a keeper; what it says comes back through the function given to start()."""

    def start(self, heard: Callable[..., None], failed: Callable[..., None]) -> None: ...
    def send(self, kind: str, *said: object) -> None: ...
    def tick(self) -> None: ...
    def close(self) -> None: ...


def trouble(error: StoreError | OSError) -> str:
    """The sentence for what ends a crawl, such as a full disk."""
    return str(error) if isinstance(error, StoreError) else f"a page cannot be written ({error.strerror})"


class Inside:
    """The keeper in this process; `later` calls a function after some seconds."""

    def __init__(self, store_url: str, plan: Plan, later: Callable[[float, Callable[[], None]], Any]) -> None:
        self._store = Store.open(store_url)
        self._plan = plan
        self._later = later
        self._open = True

    def start(self, heard: Callable[..., None], failed: Callable[..., None]) -> None:
        from crawlers.keeper import Keeper

        self._failed = failed
        self._keeper = Keeper(self._store, self._plan, heard)
        self._call(self._keeper.start)
        self._again()

    def send(self, kind: str, *said: object) -> None:
        self._call(getattr(self._keeper, kind), *said)
        self._call(self._keeper.tick)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._call(self._keeper.close)
            self._store.close()

    def tick(self) -> None:
        """Commit and lend what is due."""
        if self._open:
            self._call(self._keeper.tick, quiet=True)

    def _again(self) -> None:
        if self._open:
            self.tick()
            self._later(SECONDS_BETWEEN_TICKS, self._again)

    def _call(self, method: Callable[..., Any], *said: object, **named: bool) -> None:
        try:
            method(*said, **named)
        except (StoreError, OSError) as error:
            self._failed(trouble(error))


class Apart:
    """The keeper in a process of its own. Two threads carry the messages, so that a full pipe holds up nothing.

    `to_main` runs a function in the thread that fetches.
    """

    def __init__(self, store_url: str, plan: Plan, to_main: Callable[..., Any]) -> None:
        self._to_main = to_main
        self._source = plan.source.name
        self._here, there = Pipe()
        command = [sys.executable, "-P", "-m", "crawlers.keeping", str(there.fileno())]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(there.fileno(),))
        there.close()
        self._here.send((store_url, plan))
        self._waiting: queue.SimpleQueue[tuple[Any, ...] | None] = queue.SimpleQueue()
        self._ended = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self, heard: Callable[..., None], failed: Callable[..., None]) -> None:
        self._heard, self._failed = heard, failed
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def send(self, kind: str, *said: object) -> None:
        self._waiting.put((kind, *said))

    def tick(self) -> None:
        """It ticks by itself."""

    def close(self) -> None:
        """Let the keeper commit what it has, and hear its last words."""
        if self._ended:
            return
        self._ended = True
        self._waiting.put(("close",))
        for thread in self._threads:
            thread.join(SECONDS_TO_END)
        self._process.wait(SECONDS_TO_END)

    def _write(self) -> None:
        while (message := self._waiting.get()) is not None:
            try:
                self._here.send(message)
            except OSError:  # the reading thread says that the keeper is gone
                return
            if message == ("close",):
                return

    def _read(self) -> None:
        while True:
            try:
                kind, *said = self._here.recv()
            except (EOFError, OSError):
                if not self._ended:
                    self._to_main(self._failed, *self._why_ended())
                return
            if kind == "closed":
                return
            if kind == "trouble":
                self._to_main(self._failed, said[0])
            elif self._ended:
                self._heard(kind, *said)  # the reactor may have stopped
            else:
                self._to_main(self._heard, kind, *said)

    def _why_ended(self) -> tuple[str, str]:
        """The sentence and the kind of error for a keeper that is gone."""
        code = self._process.wait(SECONDS_TO_END)
        if code in KILLED:
            return was_killed(self._source, code), "TamizError"
        return "the process that keeps what is fetched ended", "Died"


def serve(connection: Connection) -> None:
    """The keeper's process: takes messages until the other end closes, and looks after what is due in between."""
    from dataclasses import replace

    from crawlers.answers import worker_name
    from crawlers.keeper import Keeper

    store_url, plan = connection.recv()
    plan = replace(plan, worker=worker_name(), archive=f"{plan.archive}-{os.getpid()}")

    def say(kind: str, *said: object) -> None:
        try:
            connection.send((kind, *said))
        except OSError:  # who fetches is gone; recv() will say so, after all that it sent
            return

    try:
        with Store.open(store_url) as store:
            _serve(connection, Keeper(store, plan, say), say)
            say("closed")
    except (TamizError, OSError) as error:
        said = trouble(error) if isinstance(error, (StoreError, OSError)) else str(error)
        say("trouble", said)


def _serve(connection: Connection, keeper: Keeper, say: Callable[..., None]) -> None:
    keeper.start()
    wait = 0.0
    while True:
        quiet = not connection.poll(wait)
        if not quiet:
            try:
                kind, *said = connection.recv()
            except (EOFError, OSError):
                kind = "close"
            if kind == "close":
                keeper.close()
                return
            getattr(keeper, kind)(*said)
            if kind == "answer":
                say("taken", 1)
        wait = keeper.tick(quiet=quiet)
