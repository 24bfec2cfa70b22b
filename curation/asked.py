"""What a pair asks."""

from __future__ import annotations

from tamiz.records import Pair

__all__ = ["question_text"]


def question_text(pair: Pair) -> str:
    """What is asked, with the turns before it."""
    return "\n".join([*(f"{turn.role}: {turn.content}" for turn in pair.context), pair.question])
