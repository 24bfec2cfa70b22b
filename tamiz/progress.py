"""One way to show how a long job goes: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

__all__ = ["Job", "progress"]

SECONDS_BETWEEN_LINES = 10.0  # in a log; a terminal redraws
SECONDS_BETWEEN_WRITES = 0.3  # of a file that another process watches


class Job(Protocol):
    """A running job: say how far it is (counts are absolute) and what it is doing."""

    def update(self, done: int, total: int | None = None, note: str = "") -> None: ...


class _Bar:
    def __init__(self, bars: Progress, title: str, total: int | None) -> None:
        self._bars = bars
        self._task = bars.add_task(title, total=total, note="")

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        if total is not None:
            self._bars.update(self._task, total=total)
        self._bars.update(self._task, completed=done, note=note)


class _Lines:
    def __init__(self, title: str, total: int | None) -> None:
        self._title = title
        self._total = total
        self._last = 0.0
        self._ended = False  # a total may grow with the work

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        self._total = total if total is not None else self._total
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES and (done != self._total or self._ended):
            return
        self._last, self._ended = now, done == self._total
        of = f" of {self._total}" if self._total is not None else ""
        sys.stderr.write(f"{self._title}: {done}{of}{'  ' + note if note else ''}\n")
        sys.stderr.flush()


class _File:
    """Progress for another process to read: JSON in one file, replaced at most a few times a second."""

    def __init__(self, path: Path, title: str, total: int | None) -> None:
        self._path = path
        self._title = title
        self._total = total
        self._last = 0.0
        self._began = time.time()
        self.update(0)

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        self._total = total if total is not None else self._total
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_WRITES and done != self._total:
            return
        self._last = now
        values = {"title": self._title, "done": done, "total": self._total, "note": note, "began": self._began}
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(values), encoding="utf-8")
        beside.replace(self._path)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Job]:
    """Report a job on standard error, so that standard output stays clean for results.

    Where the environment names a TAMIZ_PROGRESS_FILE, it goes there instead (see tamiz.jobs).

    with progress("crawling", total=100) as job:
        job.update(3, note="/faq")
    """
    file = os.environ.get("TAMIZ_PROGRESS_FILE")
    if file:
        yield _File(Path(file), title, total)
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(title, total)
        return
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
        transient=True,
    )
    with bars:
        yield _Bar(bars, title, total)
