"""The proof: base and adapter on the same test questions, in numbers and side by side."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.classify import classification_scores, encode_questions, predict_labels
from tuning.data import Example
from tuning.evaluate import answer_scores, base_of, generate_answers, loss_scores
from tuning.loop import Lesson, mean_loss
from tuning.prompts import Encoded, encode_pair

__all__ = ["Proof", "chosen_questions", "prove_answers", "prove_labels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Metrics by model ("base", "tuned"), and answers side by side (id, lang, url, question, truth, base, tuned)."""

    results: dict[str, dict[str, float]]
    samples: tuple[dict[str, str], ...]


def chosen_questions(test: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most `count` test questions, the same ones for every model."""
    if len(test) <= count:
        return list(test)
    places = sorted(random.Random(seed).sample(range(len(test)), count))  # noqa: S311  a choice, no secret
    return [test[place] for place in places]


def prove_answers(
    model: Any, tokenizer: Any, lesson: Lesson, test: Sequence[Example], settings: TuningSettings, report: Job
) -> Proof:
    """Loss on all test answers; chrF and token F1 on those of the chosen questions."""
    encoded = [encode_pair(example, tokenizer, max_tokens=settings.max_tokens) for example in test]
    chosen = chosen_questions(test, settings.eval_answers, settings.seed)
    truth = [example.answer for example in chosen]

    def judged(one: Any) -> tuple[dict[str, float], list[str]]:
        loss = mean_loss(lesson, encoded, one, settings.batch_size)
        answers = generate_answers(
            one,
            tokenizer,
            chosen,
            max_tokens=settings.max_tokens,
            max_new_tokens=settings.max_new_tokens,
            report=report,
        )
        count = {"pairs": float(len(test)), "answered": float(len(chosen))}
        return {**loss_scores(loss), **answer_scores(answers, truth), **count}, answers

    with base_of(model) as base:
        before, base_answers = judged(base)
    after, tuned_answers = judged(model)
    samples = _side_by_side(chosen, truth, base_answers, tuned_answers, settings.samples)
    return Proof(results={"base": before, "tuned": after}, samples=samples)


def prove_labels(
    model: Any,
    tokenizer: Any,
    lesson: Lesson,
    test: Sequence[Example],
    labels: Sequence[str],
    settings: TuningSettings,
    report: Job,
) -> Proof:
    """Accuracy and macro F1 on the labelled test questions.

    A label that training never saw counts as wrong, and how many there were stands in `unknown_labels`.
    "base" is the encoder with its untrained head; "majority" always says training's most common label.
    """
    labelled = [example for example in test if example.label]
    truth = [example.label for example in labelled]
    # An unknown label has no number; the encoded question only has to be read, so it borrows the first.
    questions = [Example(id=e.id, question=e.question, answer="", lang=e.lang, label=labels[0]) for e in labelled]
    encoded = encode_questions(questions, labels, tokenizer, max_tokens=settings.max_tokens)
    report.update(0, len(encoded), note="labelling")
    with base_of(model) as base:
        base_labels = predict_labels(base, encoded, labels, lesson.collate)
    tuned_labels = predict_labels(model, encoded, labels, lesson.collate)
    common = Counter(pair.label for pair in lesson.train).most_common(1)[0][0]
    unknown = float(sum(label not in labels for label in truth))
    count = {"pairs": float(len(truth)), "unknown_labels": unknown, "unlabelled": float(len(test) - len(truth))}
    results = {
        "base": classification_scores(truth, base_labels) | count,
        "tuned": classification_scores(truth, tuned_labels) | count,
        "majority": classification_scores(truth, [labels[common]] * len(truth)) | count,
    }
    known = [n for n, label in enumerate(truth) if label in labels]
    numbers = {label: n for n, label in enumerate(labels)}
    loss = mean_loss(lesson, _numbered(encoded, truth, known, numbers), model, settings.batch_size)
    results["tuned"] |= loss_scores(loss)
    samples = _side_by_side(labelled, truth, base_labels, tuned_labels, settings.samples)
    return Proof(results=results, samples=samples)


def _numbered(
    encoded: Sequence[Encoded], truth: Sequence[str], known: Sequence[int], numbers: dict[str, int]
) -> list[Encoded]:
    return [Encoded(ids=encoded[n].ids, label=numbers[truth[n]]) for n in known]


def _side_by_side(
    examples: Sequence[Example], truth: Sequence[str], base: Sequence[str], tuned: Sequence[str], count: int
) -> tuple[dict[str, str], ...]:
    rows = zip(examples, truth, base, tuned, strict=True)
    return tuple(
        {
            "id": example.id,
            "lang": example.lang,
            "url": example.url,
            "question": example.question,
            "truth": true,
            "base": before,
            "tuned": after,
        }
        for example, true, before, after in list(rows)[:count]
    )
