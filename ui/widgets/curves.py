"""Curves of training runs: loss, memory and speed over the steps, several runs over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.wording import Words

__all__ = ["Curve", "draw_curves", "live_curves"]

Curve = Sequence[tuple[float, float]]  # (step, value)
HEIGHT = 320
COLOURS = ("#4f83c4", "#d9822b", "#3f9c5a", "#a05fb8", "#c8574e", "#7a8799")


def draw_curves(curves: Mapping[str, Curve], label: str, words: Words, *, key: str, zero: bool = False) -> None:
    """Draw curves by their names, as they are given: the first ones in the strongest colours."""
    import altair as alt

    rows = [{"step": x, "value": y, "name": name} for name, curve in curves.items() for x, y in curve]
    if not rows:
        return
    step, names = words("training.step"), list(curves)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=len(rows) < 60 * len(names), strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title=step, axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("value:Q", title=label, scale=alt.Scale(zero=zero)),
            color=alt.Color(
                "name:N",
                title=None,
                sort=names,
                scale=alt.Scale(domain=names, range=[COLOURS[n % len(COLOURS)] for n in range(len(names))]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=260) if len(names) > 1 else None,
            ),
            tooltip=[
                alt.Tooltip("name:N", title=words("training.curve")),
                alt.Tooltip("step:Q", title=step),
                alt.Tooltip("value:Q", title=label, format=",.4~g"),
            ],
        )
        .properties(height=HEIGHT)
    )
    last = ", ".join(f"{name}: {curve[-1][1]:,.3g}" for name, curve in curves.items() if curve)
    st.altair_chart(chart, width="stretch", key=key, alt=words("training.chart_alt", what=label, last=last))


def live_curves(steps: Sequence[Mapping[str, float]], words: Words, *, key: str) -> None:
    """Draw what a run tells of its steps: loss, memory and speed."""
    loss = {
        words("training.loss_train"): _curve(steps, "loss"),
        words("training.loss_validation"): _curve(steps, "validation_loss"),
    }
    draw_curves(
        {name: curve for name, curve in loss.items() if curve}, words("training.loss"), words, key=f"{key}-loss"
    )
    left, right = st.columns(2)
    with left:
        memory = words("training.memory")
        draw_curves({memory: _curve(steps, "memory_mb")}, memory, words, key=f"{key}-memory", zero=True)
    with right:
        speed = words("training.speed")
        draw_curves({speed: _curve(steps, "tokens_per_second")}, speed, words, key=f"{key}-speed", zero=True)


def _curve(steps: Sequence[Mapping[str, float]], name: str) -> list[tuple[float, float]]:
    return [(step["step"], step[name]) for step in steps if name in step]
