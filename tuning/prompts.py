"""A pair as tokens: the model's own chat template, or a plain one in the pair's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.data import Example

__all__ = ["Encoded", "encode_pair", "encode_prompt", "prompt_text"]

# user, assistant, tool; a system turn stands above without a name. Other languages take English.
NAMES = {
    "es": {"user": "Pregunta", "assistant": "Respuesta", "tool": "Resultado"},
    "en": {"user": "Question", "assistant": "Answer", "tool": "Result"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A pair as token ids; the loss looks at ids[answer_start:]. `cut` says that it was too long.

    For a classifier the ids are the question's, and `label` is the number of its label.
    """

    ids: tuple[int, ...]
    answer_start: int = 0
    cut: bool = False
    label: int = -1

    @property
    def counted(self) -> int:
        """How many terms the loss has: tokens that are foretold, or one label."""
        return 1 if self.label >= 0 else len(self.ids) - max(self.answer_start, 1)


def prompt_text(example: Example, tokenizer: Any) -> str:
    """Everything up to the answer, as the model will see it.

    A plain prompt ends in "Answer:"; the space after it belongs to the answer's first token, which is
    how models have met it in ordinary text.
    """
    if tokenizer.chat_template:
        return _chat_text(example, tokenizer)
    names = NAMES.get(example.lang, NAMES["en"])
    turns = [*example.context, Turn(role="user", content=example.question)]
    lines = [f"{names[turn.role]}: {turn.content}" if turn.role in names else turn.content for turn in turns]
    return "\n".join([*lines, f"{names['assistant']}:"])


def encode_pair(example: Example, tokenizer: Any, *, max_tokens: int) -> Encoded:
    """Prompt, answer and end-of-sequence, at most `max_tokens` long.

    When it is too long the oldest turns go first, then the end of the answer; a cut answer has no
    end-of-sequence, for the model must not learn to stop there. InputError if no answer token is left.
    """
    for dropped in range(len(example.context) + 1):
        shorter = _with_context(example, example.context[dropped:])
        ids, start = _prompt_and_answer(shorter, tokenizer)
        if len(ids) <= max_tokens:
            break
    if start >= min(len(ids), max_tokens):
        raise InputError(
            f"pair {example.id}: the question alone fills {max_tokens} tokens, so nothing of the answer could be "
            "learnt. Shorten it in tamiz review, or raise [tuning] max_tokens"
        )
    return Encoded(ids=tuple(ids[:max_tokens]), answer_start=start, cut=dropped > 0 or len(ids) > max_tokens)


def encode_prompt(example: Example, tokenizer: Any, *, max_tokens: int) -> list[int]:
    """The prompt's token ids for generation; when too long its oldest turns, then its start, are left out."""
    for dropped in range(len(example.context) + 1):
        ids = _tokens(prompt_text(_with_context(example, example.context[dropped:]), tokenizer), tokenizer)
        if len(ids) <= max_tokens:
            break
    return ids[-max_tokens:]


def _prompt_and_answer(example: Example, tokenizer: Any) -> tuple[list[int], int]:
    prompt = prompt_text(example, tokenizer)
    gap = "" if tokenizer.chat_template else " "
    ids = _tokens(prompt + gap + example.answer, tokenizer)
    start = _common_prefix(_tokens(prompt, tokenizer), ids)
    return [*ids, tokenizer.eos_token_id], start


def _tokens(text: str, tokenizer: Any) -> list[int]:
    """Token ids with the start-of-sequence the tokenizer adds, and without an end-of-sequence."""
    # A chat template writes its special tokens itself.
    ids: list[int] = tokenizer(text, add_special_tokens=not tokenizer.chat_template)["input_ids"]
    if not tokenizer.chat_template and ids and ids[-1] == tokenizer.eos_token_id:
        return ids[:-1]
    return ids


def _common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many ids two lists share at their start.

    >>> _common_prefix([1, 2, 3], [1, 2, 4, 5])
    2
    """
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(first), len(second)))


def _with_context(example: Example, context: tuple[Turn, ...]) -> Example:
    if context == example.context:
        return example
    kept = {name: getattr(example, name) for name in Example.__slots__}
    return Example(**{**kept, "context": context})


def _chat_text(example: Example, tokenizer: Any) -> str:
    messages = [_message(turn) for turn in (*example.context, Turn(role="user", content=example.question))]
    tools = json.loads(example.tools) if example.tools else None
    try:
        text: str = tokenizer.apply_chat_template(messages, tools=tools, tokenize=False, add_generation_prompt=True)
    except TemplateError as error:
        raise InputError(
            f"pair {example.id}: the base model's chat template refuses its turns ({error}). "
            "Leave out its earlier turns in tamiz review, or choose another base"
        ) from None
    return text


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = json.loads(turn.tool_calls)
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message
