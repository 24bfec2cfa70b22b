"""Messages in the OpenAI form, one JSON object a line, as trainers read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tamiz.records import Pair, Turn

__all__ = ["conversation", "write"]


def conversation(pair: Pair) -> dict[str, Any]:
    """The pair with its earlier turns as {"messages": [...]}, and "tools" where it has any.

    The turns before the question come first; the answer is the last message.
    """
    messages = [_message(turn) for turn in pair.context]
    messages += [{"role": "user", "content": pair.question}, {"role": "assistant", "content": pair.answer}]
    return {"messages": messages, "tools": json.loads(pair.tools)} if pair.tools else {"messages": messages}


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = json.loads(turn.tool_calls)
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def write(folder: Path, part: str, pairs: Sequence[Pair]) -> dict[str, int]:
    """Write one part; {file name: rows}."""
    lines = [json.dumps(conversation(pair), ensure_ascii=False) for pair in pairs]
    (folder / f"{part}.jsonl").write_bytes("".join(line + "\n" for line in lines).encode())
    return {f"{part}.jsonl": len(lines)}
