"""Stanford Alpaca's columns: one instruction and its output, as most trainers read them."""

from __future__ import annotations

from typing import Any

from curation.formats.turns import plain_only
from tamiz.records import Pair

__all__ = ["line"]


def line(pair: Pair) -> dict[str, Any]:
    """The pair; CannotHold where it has more than a question and an answer.

    LLaMA-Factory knows a column `history` for earlier turns and other trainers do not, which would train on a
    question whose turns are gone; `sharegpt` holds them for all.
    """
    plain_only(pair)
    return {"instruction": pair.question, "input": "", "output": pair.answer}
