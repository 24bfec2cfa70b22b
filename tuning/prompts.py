"""A pair as tokens: the model's own chat template, or a plain one in the pair's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tamiz.errors import InputError
from tamiz.records import Turn
from tuning.data import Example
from tuning.turns import Rendered, chat_dialogue, chat_prompt, plain_dialogue, plain_prompt

__all__ = ["Encoded", "encode_pair", "encode_prompt", "prompt_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A pair as token ids, and which of them are learnt.

    `learnt` has one value a token; without it ids[answer_start:] are learnt. `cut` says that the pair
    was too long, `unplaced` how many earlier turns of the assistant the chat template hides.
    For a classifier the ids are the question's, and `label` is the number of its label.
    """

    ids: tuple[int, ...]
    answer_start: int = 0
    cut: bool = False
    label: int = -1
    learnt: tuple[bool, ...] = ()
    unplaced: int = 0

    @property
    def mask(self) -> tuple[bool, ...]:
        """One value a token: whether it is learnt."""
        return self.learnt or tuple(place >= self.answer_start for place in range(len(self.ids)))

    @property
    def counted(self) -> int:
        """How many terms the loss has: tokens that are foretold (the first never is), or one label."""
        return 1 if self.label >= 0 else sum(self.mask[1:])


def prompt_text(example: Example, tokenizer: Any) -> str:
    """Everything up to the answer, as the model will see it.

    A plain prompt ends in "Answer:"; the space after it belongs to the answer's first token, which is
    how models have met it in ordinary text.
    """
    return chat_prompt(example, tokenizer) if tokenizer.chat_template else plain_prompt(example)


def encode_pair(
    example: Example, tokenizer: Any, *, max_tokens: int, more_room: str = "raise [tuning] max_tokens"
) -> Encoded:
    """The dialogue with its answer, its end of turn and end-of-sequence, at most `max_tokens` long.

    Learnt are the answer and every earlier turn of the assistant, its tool calls too; never what user,
    system and tools say. When it is too long the oldest turns go first, then the end of the answer; a cut
    answer has no end-of-sequence, for the model must not learn to stop there. InputError if no answer
    token is left; `more_room` says what can be done about that beside shortening the question.
    """
    for context in _shorter_contexts(example.context):
        rendered = _rendered(_with_context(example, context), tokenizer)
        ids, learnt, start = _tokens_and_mask(rendered, tokenizer)
        if len(ids) <= max_tokens:
            break
    if start >= min(len(ids), max_tokens) or not any(learnt[1:max_tokens]):
        raise InputError(
            f"pair {example.id}: the question alone fills {max_tokens} tokens, so nothing of the answer could be "
            f"learnt. Shorten it in tamiz review, or {more_room}"
        )
    return Encoded(
        ids=tuple(ids[:max_tokens]),
        answer_start=start,
        cut=context != example.context or len(ids) > max_tokens,
        learnt=tuple(learnt[:max_tokens]),
        unplaced=rendered.unplaced,
    )


def encode_prompt(example: Example, tokenizer: Any, *, max_tokens: int) -> list[int]:
    """The prompt's token ids for generation; when too long its oldest turns, then its start, are left out."""
    for context in _shorter_contexts(example.context):
        ids = _tokens(prompt_text(_with_context(example, context), tokenizer), tokenizer)
        if len(ids) <= max_tokens:
            break
    return ids[-max_tokens:]


def _rendered(example: Example, tokenizer: Any) -> Rendered:
    return chat_dialogue(example, tokenizer) if tokenizer.chat_template else plain_dialogue(example)


def _tokens_and_mask(rendered: Rendered, tokenizer: Any) -> tuple[list[int], list[bool], int]:
    """Token ids with an end-of-sequence, which of them are learnt, and where the answer begins."""
    ids = _tokens(rendered.text, tokenizer)
    learnt, start = [False] * len(ids), 0
    for first, last in rendered.spans:
        start = _common_prefix(_tokens(rendered.text[:first], tokenizer), ids)
        whole = last == len(rendered.text)
        end = len(ids) if whole else _common_prefix(_tokens(rendered.text[:last], tokenizer), ids)
        learnt[start:end] = [True] * (end - start)
    if ids[-1] != tokenizer.eos_token_id:  # a template's own end of turn may be the end-of-sequence
        ids, learnt = [*ids, tokenizer.eos_token_id], [*learnt, True]
    return ids, learnt, start


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


def _shorter_contexts(context: tuple[Turn, ...]) -> Iterator[tuple[Turn, ...]]:
    """The context, then without its oldest exchanges one by one, then none.

    System turns at its start stay as long as anything stays, and what is left begins with the user:
    chat templates refuse a dialogue that the assistant or a tool opens.
    """
    yield context
    system = context[: next((n for n, turn in enumerate(context) if turn.role != "system"), len(context))]
    for first in range(len(system) + 1, len(context)):
        if context[first].role == "user":
            yield system + context[first:]
    if system and len(context) > len(system):
        yield system
    if context:
        yield ()


def _with_context(example: Example, context: tuple[Turn, ...]) -> Example:
    if context == example.context:
        return example
    kept = {name: getattr(example, name) for name in Example.__slots__}
    return Example(**{**kept, "context": context})
