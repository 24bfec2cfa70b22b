"""What a run says of every step while it trains: a line of JSON each in runs/NAME/steps.jsonl, for those who watch.

The run card has the curves of a finished run; this file is there from the first step on, and has speed and memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tamiz.files import write_whole

__all__ = ["STEPS", "StepLog", "step_log"]

STEPS = "steps.jsonl"


class StepLog:
    """An open log. A line is whole once it is written: whoever reads meanwhile misses at most the last one."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def add(self, step: int, **values: float) -> None:
        rounded = {name: value if isinstance(value, int) else float(f"{value:.7g}") for name, value in values.items()}
        self._file.write(json.dumps({"step": step, **rounded}) + "\n")


@contextmanager
def step_log(run: Path, *, after: int) -> Iterator[StepLog]:
    """The log of the run in this folder, open to go on after a step: what it says of later ones is taken out."""
    path = run / STEPS
    write_whole(path, "".join(_kept(path, after)) if after else "")
    with path.open("a", encoding="utf-8", buffering=1) as file:  # a line at a time
        yield StepLog(file)


def _kept(path: Path, after: int) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            step = json.loads(line)["step"]
        except (ValueError, KeyError, TypeError):  # half a line of a killed process
            continue
        if isinstance(step, int) and step <= after:
            yield line + "\n"
