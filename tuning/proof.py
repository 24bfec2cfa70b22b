"""The proof: base and adapter on the same test questions, in numbers and side by side."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.classify import classification_scores, encode_question, predict_labels
from tuning.data import Example
from tuning.evaluate import answer_scores, generate_answers, loss_scores
from tuning.lessons import Lesson, mean_loss
from tuning.prompts import Encoded

__all__ = ["Proof", "base_of", "chosen_questions", "prove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Metrics and answers by model ("base", "tuned"; "majority" has metrics alone) on the same questions."""

    questions: tuple[Example, ...]
    truth: tuple[str, ...]
    results: dict[str, dict[str, float]]
    answers: dict[str, list[str]]

    def samples(self, count: int) -> tuple[dict[str, str], ...]:
        """The first questions with the truth and each model's answer."""
        rows = []
        for place, example in enumerate(self.questions[:count]):
            said = {model: texts[place] for model, texts in self.answers.items()}
            where = {"id": example.id, "lang": example.lang, "url": example.url}
            rows.append({**where, "question": example.question, "truth": self.truth[place], **said})
        return tuple(rows)


def prove(
    model: Any,
    tokenizer: Any,
    lesson: Lesson,
    test: Sequence[Example],
    labels: Sequence[str],
    settings: TuningSettings,
    report: Job,
    *,
    with_base: bool = True,
) -> Proof:
    """Judge the adapter, and its base first, on the test split, as the settings' task asks."""
    if settings.task == "classify":
        return _prove_labels(model, tokenizer, lesson, test, labels, settings, with_base=with_base)
    chosen = chosen_questions(test, settings.eval_answers, settings.seed)
    results, answers = {}, {}
    for name, one in _models(model, with_base):
        with one as judged:
            results[name], answers[name] = _judge_answers(judged, tokenizer, lesson, chosen, settings, report)
    truth = tuple(example.answer for example in chosen)
    return Proof(questions=tuple(chosen), truth=truth, results=results, answers=answers)


def chosen_questions(test: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most `count` test questions, the same ones for every model."""
    if len(test) <= count:
        return list(test)
    places = sorted(random.Random(seed).sample(range(len(test)), count))  # noqa: S311  a choice, no secret
    return [test[place] for place in places]


@contextmanager
def base_of(model: Any) -> Iterator[Any]:
    """The base model inside an adapted one, for as long as the block lasts."""
    with model.disable_adapter():
        yield model


@contextmanager
def _itself(model: Any) -> Iterator[Any]:
    yield model


def _models(model: Any, with_base: bool) -> list[tuple[str, Any]]:
    tuned = ("tuned", _itself(model))
    return [("base", base_of(model)), tuned] if with_base else [tuned]


def _judge_answers(
    model: Any, tokenizer: Any, lesson: Lesson, chosen: Sequence[Example], settings: TuningSettings, report: Job
) -> tuple[dict[str, float], list[str]]:
    """Loss on all test answers; chrF and token F1 on the answers to the chosen questions."""
    loss = mean_loss(lesson, lesson.test, model, settings.batch_size)
    limits = {"max_tokens": settings.max_tokens, "max_new_tokens": settings.max_new_tokens}
    answers = generate_answers(model, tokenizer, chosen, report=report, **limits)
    count = {"pairs": float(len(lesson.test)), "answered": float(len(chosen))}
    return {**loss_scores(loss), **answer_scores(answers, [e.answer for e in chosen]), **count}, answers


def _prove_labels(
    model: Any,
    tokenizer: Any,
    lesson: Lesson,
    test: Sequence[Example],
    labels: Sequence[str],
    settings: TuningSettings,
    *,
    with_base: bool,
) -> Proof:
    """Accuracy and macro F1 on the labelled test questions.

    A label that training never saw counts as wrong, and `unknown_labels` says how many there were.
    "base" is the encoder under an untrained head; "majority" always says training's most common label.
    """
    labelled = [example for example in test if example.label]
    truth = [example.label for example in labelled]
    ids = [encode_question(example.question, tokenizer, max_tokens=settings.max_tokens)[0] for example in labelled]
    encoded = [Encoded(ids=tuple(question)) for question in ids]
    unknown = float(sum(label not in labels for label in truth))
    count = {"pairs": float(len(truth)), "unknown_labels": unknown, "unlabelled": float(len(test) - len(truth))}
    results, answers = {}, {}
    for name, one in _models(model, with_base):
        with one as judged:
            answers[name] = predict_labels(judged, encoded, labels, lesson.collate)
            loss = loss_scores(mean_loss(lesson, lesson.test, judged, settings.batch_size))
            results[name] = {**classification_scores(truth, answers[name]), **loss, **count}
    seen = Counter(pair.label for pair in lesson.train).most_common(1)
    if with_base and seen:
        results["majority"] = {**classification_scores(truth, [labels[seen[0][0]]] * len(truth)), **count}
    return Proof(questions=tuple(labelled), truth=tuple(truth), results=results, answers=answers)
