"""How good a model is on the test split: the loss of the true answers, and how near its own come to them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sacrebleu.metrics.chrf import CHRF

from tamiz.progress import Job
from tuning.answers import answer_batch
from tuning.data import Example
from tuning.prompts import encode_prompt

__all__ = ["answer_scores", "generate_answers", "loss_scores", "token_f1"]

AT_ONCE = 16  # questions answered together
WORD = re.compile(r"\w+")


def loss_scores(loss: float | None) -> dict[str, float]:
    """The loss of the true answers (nats a token, all tokens weighing the same) and its perplexity."""
    if loss is None:
        return {}
    return {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}  # exp(710) is beyond a float


def answer_scores(answers: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """chrF (0 to 100, sacrebleu's over all answers) and the mean token F1 (a share from 0 to 1).

    >>> answer_scores(["Pulsa Guardar."], ["Pulsa Guardar."])
    {'chrf': 100.0, 'token_f1': 1.0}
    """
    chrf = CHRF().corpus_score(list(answers), [list(truth)]).score
    f1 = [token_f1(answer, true) for answer, true in zip(answers, truth, strict=True)]
    return {"chrf": chrf, "token_f1": sum(f1) / len(f1)}


def token_f1(answer: str, truth: str) -> float:
    """Overlap of two texts' words, as in SQuAD: the harmonic mean of precision and recall.

    >>> token_f1("Abre Ajustes y pulsa Guardar", "Pulsa Guardar")
    0.5714285714285714
    """
    said, wanted = Counter(WORD.findall(answer.casefold())), Counter(WORD.findall(truth.casefold()))
    both = (said & wanted).total()
    return 2 * both / (said.total() + wanted.total()) if both else 0.0


def generate_answers(
    model: Any, tokenizer: Any, examples: Sequence[Example], *, max_tokens: int, max_new_tokens: int, report: Job
) -> list[str]:
    """The model's own answers, in the questions' order; questions of like length are answered together."""
    model.eval()
    prompts = [encode_prompt(example, tokenizer, max_tokens=max_tokens) for example in examples]
    order = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
    answers = [""] * len(prompts)
    for first in range(0, len(order), AT_ONCE):
        some = order[first : first + AT_ONCE]
        made = answer_batch(model, tokenizer, [prompts[index] for index in some], max_new_tokens=max_new_tokens)
        for index, answer in zip(some, made, strict=True):
            answers[index] = answer
        report.update(first + len(some), len(order), note="answering")
    return answers
