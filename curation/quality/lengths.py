"""Texts that are too short or too long for what they are."""

from __future__ import annotations

from collections.abc import Iterator

from curation.quality.reading import Seen
from tamiz.records import Pair
from tamiz.settings import QualitySettings

__all__ = ["lengths"]


def lengths(pair: Pair, quality: QualitySettings) -> Iterator[Seen]:
    """too_short and too_long by the limits of the pair's kind, with the number of characters in the note."""
    limits = getattr(quality, pair.kind)
    for field, text in (("question", pair.question), ("answer", pair.answer)):
        least, most = getattr(limits, f"min_{field}"), getattr(limits, f"max_{field}")
        if least <= len(text) <= most:
            continue
        kind, limit = ("too_short", least) if len(text) < least else ("too_long", most)
        note = f"{len(text)} characters; the limit is {limit} in [curation.quality.{pair.kind}]"
        yield Seen(kind, "question" if field == "question" else "answer", 0, len(text), 1.0, note)
