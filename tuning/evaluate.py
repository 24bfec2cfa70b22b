"""The models' own answers to questions: in batches, within a bound of time, the same questions for every model."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tamiz.progress import Job
from tuning.answers import answer_batch
from tuning.data import Example
from tuning.positions import positions_of
from tuning.prompts import encode_prompt

__all__ = [
    "AT_ONCE",
    "Plan",
    "answer_order",
    "chosen_questions",
    "generate_answers",
    "loss_scores",
    "most_new_tokens",
    "plan_answers",
    "shuffled_places",
]

AT_ONCE = 16  # questions answered together
LEAST_PROBES = 4  # of one kind; fewer say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many of the test questions and of each kind of probe there is time for, and what that leaves out."""

    questions: int
    probes: int
    left_out: tuple[str, ...] = ()


def plan_answers(pace: float, *, questions: int, probes: int, kinds: int, models: int, seconds: float | None) -> Plan:
    """What fits into `seconds`, at `pace` seconds an answer of one model.

    Test questions go first, and one batch of them is always answered; probes have what is left, each kind as many.

    >>> plan_answers(1.0, questions=40, probes=12, kinds=3, models=2, seconds=100.0).questions
    40
    >>> plan_answers(1.0, questions=40, probes=12, kinds=3, models=2, seconds=100.0).left_out
    ('all but 0 of 12 probes of each kind: answering them would take longer than 100 s',)
    """
    if seconds is None:
        return Plan(questions=questions, probes=probes)
    fits = math.floor(seconds / max(pace, 1e-9) / models)
    answered = min(questions, max(AT_ONCE, fits))
    room = max(0, fits - answered) // max(1, kinds)
    tried = min(probes, room) if room >= LEAST_PROBES else 0
    left, longer = [], f"answering them would take longer than {seconds:.0f} s"
    if answered < questions:
        left.append(f"{questions - answered} of {questions} test questions: {longer}")
    if tried < probes:
        left.append(f"all but {tried} of {probes} probes of each kind: {longer}")
    return Plan(questions=answered, probes=tried, left_out=tuple(left))


def loss_scores(loss: float | None) -> dict[str, float]:
    """The loss of the true answers (nats a token, all tokens weighing the same) and its perplexity."""
    if loss is None:
        return {}
    return {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}  # exp(710) is beyond a float


def most_new_tokens(tokenizer: Any, test: Sequence[Example], limit: int) -> int:
    """How long an answer may get: the limit, or about twice the longest true answer where that is less.

    A model that has not come to an end by then will not be right by going on.
    """
    longest = max((len(tokenizer(example.answer, verbose=False)["input_ids"]) for example in test), default=limit)
    return min(limit, 2 * longest + 8)


def chosen_questions(test: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most `count` test questions, the same ones for every model."""
    if len(test) <= count:
        return list(test)
    places = sorted(random.Random(seed).sample(range(len(test)), count))  # noqa: S311  a choice, no secret
    return [test[place] for place in places]


def shuffled_places(count: int, seed: int) -> list[int]:
    """0 to count - 1 in an order that the seed fixes: its first ones are a sample of all."""
    order = list(range(count))
    random.Random(f"places {seed}").shuffle(order)  # noqa: S311  an order, no secret
    return order


def answer_order(tokenizer: Any, examples: Sequence[Example], max_tokens: int) -> list[int]:
    """The places of questions in the order in which they are answered, AT_ONCE together."""
    return in_order([encode_prompt(example, tokenizer, max_tokens=max_tokens) for example in examples])


def in_order(prompts: Sequence[Sequence[int]]) -> list[int]:
    """The longest first: the most memory is asked for at once."""
    return sorted(range(len(prompts)), key=lambda place: -len(prompts[place]))


def generate_answers(
    model: Any, tokenizer: Any, examples: Sequence[Example], *, max_tokens: int, max_new_tokens: int, report: Job
) -> list[str]:
    """The model's own answers, in the questions' order; questions of like length are answered together."""
    model.eval()
    max_tokens = max(1, min(max_tokens, positions_of(model) - max_new_tokens))
    prompts = [encode_prompt(example, tokenizer, max_tokens=max_tokens) for example in examples]
    order = in_order(prompts)
    answers = [""] * len(prompts)
    for first in range(0, len(order), AT_ONCE):
        some = order[first : first + AT_ONCE]
        made = answer_batch(model, tokenizer, [prompts[index] for index in some], max_new_tokens=max_new_tokens)
        for index, answer in zip(some, made, strict=True):
            answers[index] = answer
        report.update(first + len(some), len(order), note="answering")
    return answers
