"""Every text of a pair that can hold words of people, by the name that findings give its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tamiz.records import Pair, Turn

__all__ = ["is_json", "text_of", "texts_of", "with_texts"]

_CALLS = ", tool_calls"
_OWN = ("question", "answer", "answer_markdown", "label", "tools")


def texts_of(pair: Pair) -> Iterator[tuple[str, str]]:
    """(field, text) of each text that is not empty: question, answer, answer_markdown, label, tools, then context.

    A turn of the context is "context 1", what it calls is "context 1, tool_calls".
    """
    for name in _OWN:
        if text := getattr(pair, name):
            yield name, text
    for number, turn in enumerate(pair.context, start=1):
        if turn.content:
            yield f"context {number}", turn.content
        if turn.tool_calls:
            yield f"context {number}{_CALLS}", turn.tool_calls


def text_of(pair: Pair, field: str) -> str:
    """The text of this field, or "" where the pair has none of this name."""
    if field in _OWN:
        return str(getattr(pair, field))
    turn = _turn(pair, field)
    return "" if turn is None else turn.tool_calls if field.endswith(_CALLS) else turn.content


def with_texts(pair: Pair, texts: Mapping[str, str]) -> Pair:
    """The pair with these texts in the place of its own."""
    own = {name: text for name, text in texts.items() if name in _OWN}
    turns = list(pair.context)
    for name, text in texts.items():
        if name.startswith("context "):
            place = int(name.removeprefix("context ").removesuffix(_CALLS)) - 1
            change = {"tool_calls": text} if name.endswith(_CALLS) else {"content": text}
            turns[place] = replace(turns[place], **change)  # type: ignore[arg-type]
    return replace(pair, **own, context=tuple(turns))  # type: ignore[arg-type]


def is_json(field: str) -> bool:
    """Whether the text of this field has to stay JSON."""
    return field == "tools" or field.endswith(_CALLS)


def _turn(pair: Pair, field: str) -> Turn | None:
    number = field.removeprefix("context ").removesuffix(_CALLS)
    there = field.startswith("context ") and number.isdecimal() and 0 < int(number) <= len(pair.context)
    return pair.context[int(number) - 1] if there else None
