"""Answers one by one, each desirable or not: the accepted ones, and those that people did not let stand.

Messages, as TRL reads them; `sharegpt_line` is the same for LLaMA-Factory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from curation.formats import prompt_completion, sharegpt
from curation.preferences.said import Unwanted
from tamiz.records import Pair

__all__ = ["Answer", "answers", "line", "sharegpt_line"]

Answer = tuple[str, Pair, bool]  # the id of the pair that gave it, the pair with this answer, whether it is desirable


def answers(pairs: list[Pair], unwanted: list[Unwanted]) -> list[Answer]:
    """All answers of a part, the desirable ones first."""
    bad = [(one.id, replace(one.pair, answer=one.answer, answer_markdown=""), False) for one in unwanted]
    return [*((pair.id, pair, True) for pair in pairs), *bad]


def line(answer: Answer) -> dict[str, Any]:
    """{"prompt", "completion", "label", "id"}."""
    name, pair, good = answer
    return {**prompt_completion.line(pair), "label": good, "id": name}


def sharegpt_line(answer: Answer) -> dict[str, Any]:
    """The same in ShareGPT's form; CannotHold as there."""
    name, pair, good = answer
    return {**sharegpt.line(pair), "label": good, "id": name}
