"""Work in stages: tasks that read whole files and write one whole file each, run by an engine.

The name of a task's file is a hash of the function, its settings, the files it reads and the program's
code. A file that is there is therefore never made again: after a kill of whatever it was, the same run goes on
with what is missing, on whichever engine.

    with Stages.open(folder, engine) as stages:
        shards = [stages.put({"lengths": lengths}) for lengths in pieces]
        counted = stages.run("counts", [Task(function=count, inputs=(shard,)) for shard in shards])
        [total] = stages.run("sum", [Task(function=add, inputs=tuple(counted))])
        stages.read(total)["count"]
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import curation
from curation.engines.arrays import PART, Arrays, read_arrays, write_arrays
from tamiz import __version__
from tamiz.errors import EngineError
from tamiz.progress import Job

__all__ = ["Engine", "LocalEngine", "Stages", "Task", "code_version", "do_task"]

ENDING = ".arrays"
MARKER = "lock"  # is in every folder of stages; a machine that does not see it does not see the folder
SECONDS_TO_APPEAR = 30.0  # network file systems show a new file to other machines some seconds late
Function = Callable[[Sequence[Arrays], Mapping[str, Any]], Arrays]


@cache
def code_version() -> str:
    """A hash of the curation's source, for the names of files and to find machines with another version."""
    digest = hashlib.sha256(f"{__version__} numpy {np.__version__}".encode())
    for path in sorted(Path(curation.__path__[0]).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call of a pure function: arrays of `inputs` (names of files) and settings in, arrays out.

    The function is at the top level of a module, so that other processes find it by its name. `carried` goes with
    the task and is no part of its file's name: `settings` say what it stands for. The function finds it there.
    """

    function: Function
    inputs: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    carried: bytes = b""

    @property
    def file(self) -> str:
        """The name of its result."""
        made_of = [self.function.__module__, self.function.__qualname__, self.inputs, self.settings, code_version()]
        digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
        return f"{self.function.__name__.strip('_')}-{digest[:32]}{ENDING}"


class Engine(Protocol):
    """Runs tasks that do not depend on each other; gives the name of each file as it is there."""

    def run(self, folder: Path, tasks: Sequence[Task]) -> Iterable[str]: ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """So many tasks at a time in this process; compiled kernels let threads work side by side."""

    threads: int = 1

    def run(self, folder: Path, tasks: Sequence[Task]) -> Iterator[str]:
        with ThreadPoolExecutor(self.threads) as pool:
            waiting = [pool.submit(do_task, folder, task) for task in tasks]
            try:
                for done in as_completed(waiting):
                    yield done.result()
            finally:
                pool.shutdown(cancel_futures=True)


def do_task(folder: Path, task: Task, carried: bytes = b"") -> str:
    """Do a task unless its file is there; the name of the file. `carried` is the task's, where it comes apart."""
    target = folder / task.file
    if not target.exists():
        inputs = [read_arrays(_appeared(folder / name)) for name in task.inputs]
        carried = carried or task.carried
        settings = {**task.settings, "carried": carried} if carried else task.settings
        write_arrays(target, task.function(inputs, settings))
    return target.name


def _appeared(path: Path) -> Path:
    until = time.monotonic() + SECONDS_TO_APPEAR
    while not path.exists():
        if time.monotonic() > until:
            if not (path.parent / MARKER).exists():
                raise EngineError(
                    f"{socket.gethostname()} does not see {path.parent}. Mount the same folder there under the same "
                    "path, or name one that all nodes share: [curation.ray] folder"
                )
            raise EngineError(f"{path} was taken away by something else. Leave that folder to tamiz, and run it again")
        next(path.parent.glob("*"), None)  # reading the folder makes network file systems look again
        time.sleep(0.2)
    return path


@dataclass(slots=True)
class Stages:
    """A folder that a run of stages works in. `made` and `found` count tasks: done now, and there already."""

    folder: Path
    engine: Engine
    job: Job | None = None
    made: int = 0
    found: int = 0

    @classmethod
    @contextmanager
    def open(cls, folder: Path, engine: Engine, job: Job | None = None) -> Iterator[Stages]:
        """Take the folder for this run alone. It is emptied when all went well, and kept for the next run when not.

        EngineError if another run works in it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / MARKER).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise EngineError(
                    f"another run works in {folder}. Wait for it, or give this project a folder of its own"
                ) from None
            _remove(folder, f"*{PART}")
            yield cls(folder=folder, engine=engine, job=job)
            _remove(folder, f"*{ENDING}")
            _remove(folder, f"*{PART}")

    def put(self, arrays: Mapping[str, NDArray[Any]]) -> str:
        """Keep arrays for tasks to read; the same arrays are kept once."""
        digest = hashlib.sha256()
        for name, array in sorted(arrays.items()):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        name = f"source-{digest.hexdigest()[:32]}{ENDING}"
        if not (self.folder / name).exists():
            write_arrays(self.folder / name, arrays)
        return name

    def run(self, stage: str, tasks: Sequence[Task]) -> list[str]:
        """The names of the tasks' files, in order, when all are there."""
        missing = {task.file: task for task in tasks if not (self.folder / task.file).exists()}
        done = found = len(tasks) - len(missing)
        self.found += found
        self._tell(stage, done, len(tasks))
        for _ in self.engine.run(self.folder, list(missing.values())):
            self.made += 1
            done += 1
            self._tell(stage, done, len(tasks))
        return [task.file for task in tasks]

    def read(self, name: str) -> dict[str, NDArray[Any]]:
        return read_arrays(self.folder / name)

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.job is not None:
            self.job.update(done, total, note=stage)


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)
