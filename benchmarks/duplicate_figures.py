"""Figures of a run: measured in turns, with what they should reach, as a table or as JSON."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Figure", "Run", "as_columns", "as_table", "in_turns", "machine", "rates", "ratios"]


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run over so many texts, by the clock and of this process's cores."""

    count: int
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value with the lowest and highest of the rounds; `aim` says in words what it should reach."""

    section: str
    name: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str = ""
    aim: str = ""
    met: bool | None = None


def in_turns(contestants: Mapping[str, tuple[int, Callable[[], object]]], rounds: int) -> dict[str, list[Run]]:
    """Every contestant once a round, so that what else runs on the machine meets all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (count, work) in contestants.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            runs[name].append(Run(count, time.perf_counter() - wall, time.process_time() - cpu))
    return runs


def rates(section: str, runs: Mapping[str, Sequence[Run]]) -> list[Figure]:
    """Texts a second of processor time, and by the clock."""
    figures = []
    for name, taken in runs.items():
        for what, values in (
            ("a CPU second", [run.count / max(run.cpu, 1e-9) for run in taken]),
            ("a second", [run.count / run.wall for run in taken]),
        ):
            figures.append(
                Figure(section=section, name=name, value=median(values), low=min(values), high=max(values), unit=what)
            )
    return figures


def ratios(
    section: str, name: str, one: Sequence[Run], other: Sequence[Run], least: float, *, clock: bool = False
) -> Figure:
    """How many times quicker `one` is than `other`, round by round; by processor time unless by the clock."""
    values = [
        (mine.count / (mine.wall if clock else mine.cpu)) / (theirs.count / (theirs.wall if clock else theirs.cpu))
        for mine, theirs in zip(one, other, strict=True)
    ]
    value = median(values)
    return Figure(
        section=section, name=name, value=value, low=min(values), high=max(values), unit="times",
        aim=f"at least {least:g}", met=value >= least,
    )  # fmt: skip


def as_table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    lines = [
        "| | figure | value | range | aim | |",
        "|---|---|---:|---|---|---|",
    ]
    for figure in figures:
        spread = "" if figure.low is None else f"{_shown(figure.low)} to {_shown(figure.high or 0)}"
        met = {None: "", True: "met", False: "MISSED"}[figure.met]
        value = f"{_shown(figure.value)} {figure.unit}".strip()
        lines.append(f"| {figure.section} | {figure.name} | {value} | {spread} | {figure.aim} | {met} |")
    return "\n".join(lines)


def as_columns(figures: Sequence[Figure]) -> str:
    """Markdown, for figures with names such as "row, row: column"; a line for each row."""
    rows: dict[str, dict[str, float]] = {}
    for figure in figures:
        row, column = figure.name.rsplit(": ", 1)
        rows.setdefault(row, {})[column] = figure.value
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = [f"| | {' | '.join(columns)} |", "|---" + "|---:" * len(columns) + "|"]
    for name, row in rows.items():
        lines.append(f"| {name} | {' | '.join(_shown(row[column]) for column in columns)} |")
    return "\n".join(lines)


def machine() -> str:
    """The cores, and how busy they are now."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"cores: {os.cpu_count()}; load of the last 1, 5 and 15 minutes: {load}"


def _shown(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4f}" if abs(value) <= 1 else f"{value:.2f}"
