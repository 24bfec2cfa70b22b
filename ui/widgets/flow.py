"""A way as a picture: stages from left to right, or from top to bottom on a narrow screen, each with its boxes.

It is an ordered list, so it reads the same without eyes. Every text in it is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from ui.widgets.text import plain

__all__ = ["Box", "Stage", "draw_flow", "flow_html"]

STYLES = Path(__file__).with_name("flow.css")
Kind = Literal["page", "pair", "edit", "decision", "version", "adapter", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One thing of a stage: what it is called, and a line or two about it."""

    kind: Kind
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    name: str
    boxes: tuple[Box, ...]


def draw_flow(stages: Sequence[Stage]) -> None:
    st.html(STYLES)
    st.html(flow_html(stages))


def flow_html(stages: Sequence[Stage]) -> str:
    """The stages as one HTML element.

    >>> flow_html([Stage(name="Page", boxes=(Box(kind="page", title="<i>"),))])[:90]
    '<ol class="tz-flow"><li><div class="tz-stage">Page</div><div class="tz-box tz-box-page"><b'
    """
    items = []
    for stage in stages:
        boxes = "".join(_box(box) for box in stage.boxes)
        items.append(f"<li>{plain(stage.name, kind='tz-stage')}{boxes}</li>")
    return f'<ol class="tz-flow">{"".join(items)}</ol>'


def _box(box: Box) -> str:
    lines = "".join(plain(line, kind="tz-small") for line in box.lines if line)
    return f'<div class="tz-box tz-box-{box.kind}">{plain(box.title, tag="b")}{lines}</div>'
