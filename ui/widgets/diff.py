"""A change as words: what goes is struck out, what comes is marked."""

from __future__ import annotations

import html
from collections.abc import Sequence

from curation.revise import Segment

__all__ = ["diff_html"]

TAGS = {"equal": "span", "delete": "del", "insert": "ins"}
SEEN = str.maketrans({" ": "·", "\u00a0": "·", "\t": "→", "\n": "↵\n", "\u200b": "¦"})


def diff_html(segments: Sequence[Segment]) -> str:
    """The segments as one HTML element, all their text escaped; changed white space is made visible.

    >>> diff_html([("equal", "la "), ("delete", "<b>"), ("insert", " ")])
    '<div class="tz-diff"><span>la </span><del>&lt;b&gt;</del><ins>·</ins></div>'
    """
    parts = []
    for op, text in segments:
        shown = text.translate(SEEN) if op != "equal" and not text.strip() else text
        parts.append(f"<{TAGS[op]}>{html.escape(shown)}</{TAGS[op]}>")
    return f'<div class="tz-diff">{"".join(parts)}</div>'
