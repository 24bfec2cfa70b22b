"""A pair as a dialogue: its turns in order, and as messages in the OpenAI form."""

from __future__ import annotations

import json
from typing import Any, Literal

from tamiz.records import Pair, Turn, turns_before_answer

__all__ = ["Arguments", "CannotHold", "messages", "plain_only", "tool_list"]

Arguments = Literal["objects", "text"]  # of a tool call: as chat templates read them, or as OpenAI writes them
Message = dict[str, Any]


class CannotHold(ValueError):
    """A format has no place for something that the pair has; the message says what, to be read after "the pair"."""


def messages(pair: Pair, *, arguments: Arguments = "objects") -> list[Message]:
    """The turns up to the answer as messages; CannotHold where tool calls are not JSON."""
    return [_message(turn, arguments) for turn in turns_before_answer(pair.context, pair.question)]


def tool_list(pair: Pair) -> list[Any] | None:
    """The tools that the assistant could call, None where it had none; CannotHold where they are no JSON list."""
    if not pair.tools:
        return None
    found = _json(pair.tools, "tools")
    if not isinstance(found, list):
        raise CannotHold("has tools that are no list")
    return found or None


def plain_only(pair: Pair) -> None:
    """CannotHold unless the pair is one question and one answer and nothing else."""
    if any(turn.tool_calls or turn.role == "tool" for turn in pair.context):
        raise CannotHold("has tool calls")
    if pair.tools:
        raise CannotHold("has tools")
    if pair.context:
        raise CannotHold("has earlier turns")


def tool_calls(turn: Turn, arguments: Arguments) -> list[Any]:
    """The calls of a turn, each with its arguments in the asked form; those that are no JSON object stay text."""
    calls = _json(turn.tool_calls, "tool calls")
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise CannotHold("has tool calls that are no list of objects")
    return [_with_arguments(call, arguments) for call in calls]


def _message(turn: Turn, arguments: Arguments) -> Message:
    message: Message = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = tool_calls(turn, arguments)
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def _with_arguments(call: Message, arguments: Arguments) -> Message:
    function = call.get("function")
    if not isinstance(function, dict) or "arguments" not in function:
        return call
    given = function["arguments"]
    if arguments == "text" and not isinstance(given, str):
        given = json.dumps(given, ensure_ascii=False)
    elif arguments == "objects" and isinstance(given, str):
        given = _object_or_text(given)
    return {**call, "function": {**function, "arguments": given}}


def _object_or_text(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, dict) else text


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CannotHold(f"has {what} that are no JSON") from None
