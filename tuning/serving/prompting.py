"""A request as the tokens of a prompt: whole, within the limits, and with nothing in it that acts as markup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.data import Example
from tuning.positions import WHOLE
from tuning.prompts import encode_prompt
from tuning.serving.bases import Speaker
from tuning.serving.requests import ApiError, ChatRequest

__all__ = ["as_words", "prompt_of"]


def prompt_of(
    request: ChatRequest, speaker: Speaker, language: Callable[[str], str], *, most: int, room: int
) -> tuple[int, ...]:
    """The prompt's token ids. ApiError for more than `most`, or where the answer asked for would leave the `room`.

    Nothing is cut in silence.
    """
    tokenizer = speaker.base.tokenizer
    turns = [replace(turn, content=as_words(turn.content, tokenizer)) for turn in request.turns]
    example = Example(
        id="of this request",
        question=turns[-1].content,
        answer="",
        lang=language(request.question),
        context=tuple(Turn(role=turn.role, content=turn.content) for turn in turns[:-1]),
    )
    try:
        ids = encode_prompt(example, tokenizer, max_tokens=WHOLE)
    except InputError as error:
        raise ApiError(400, str(error), param="messages") from None
    if len(ids) > most:
        raise ApiError(
            400,
            f"the messages have {len(ids)} tokens, and {most} are the most that can be read here; leave out old ones",
            code="context_length_exceeded",
            param="messages",
        )
    if request.most is not None and len(ids) + request.most > room:
        left = room - len(ids)
        raise ApiError(
            400,
            f"the messages have {len(ids)} tokens and {request.most} are asked for, which is more than the {room} that "
            f"the model was built for; ask for {left} at most, or leave max_tokens out",
            code="context_length_exceeded",
            param="max_tokens",
        )
    return tuple(ids)


def as_words(text: str, tokenizer: Any) -> str:
    """The text with a gap in what the tokenizer would take for markup, so that no message can speak as another."""
    for token in tokenizer.added_tokens_decoder.values():
        mark = str(token)
        if token.special and len(mark) > 1 and mark in text:
            text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text
