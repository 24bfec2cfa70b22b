"""The looks of one step at many batches, on all cores of this machine, in the batches' order.

Starting a process and sending it pairs costs time, too. So the first batches are looked at here and timed, and
processes are started when what is left is worth it. Each is a new interpreter: no thread, lock or connection of
this process is copied into it. A batch that a process could not do, or that it was lost over twice, is looked at here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TypeAlias

from curation.engines.look_worker import CANNOT, READY
from curation.steps import ComparingStep, Step
from tamiz.records import Finding, Pair

__all__ = ["Batch", "Looked", "cores", "looks", "packed_step", "processes_looks"]

Batch: TypeAlias = Sequence[Pair]
Looked: TypeAlias = tuple[Batch, list[Finding]]

TIMED = 4  # batches that are looked at here first: they read dictionaries, and look most words up
SECONDS_TO_START = 2.0  # of a core, for a process with the modules of a step: 0.3 to 3 were seen
SECONDS_A_BYTE = 20e-9  # of a step that is packed, for unpacking it there
SECONDS_A_PAIR = 40e-6  # of a core, for packing a pair and unpacking it there
AT_ONCE = 2  # batches that a process has: it looks at one while the other is on its way
AHEAD = 4  # batches for each process that may wait for an earlier one
LOSSES = 2  # a batch over which so many processes were lost is looked at here
SECONDS_TO_END = 5.0


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def packed_step(step: Step) -> bytes:
    """The step for other processes, or nothing where it has to stay in this one.

    Steps that compare pairs need all of them; what has a `close` holds something, such as a server.
    """
    if isinstance(step, ComparingStep) or hasattr(step, "close"):
        return b""
    try:
        return pickle.dumps(step, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):  # the three that pickle raises for what it cannot take
        return b""


def looks(step: Step, batches: Iterable[Batch], *, pairs: int, processes: int) -> Generator[Looked, None, None]:
    """Each batch with all the step's findings about it, in order; of `pairs` pairs, in up to so many processes."""
    coming, left, seconds = iter(batches), pairs, float("inf")
    for batch in _first(coming, TIMED if processes > 1 else sys.maxsize):
        start = time.process_time()
        found = list(step.look(batch))
        seconds = min(seconds, (time.process_time() - start) / max(1, len(batch)))
        left -= len(batch)
        yield batch, found
    packed = packed_step(step) if _worth_it(left, seconds, processes) else b""
    if packed and _worth_it(left, seconds, processes, len(packed)):
        with closing(processes_looks(step, packed, coming, processes)) as found_there:
            yield from found_there
    for batch in coming:
        yield batch, list(step.look(batch))


def _first(batches: Iterator[Batch], number: int) -> Iterator[Batch]:
    for _ in range(number):
        batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _worth_it(pairs: int, seconds: float, processes: int, size: int = 0) -> bool:
    """Whether processes would be done with these pairs sooner than this one: by a second of its time at least."""
    if processes < 2 or pairs <= 0:
        return False
    there = SECONDS_TO_START + size * SECONDS_A_BYTE + pairs * (seconds / processes + SECONDS_A_PAIR)
    return pairs * seconds > there + 1.0


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    line: Connection
    ready: bool = False
    given: deque[int] = field(default_factory=deque)

    def end(self) -> None:
        self.line.close()
        self.process.kill()  # it keeps nothing that could be left half done
        self.process.wait(SECONDS_TO_END)


def processes_looks(
    step: Step, packed: bytes, batches: Iterator[Batch], processes: int
) -> Generator[Looked, None, None]:
    """The same as `looks`, all of it in processes; they are gone when this ends, in whichever way."""
    pool = _Pool(packed, processes)
    try:
        while True:
            while len(pool.batches) < AHEAD * processes and (batch := next(batches, None)) is not None:
                pool.add(batch)
            if not pool.batches:
                return
            batch, found = pool.first()
            yield batch, list(step.look(batch)) if found is None else found
    finally:
        pool.end()


class _Pool:
    """Numbered batches, the processes that look at them, and what has come back."""

    def __init__(self, packed: bytes, processes: int) -> None:
        self._packed = packed
        self._workers = [_start(packed) for _ in range(processes)]
        self.batches: dict[int, Batch] = {}  # those not given out yet, in order
        self._waiting: deque[int] = deque()
        self._found: dict[int, list[Finding] | None] = {}  # None: to be looked at by the parent
        self._losses: dict[int, int] = {}
        self._next = 0

    def add(self, batch: Batch) -> None:
        self.batches[self._next] = batch
        self._waiting.append(self._next)
        self._next += 1

    def first(self) -> tuple[Batch, list[Finding] | None]:
        """The first batch with what was found; None instead if it is to be looked at here."""
        number = next(iter(self.batches))
        while number not in self._found and self._workers:
            self._give()
            self._take()
        if not self._workers and number in self._waiting:
            self._waiting.remove(number)
        return self.batches.pop(number), self._found.pop(number, None)

    def end(self) -> None:
        while self._workers:
            self._workers.pop().end()

    def _give(self) -> None:
        for _ in range(AT_ONCE):  # one each before a second one
            for worker in list(self._workers):
                if worker.ready and self._waiting and len(worker.given) < AT_ONCE:
                    number = self._waiting.popleft()
                    worker.given.append(number)
                    try:
                        worker.line.send_bytes(pickle.dumps(list(self.batches[number]), pickle.HIGHEST_PROTOCOL))
                    except OSError:
                        self._lost(worker)

    def _take(self) -> None:
        by_line = {worker.line: worker for worker in self._workers}
        for line in wait(list(by_line)) if by_line else ():
            worker = by_line[line]  # type: ignore[index]
            try:
                answer = worker.line.recv_bytes()
            except (EOFError, OSError):
                self._lost(worker)
                continue
            if worker.ready:
                self._found[worker.given.popleft()] = pickle.loads(answer) if answer != CANNOT else None  # noqa: S301
            elif answer == READY:
                worker.ready = True
            else:  # the step cannot be had there
                self._workers.remove(worker)
                worker.end()

    def _lost(self, worker: _Worker) -> None:
        """Have another process try what this one had; the batch it was at may be why it was lost."""
        self._workers.remove(worker)
        worker.end()
        if worker.given:
            at = worker.given[0]
            self._losses[at] = self._losses.get(at, 0) + 1
            again = list(worker.given)
            if self._losses[at] >= LOSSES:
                self._found[at] = None
                again.remove(at)
            self._waiting.extendleft(reversed(again))
        if worker.ready:  # one that is lost before it could start would be lost again
            self._workers.append(_start(self._packed))


def _start(packed: bytes) -> _Worker:
    ours, theirs = Pipe()
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "curation.engines.look_worker", str(theirs.fileno())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=2,  # standard output is for results; what a step prints is none
            pass_fds=(theirs.fileno(),),
            process_group=0,  # Ctrl-C in a terminal goes to this process alone
        )
    worker = _Worker(process, ours)
    with suppress(OSError):  # it is gone already: seen when its answer is waited for
        ours.send_bytes(packed)
    return worker
