"""Plain JSON: a list of {"question", "answer", "id"} for each part."""

from __future__ import annotations

from typing import Any

from curation.formats.turns import plain_only
from tamiz.records import Pair

__all__ = ["line"]


def line(pair: Pair) -> dict[str, Any]:
    """The pair; CannotHold where it has more than a question and an answer."""
    plain_only(pair)
    return {"question": pair.question, "answer": pair.answer}
