"""A small table that fits its place: its cells wrap, where st.dataframe would cut off what is to the right."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

__all__ = ["Columns", "draw_table", "table_html"]

Columns = Mapping[str, Sequence[str | int]]


def draw_table(columns: Columns) -> None:
    st.html(table_html(columns))


def table_html(columns: Columns) -> str:
    """The columns by heading, all of one length; every text escaped, numbers to the right, the first column a heading.

    >>> table_html({"a": ["<b>"], "n": [1200]}).partition("<tbody>")[2].partition("</tbody>")[0]
    '<tr><th scope="row" class="tz-said">&lt;b&gt;</th><td class="tz-number">1,200</td></tr>'
    """
    head = "".join(_cell(name, 'th scope="col"', _kind(cells)) for name, cells in columns.items())
    rows = []
    for row in zip(*columns.values(), strict=True):
        cells = [_cell(cell, "td" if place else 'th scope="row"', _kind([cell])) for place, cell in enumerate(row)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="tz-scroll" tabindex="0"><table class="tz-table">{body}</table></div>'


def _cell(value: str | int, tag: str, kind: str) -> str:
    said = html.escape(f"{value:,}" if isinstance(value, int) else value)
    return f'<{tag} class="{kind}">{said}</{tag[:2]}>'


def _kind(cells: Sequence[str | int]) -> str:
    return "tz-number" if cells and all(isinstance(cell, int) for cell in cells) else "tz-said"
