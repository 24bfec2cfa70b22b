"""Messages, as chat templates and the trainers that use them read them: TRL, Axolotl and others.

The arguments of tool calls are objects here; `openai` has them as text.
"""

from __future__ import annotations

from typing import Any

from curation.formats.turns import Arguments, messages, tool_list
from tamiz.records import Pair

__all__ = ["conversation", "line"]


def line(pair: Pair) -> dict[str, Any]:
    """The pair with its earlier turns as {"messages": [...]}, and "tools" where it has any."""
    return conversation(pair, arguments="objects")


def conversation(pair: Pair, *, arguments: Arguments) -> dict[str, Any]:
    """The turns before the question come first; the answer is the last message."""
    told = {"messages": [*messages(pair, arguments=arguments), {"role": "assistant", "content": pair.answer}]}
    tools = tool_list(pair)
    return told if tools is None else {**told, "tools": tools}
