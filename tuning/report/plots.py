"""Pictures of a report as inline SVG: numbers and escaped names, no script, nothing to fetch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tuning.report.intervals import Interval

__all__ = ["Bar", "bars", "curves", "intervals", "scatter"]

WIDTH, LEFT, RIGHT = 640, 190, 16
ROW = 34
COLOURS = ("first", "second", "third", "fourth")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a picture, and how its value is written."""

    name: str
    value: float
    told: str


def intervals(
    rows: Sequence[tuple[str, Interval, Interval]], sides: tuple[str, str], title: str, *, top: float = 1.0
) -> str:
    """A row for each measure: both sides as points with their intervals on a scale from 0 to `top`.

    What goes beyond the scale ends at its edge.
    """
    if not rows:
        return ""
    height = ROW * len(rows) + 46

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(value / top, 0.0), 1.0)

    parts = []
    for place, (name, before, after) in enumerate(rows):
        middle = 14 + ROW * place + ROW / 2
        parts.append(_text(LEFT - 10, middle + 4, name, anchor="end"))
        for shift, side, kind in ((-6, before, COLOURS[0]), (6, after, COLOURS[1])):
            y = middle + shift
            parts.append(
                f'<line class="{kind}" x1="{across(side.low):.1f}" x2="{across(side.high):.1f}" y1="{y}" y2="{y}"/>'
            )
            parts.append(f'<circle class="{kind}" cx="{across(side.value):.1f}" cy="{y}" r="4.5"/>')
    bottom = 14 + ROW * len(rows)
    parts.append(_axis(bottom, [(across(top * n / 4), f"{top * n / 4:g}") for n in range(5)]))
    parts.append(_legend(sides, bottom + 30))
    return _picture(parts, height, title)


def curves(lines: Mapping[str, Sequence[Point]], title: str) -> str:
    """Curves over the steps of a run, the lowest value at the bottom."""
    lines = {name: points for name, points in lines.items() if points}
    every = [point for points in lines.values() for point in points]
    if not every:
        return ""
    left, bottom, height = 56, 220, 266
    x0, x1 = min(x for x, _ in every), max(x for x, _ in every)
    y0, y1 = min(y for _, y in every), max(y for _, y in every)

    def at(point: Point) -> str:
        x = left + (WIDTH - left - RIGHT) * ((point[0] - x0) / (x1 - x0 or 1))
        return f"{x:.1f},{bottom - (bottom - 12) * ((point[1] - y0) / (y1 - y0 or 1)):.1f}"

    parts = [_text(left - 8, bottom, f"{y0:.2f}", anchor="end"), _text(left - 8, 18, f"{y1:.2f}", anchor="end")]
    parts.append(_axis(bottom, [(left, f"{x0:g}"), (WIDTH - RIGHT, f"{x1:g}")], start=left))
    for kind, points in zip(COLOURS, lines.values(), strict=False):
        parts.append(f'<polyline class="{kind}" points="{" ".join(map(at, points))}"/>')
        if len(points) < 12:
            parts += [
                f'<circle class="{kind}" cx="{x}" cy="{y}" r="3"/>' for x, y in (at(p).split(",") for p in points)
            ]
    parts.append(_legend(tuple(lines), bottom + 38))
    return _picture(parts, height, title)


def scatter(points: Sequence[Point], title: str, *, across: str, up: str) -> str:
    """Pairs as points, both axes on the same scale from 0, with the line on which nothing changed."""
    if not points:
        return ""
    side, left, top = 260, 56, 12
    most = max(max(point) for point in points) or 1.0

    def at(point: Point) -> tuple[float, float]:
        return left + side * point[0] / most, top + side * (1 - point[1] / most)

    (x0, y0), (x1, y1) = at((0.0, 0.0)), at((most, most))
    parts = [f'<line class="same" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/>']
    parts += [f'<circle class="first faint" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in map(at, points)]
    parts.append(_axis(y0, [(x0, "0"), (x1, f"{most:.2f}")], start=x0))
    parts.append(_text(x0 - 8, top + 6, f"{most:.2f}", anchor="end"))
    parts.append(_text(left, y0 + 34, f"→ {across}   ↑ {up}"))
    return _picture(parts, side + 60, title)


def bars(groups: Mapping[str, Sequence[Bar]], title: str) -> str:
    """Bars in groups; those of one group share a scale, of which the largest is the whole."""
    height, parts = 8.0, []
    for name, some in groups.items():
        parts.append(_text(0, height + 14, name, weight="600"))
        height += 22
        most = max((bar.value for bar in some), default=0.0) or 1.0
        for kind, bar in zip(COLOURS, some, strict=False):
            width = (WIDTH - LEFT - RIGHT - 110) * max(bar.value, 0.0) / most
            parts.append(_text(LEFT - 10, height + 14, bar.name, anchor="end"))
            parts.append(f'<rect class="{kind}" x="{LEFT}" y="{height + 2}" width="{max(width, 1):.1f}" height="15"/>')
            parts.append(_text(LEFT + width + 8, height + 14, bar.told))
            height += 22
        height += 8
    return _picture(parts, math.ceil(height), title) if parts else ""


def _picture(parts: Sequence[str], height: float, title: str) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" role="img" xmlns="http://www.w3.org/2000/svg">'
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>"


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "400") -> str:
    shown = escape(text if len(text) <= 44 else text[:43] + "…")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{shown}</text>'


def _axis(y: float, ticks: Sequence[tuple[float, str]], *, start: float = LEFT) -> str:
    line = f'<line class="axis" x1="{start}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
    return line + "".join(_text(x, y + 16, told, anchor="middle") for x, told in ticks)


def _legend(names: Sequence[str], y: float) -> str:
    parts, x = [], float(LEFT)
    for kind, name in zip(COLOURS, names, strict=False):
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y - 4:.1f}" r="4.5"/>' + _text(x + 10, y, name))
        x += 36 + 7.5 * min(len(name), 44)
    return "".join(parts)
