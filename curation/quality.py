"""Texts that are too short or too long to teach anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["LengthStep"]


class LengthStep:
    """Findings too_short and too_long, with the number of characters in the note; nothing is proposed."""

    name = "length"

    def __init__(self, settings: CurationSettings) -> None:
        self.settings = settings.length

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            for field, text in (("question", pair.question), ("answer", pair.answer)):
                least = getattr(self.settings, f"min_{field}")
                most = getattr(self.settings, f"max_{field}")
                if least <= len(text) <= most:
                    continue
                kind, limit = ("too_short", least) if len(text) < least else ("too_long", most)
                note = f"{len(text)} characters; the limit is {limit}"
                yield Finding(pair=pair.id, step=self.name, kind=kind, field=field, end=len(text), note=note)
