"""Turns as OpenAI's chat API writes them, and the reply in what a server answers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from curation.synthesis.providers.contract import Refused, Reply, Trouble
from tamiz.records import Turn

__all__ = ["is_strict", "message_of", "reply_of"]


def message_of(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = json.loads(turn.tool_calls)
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def reply_of(body: Any, *, tools: bool) -> Reply:
    """The reply in a completion, whatever else the server put beside it."""
    try:
        if not body["choices"]:
            raise Trouble("its answer is no answer of a chat API (it has no choices)", worked=True)
        choice = body["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        text = message.get("content") or ""
        calls = message.get("tool_calls") or []
        if tools:
            made = [{"name": one["function"]["name"], "arguments": one["function"]["arguments"]} for one in calls]
            text = json.dumps({"content": _text(text), "tool_calls": [_arguments(one) for one in made]})
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise Trouble(f"its answer is no answer of a chat API (it lacks {error})", worked=True) from None
    usage = body.get("usage")
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    reply = Reply(text=_text(text), cut=finish == "length", prompt_tokens=prompt, completion_tokens=completion)
    if finish == "content_filter":
        raise Refused("the server's filter kept the reply back", kept_back=reply)
    return reply


def _count(usage: Any, name: str) -> int:
    """A number of tokens as the server tells it; 0 where it tells none."""
    told = usage.get(name) if isinstance(usage, Mapping) else None
    return int(told) if isinstance(told, int | float) and 0 < told < math.inf else 0


def _text(content: Any) -> str:
    """The text of a message, which some servers give in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def _arguments(call: dict[str, Any]) -> dict[str, Any]:
    """A call with its arguments as an object; as they are where they are no JSON."""
    try:
        return {**call, "arguments": json.loads(call["arguments"])}
    except (TypeError, ValueError):
        return call


def is_strict(schema: Any) -> bool:
    """Whether a schema is one of those that OpenAI's strict mode takes: everything required, nothing else allowed."""
    if isinstance(schema, list):
        return all(is_strict(one) for one in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        named = set(schema.get("properties", {}))
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != named:
            return False
    return all(is_strict(one) for one in schema.values())
