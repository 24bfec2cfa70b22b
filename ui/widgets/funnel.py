"""The funnel from pages to accepted pairs: a table whose rows are bars, so that it reads without seeing them too."""

from __future__ import annotations

import html

from curation.overview import Funnel
from ui.wording import Words

__all__ = ["COLOURS", "HEAD", "STATES", "funnel_html", "parts_html"]

# What becomes of pairs, in the order of the bars, and its colour: told apart on a light and on a dark ground.
STATES = {"accepted": "#3f9c5a", "open": "#d9a02b", "new": "#8a94a6", "rejected": "#c8574e"}
HEAD = ("stage", "bar", "count", "part")
COLOURS = {"pages": "#7a8799", "pairs": "#4f83c4", "checked": "#4c93b8", "decided": "#7d75c0", "accepted": "#3f9c5a"}


def funnel_html(funnel: Funnel, words: Words) -> str:
    """The stages as bars with their counts, and which part of the stage before each is."""
    stages = {name: getattr(funnel, name) for name in COLOURS}
    most = max(*stages.values(), 1)
    rows, before = [], 0
    for name, count in stages.items():
        share = f"{min(count / before, 9.99):.0%}" if before and name not in ("pages", "pairs") else ""
        bar = f'<div class="tz-bar" style="width:{100 * count / most:.1f}%;background:{COLOURS[name]}"></div>'
        rows.append(
            f'<tr><th scope="row">{html.escape(words(f"funnel.{name}"))}</th><td class="tz-wide">{bar}</td>'
            f'<td class="tz-count">{count:,}</td><td class="tz-part">{share}</td></tr>'
        )
        before = count
    head = "".join(f'<th scope="col">{html.escape(words(f"funnel_head.{name}"))}</th>' for name in HEAD)
    caption = f"<caption>{html.escape(words('funnel.caption', **{k: f'{v:,}' for k, v in stages.items()}))}</caption>"
    return f'<table class="tz-funnel">{caption}<thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def parts_html(parts: dict[str, int], words: Words) -> str:
    """One bar of what became of the pairs, with its parts in words below."""
    whole = max(sum(parts.values()), 1)
    bars, said = [], []
    for name, colour in STATES.items():
        if count := parts.get(name, 0):
            bars.append(f'<span style="width:{100 * count / whole:.2f}%;background:{colour}"></span>')
            text = words(f"part.{name}", count=f"{count:,}", share=f"{count / whole:.0%}")
            said.append(f'<li><i style="background:{colour}" aria-hidden="true"></i>{html.escape(text)}</li>')
    return f'<div class="tz-parts" aria-hidden="true">{"".join(bars)}</div><ul class="tz-legend">{"".join(said)}</ul>'
