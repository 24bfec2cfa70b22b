"""Dialogues in "messages" form as pairs: each answer with its question and the turns before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast, get_args, get_type_hints

from tamiz.records import Turn

__all__ = ["Exchange", "chat_messages", "exchanges"]

# ShareGPT's words for the OpenAI roles.
_ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "agent": "assistant", "customer": "user"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question, its answer, and what was said before."""

    question: str
    answer: str
    context: tuple[Turn, ...]


def chat_messages(values: dict[str, Any]) -> list[Any] | None:
    """The messages of a row, or None if it is not a dialogue."""
    for name in ("messages", "conversations", "conversation"):
        if isinstance(values.get(name), list):
            return cast("list[Any]", values[name])
    return None


def exchanges(messages: list[Any]) -> Iterator[Exchange]:
    """The answers that follow a question; ValueError names the message that is none."""
    turns = [_turn(message, number) for number, message in enumerate(messages, start=1)]
    for index, turn in enumerate(turns[1:], start=1):
        before = turns[index - 1]
        if turn.role == "assistant" and before.role == "user" and turn.content.strip() and before.content.strip():
            yield Exchange(question=before.content, answer=turn.content, context=tuple(turns[: index - 1]))


def _turn(message: Any, number: int) -> Turn:
    if not isinstance(message, dict):
        raise ValueError(f"message {number} is no object")
    role = message.get("role", message.get("from"))
    role = _ROLES.get(str(role), role)
    if role not in get_args(get_type_hints(Turn)["role"]):
        raise ValueError(f"message {number} has the role {role!r}; give system, user, assistant or tool")
    content = message.get("content", message.get("value"))
    if isinstance(content, list):  # parts, of which only text can be kept
        content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    calls = message.get("tool_calls")
    return Turn(
        role=cast("Any", role),
        content=str(content or ""),
        tool_calls=json.dumps(calls, ensure_ascii=False) if calls else "",
        tool_call_id=str(message.get("tool_call_id") or ""),
    )
