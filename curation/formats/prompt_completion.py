"""A prompt and its completion, both as messages: what TRL calls a conversational prompt-completion dataset.

Loss is on the completion only there, whatever the chat template marks.
"""

from __future__ import annotations

from typing import Any

from curation.formats.turns import messages, tool_list
from tamiz.records import Pair

__all__ = ["line"]


def line(pair: Pair) -> dict[str, Any]:
    """The turns up to the question as "prompt", the answer as "completion", and "tools" where it has any."""
    told = {"prompt": messages(pair), "completion": [{"role": "assistant", "content": pair.answer}]}
    tools = tool_list(pair)
    return told if tools is None else {**told, "tools": tools}
