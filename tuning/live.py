"""A run as it is seen while it trains: a bar with its curves on a terminal, lines in a log, a file for the app."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from tamiz.progress import Job, progress

__all__ = ["Silence", "Speaker", "draw_curves", "live_training"]

WIDTH, HEIGHT = 64, 8  # of the curves, in letters
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a letter of Braille: two columns of four
MARK = "◆"  # a validation

Point = tuple[int, float]


class Silence:
    """A job that nobody watches."""

    def update(self, done: int, total: int | None = None, note: str = "") -> None: ...


@runtime_checkable
class Speaker(Protocol):
    """A job that can say a line while it goes on."""

    def say(self, text: str) -> None: ...


@contextmanager
def live_training(title: str) -> Iterator[Job]:
    """A job for `tune` that shows how it goes on standard error, and its curves where that is a terminal."""
    console = Console(stderr=True)
    if os.environ.get("TAMIZ_PROGRESS_FILE") or not console.is_terminal:
        with progress(title) as job:
            yield _Lines(job)
        return
    shown = _WithCurves(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
        transient=True,
    )
    with shown:
        yield _Screen(shown, title)


def draw_curves(train: Sequence[Point], validation: Sequence[Point], steps: int) -> list[str]:
    """Losses by step as lines of Braille, a mark for each validation; nothing while there is nothing to see."""
    finite = [loss for _, loss in (*train, *validation) if math.isfinite(loss)]
    if len(finite) < 2 or steps < 2:
        return []
    low, high = min(finite), max(finite)
    cells = [[0] * WIDTH for _ in range(HEIGHT)]

    def place(step: int, loss: float, columns: int, rows: int) -> tuple[int, int]:
        share = (high - loss) / (high - low) if high > low else 0.5
        return min(columns - 1, (step - 1) * columns // steps), min(rows - 1, int(share * rows))

    for step, loss in train:
        if math.isfinite(loss):
            x, y = place(step, loss, 2 * WIDTH, 4 * HEIGHT)
            cells[y // 4][x // 2] |= DOTS[x % 2][y % 4]
    letters = [[chr(0x2800 + cell) if cell else " " for cell in row] for row in cells]
    for step, loss in validation:
        if math.isfinite(loss):
            x, y = place(max(1, step), loss, WIDTH, HEIGHT)
            letters[y][x] = MARK
    ends = {0: f"{high:.3g}", HEIGHT - 1: f"{low:.3g}"}
    return [f"{ends.get(n, ''):>8} │{''.join(row).rstrip()}" for n, row in enumerate(letters)]


class _WithCurves(Progress):
    """A bar with lines of text under it."""

    below: Sequence[str] = ()

    def get_renderables(self) -> Iterator[RenderableType]:
        yield from super().get_renderables()
        yield Text("\n".join(self.below), no_wrap=True, overflow="crop")


class _Screen:
    """A terminal: takes progress, numbers and words."""

    def __init__(self, shown: _WithCurves, title: str) -> None:
        self._shown = shown
        self._task = shown.add_task(title, total=None, note="")
        self._train: list[Point] = []
        self._validation: list[Point] = []
        self._steps = 0

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        self._shown.update(self._task, completed=done, total=total, note=note)

    def add(self, step: int, **values: float) -> None:
        self._steps = int(values.get("steps", self._steps))
        if "loss" in values:
            self._train.append((step, values["loss"]))
        if "validation_loss" in values:
            self._validation.append((step, values["validation_loss"]))
        lines = draw_curves(self._train, self._validation, self._steps)
        told = f"{MARK} validation {self._validation[-1][1]:.3f}" if self._validation else ""
        self._shown.below = [*lines, f"{'':>10}{told}"] if lines else []

    def say(self, text: str) -> None:
        self._shown.console.print(Text(text), soft_wrap=True)


class _Lines:
    """A log, or a file that the app reads: progress goes there, words to standard error."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def update(self, done: int, total: int | None = None, note: str = "") -> None:
        self._job.update(done, total, note)

    def say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
