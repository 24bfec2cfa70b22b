"""The proof: base and adapter on the same test questions, and on probes made from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.classify import classification_scores, encode_question, predict_labels
from tuning.data import Example
from tuning.evaluate import loss_scores
from tuning.exam import Exam, Probe
from tuning.lessons import Lesson
from tuning.losses import Loss, losses_of
from tuning.prompts import Encoded
from tuning.report.evidence import total
from tuning.report.measures import answer_rows
from tuning.report.probes import mistyped, reworded, with_question

__all__ = ["Proof", "base_of", "prove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Metrics and answers by model ("base", "tuned"; "majority" has metrics and labels) on the same questions.

    `losses` are by model those of the true answers to `tested`: the whole test split, or what of it has a known label.
    """

    questions: tuple[Example, ...]
    truth: tuple[str, ...]
    results: dict[str, dict[str, float]]
    answers: dict[str, list[str]]
    tested: tuple[Example, ...] = ()
    losses: dict[str, list[Loss]] = field(default_factory=dict)
    probes: dict[str, Probe] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def samples(self, count: int) -> tuple[dict[str, str], ...]:
        """The first questions with the truth and each model's answer."""
        rows = []
        for place, example in enumerate(self.questions[:count]):
            said = {model: texts[place] for model, texts in self.answers.items() if model != "majority"}
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
    probes: int = 0,
    seconds: float | None = None,
) -> Proof:
    """Judge the adapter, and its base first, on the test split, as the settings' task asks.

    `probes` is how many questions of each kind are put beside it. Answering takes about `seconds`, both models
    together; what there is no time for is told in `left_out`.
    """
    if settings.task == "classify":
        sorting = _Sorting(tokenizer, lesson, test, labels, settings)
        return sorting.prove(_models(model, with_base), probes)
    exam = Exam(tokenizer, lesson, test, settings, report)
    exam.sit(_models(model, with_base), probes, seconds)
    truth = tuple(example.answer for example in exam.chosen)
    counts = {"pairs": float(len(test)), "answered": float(len(truth))}
    results = {
        name: {**_mean_loss(exam.losses[name]), **_answer_scores(answers, truth), **counts}
        for name, answers in exam.answers.items()
    }
    return Proof(
        questions=tuple(exam.chosen),
        truth=truth,
        results=results,
        answers=exam.answers,
        tested=tuple(test),
        losses=exam.losses,
        probes=exam.probes,
        left_out=tuple(exam.left_out),
    )


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


def _mean_loss(losses: Sequence[Loss]) -> dict[str, float]:
    """The loss over all tokens of the true answers, and its perplexity."""
    count = sum(counted for _, counted in losses)
    return loss_scores(sum(loss for loss, _ in losses) / count if count else None)


def _answer_scores(answers: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """The measures of answers over all questions; one that is not defined here (no numbers, say) is left out."""
    found = {name: total(name, rows) for name, rows in answer_rows(answers, truth).items()}
    return {name: value for name, value in found.items() if value is not None}


class _Sorting:
    """Accuracy and macro F1 on the labelled test questions.

    A label that training never saw counts as wrong, and `unknown_labels` says how many there were.
    "base" is the encoder under an untrained head; "majority" always says training's most common label.
    """

    def __init__(
        self,
        tokenizer: Any,
        lesson: Lesson,
        test: Sequence[Example],
        labels: Sequence[str],
        settings: TuningSettings,
    ) -> None:
        self._tokenizer, self._lesson, self._labels, self._settings = tokenizer, lesson, labels, settings
        self._labelled = [example for example in test if example.label]
        self._truth = [example.label for example in self._labelled]
        unknown = float(sum(label not in labels for label in self._truth))
        self._counts = {
            "pairs": float(len(self._truth)),
            "unknown_labels": unknown,
            "unlabelled": float(len(test) - len(self._truth)),
        }

    def prove(self, models: Sequence[tuple[str, Any]], most: int) -> Proof:
        results: dict[str, dict[str, float]] = {}
        answers: dict[str, list[str]] = {}
        losses: dict[str, list[Loss]] = {}
        probes = self._probes() if most else {}
        for name, one in models:
            with one as judged:
                answers[name] = self._said(judged, self._labelled)
                losses[name] = losses_of(judged, self._lesson, self._lesson.test)
                for probe in probes.values():
                    probe.answers[name] = self._said(judged, probe.questions)
            scores = classification_scores(self._truth, answers[name])
            loss = {key: value for key, value in _mean_loss(losses[name]).items() if key == "loss"}
            results[name] = {**scores, **loss, **self._counts}  # a perplexity is of words, not of labels
        seen = Counter(pair.label for pair in self._lesson.train).most_common(1)
        if len(models) > 1 and seen:
            answers["majority"] = [self._labels[seen[0][0]]] * len(self._truth)
            results["majority"] = {**classification_scores(self._truth, answers["majority"]), **self._counts}
        return Proof(
            questions=tuple(self._labelled),
            truth=tuple(self._truth),
            results=results,
            answers=answers,
            tested=tuple(example for example in self._labelled if example.label in self._labels),
            losses=losses,
            probes=probes,
        )

    def _said(self, model: Any, questions: Sequence[Example]) -> list[str]:
        limit = self._settings.max_tokens
        ids = [encode_question(example.question, self._tokenizer, max_tokens=limit)[0] for example in questions]
        encoded = [Encoded(ids=tuple(question)) for question in ids]
        return predict_labels(model, encoded, self._labels, self._lesson.collate)

    def _probes(self) -> dict[str, Probe]:
        """Every labelled question mistyped, and reworded where there are rules for its language: labels are cheap."""
        typed = [mistyped(example.question, seed=self._settings.seed) for example in self._labelled]
        other = [reworded(example.question, example.lang) for example in self._labelled]
        found = {}
        for name, asked in (("mistyped", typed), ("reworded", other)):
            places = [n for n, text in enumerate(asked) if text]
            questions = tuple(with_question(self._labelled[n], str(asked[n])) for n in places)
            if questions:
                found[name] = Probe(questions=questions, origin=tuple(places))
        return found
