"""Messages and tools as OpenAI's fine-tuning API, and services that follow it, read them.

They check a file before they train on it, so what they would refuse is not written: a call has an id, a type and
its arguments as text; every call is answered by a tool's message of its id before anybody else speaks.
"""

from __future__ import annotations

from typing import Any

from curation.formats.chat import conversation
from curation.formats.turns import CannotHold
from tamiz.records import Pair

__all__ = ["line"]


def line(pair: Pair) -> dict[str, Any]:
    """The pair as {"messages": [...], "tools": [...]}; CannotHold where the API would refuse its turns."""
    told = conversation(pair, arguments="text")
    waiting: list[str] = []
    for message in told["messages"]:
        if message["role"] == "tool":
            _answered(message, waiting)
            continue
        if waiting:
            raise CannotHold("has a tool call that no tool answers")
        if message.get("tool_calls"):
            waiting = [_checked(call) for call in message["tool_calls"]]
            message["content"] = message["content"] or None
        elif not message["content"].strip():
            raise CannotHold("has a turn without a word")
    return told


def _answered(message: dict[str, Any], waiting: list[str]) -> None:
    if message.get("tool_call_id") not in waiting:
        raise CannotHold("has a tool's answer that names no call before it")
    waiting.remove(message["tool_call_id"])


def _checked(call: dict[str, Any]) -> str:
    function = call.get("function")
    whole = isinstance(function, dict) and function.get("name") and isinstance(function.get("arguments"), str)
    if not whole or not call.get("id") or call.get("type") != "function":
        raise CannotHold("has a tool call without an id, a type or a function")
    return str(call["id"])
