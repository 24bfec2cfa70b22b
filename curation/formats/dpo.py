"""Preferences in pairs: a prompt, the answer that a reviewer put in place, and the one that stood there.

Messages, as TRL and Axolotl read them; `sharegpt_line` is the same for LLaMA-Factory.
"""

from __future__ import annotations

from typing import Any

from curation.formats import sharegpt
from curation.formats.turns import messages, tool_list
from curation.preferences.said import Unwanted

__all__ = ["line", "sharegpt_line"]


def line(one: Unwanted) -> dict[str, Any]:
    """{"prompt", "chosen", "rejected", "id", "rejected_id"}: the ids of the pairs that have the two answers."""
    told = {
        "prompt": messages(one.pair),
        "chosen": [{"role": "assistant", "content": one.pair.answer}],
        "rejected": [{"role": "assistant", "content": one.answer}],
    }
    tools = tool_list(one.pair)
    return told | ({} if tools is None else {"tools": tools}) | _ids(one)


def sharegpt_line(one: Unwanted) -> dict[str, Any]:
    """The same in ShareGPT's form; CannotHold as there."""
    told = sharegpt.line(one.pair)
    return {
        "conversations": told["conversations"][:-1],
        "chosen": sharegpt.said("gpt", one.pair.answer),
        "rejected": sharegpt.said("gpt", one.answer),
        "tools": told["tools"],
        **_ids(one),
    }


def _ids(one: Unwanted) -> dict[str, str]:
    return {"id": one.pair.id, "rejected_id": one.id}
