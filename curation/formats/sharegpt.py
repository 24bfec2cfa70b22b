"""ShareGPT's conversations: {"from", "value"} turns, tools as text, as LLaMA-Factory and others read them.

LLaMA-Factory passes over a conversation whose sides do not take turns, with a warning in its log, so those are not
written: human or observation, then gpt or function_call, to the end. Calls that were made together are one turn, and
so are their results.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from curation.formats.turns import CannotHold, tool_calls, tool_list
from tamiz.records import Pair, Turn, turns_before_answer

__all__ = ["conversation", "line", "said"]

ASKING, ANSWERING = ("human", "observation"), ("gpt", "function_call")


def line(pair: Pair) -> dict[str, Any]:
    """The pair as {"conversations": [...], "tools": ""}; CannotHold where the sides do not take turns."""
    return {"conversations": [*conversation(pair), said("gpt", pair.answer)], "tools": _tools(pair)}


def conversation(pair: Pair) -> list[dict[str, str]]:
    """The turns up to the answer."""
    turns = list(_turns(turns_before_answer(pair.context, pair.question)))
    spoken = [turn["from"] for turn in turns if turn["from"] != "system"]
    if "system" in [turn["from"] for turn in turns[1:]]:
        raise CannotHold("has a system turn that is not the first")
    if len(spoken) % 2 == 0 or any(who not in (ANSWERING if n % 2 else ASKING) for n, who in enumerate(spoken)):
        raise CannotHold("has turns in which the two sides do not alternate")
    return turns


def said(who: str, value: str) -> dict[str, str]:
    return {"from": who, "value": value}


def _tools(pair: Pair) -> str:
    tools = tool_list(pair)
    return "" if tools is None else json.dumps(tools, ensure_ascii=False)


def _turns(turns: Sequence[Turn]) -> Iterator[dict[str, str]]:
    results: list[str] = []
    for turn in turns:
        if turn.role == "tool":
            results.append(turn.content)
            continue
        if results:
            yield _observation(results)
            results = []
        yield from _spoken(turn)
    if results:
        yield _observation(results)


def _spoken(turn: Turn) -> Iterator[dict[str, str]]:
    if turn.tool_calls:
        if turn.content.strip():
            raise CannotHold("has a turn that says something and calls a tool")
        yield said("function_call", json.dumps(_calls(turn), ensure_ascii=False))
    else:
        yield said({"user": "human", "assistant": "gpt"}.get(turn.role, turn.role), turn.content)


def _calls(turn: Turn) -> Any:
    """{"name", "arguments"} of the call, or a list of them where several were made together."""
    functions = [call.get("function") for call in tool_calls(turn, "objects")]
    if not functions or not all(isinstance(one, dict) and "name" in one for one in functions):
        raise CannotHold("has a tool call without a function")
    calls = [{"name": one["name"], "arguments": one.get("arguments", {})} for one in functions if one]
    return calls[0] if len(calls) == 1 else calls


def _observation(results: Sequence[str]) -> dict[str, str]:
    """What tools returned: the text of one, a list of texts in JSON for several."""
    return said("observation", results[0] if len(results) == 1 else json.dumps(results, ensure_ascii=False))
