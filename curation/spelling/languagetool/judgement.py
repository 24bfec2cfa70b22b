"""What a match of LanguageTool is worth: its kind, and how far it is to be trusted without a person."""

from __future__ import annotations

from collections.abc import Sequence

from curation.spelling.corrections import Correction, Text
from curation.spelling.languagetool.client import Match

__all__ = ["judge"]


def judge(text: Text, matches: Sequence[Match]) -> list[Correction]:
    """The matches as proposals: in order, none overlapping, none on what is kept."""
    found: list[Correction] = []
    for match in sorted(matches, key=lambda one: (one.start, one.end)):
        if any(match.start < end and start < match.end for start, end in text.kept):
            continue
        if found and match.start < found[-1].end:
            continue
        found.append(
            Correction(
                start=match.start,
                end=match.end,
                before=text.text[match.start : match.end],
                after=match.replacements[0] if match.replacements else None,
                kind="spelling" if match.issue == "misspelling" else "grammar",
                rule=match.rule,
                engine="languagetool",
                confidence=0.5,
                note=match.message,
                alternatives=match.replacements[1:],
            )
        )
    return found
