"""Test questions and probes put to several models that answer: the same ones to each, within a bound of time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tamiz.errors import InputError
from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.data import Example
from tuning.evaluate import (
    AT_ONCE,
    Plan,
    answer_order,
    chosen_questions,
    generate_answers,
    most_new_tokens,
    plan_answers,
    shuffled_places,
)
from tuning.lessons import Lesson
from tuning.losses import Loss, losses_of
from tuning.prompts import Encoded, encode_pair
from tuning.report.probes import general_questions, mistyped, reworded, unanswerable, with_question

__all__ = ["Exam", "Probe"]

ANSWERED = ("mistyped", "reworded", "unanswerable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Questions beside the test split, with each model's answers and its losses of the true answers, where it has them.

    `origin` says which of the answered test questions each was made from.
    """

    questions: tuple[Example, ...]
    origin: tuple[int, ...] = ()
    answers: dict[str, list[str]] = field(default_factory=dict)
    losses: dict[str, list[Loss]] = field(default_factory=dict)


class Exam:
    """One sitting. The first model's pace decides how much every model is asked.

    Afterwards `chosen` are the questions that were answered, `answers` and `losses` (of the whole test split) are by
    model, and `left_out` says what was not asked.
    """

    def __init__(
        self, tokenizer: Any, lesson: Lesson, test: Sequence[Example], settings: TuningSettings, report: Job
    ) -> None:
        self._tokenizer, self._lesson, self._settings, self._report = tokenizer, lesson, settings, report
        self._limits = {
            "max_tokens": settings.max_tokens,
            "max_new_tokens": most_new_tokens(tokenizer, test, settings.max_new_tokens),
        }
        self.chosen = chosen_questions(test, settings.eval_answers, settings.seed)
        rest = len(test) - len(self.chosen)
        self.left_out = [f"{rest} of {len(test)} test questions: [tuning] eval_answers"] if rest else []
        self.answers: dict[str, list[str]] = {}
        self.losses: dict[str, list[Loss]] = {}
        self.probes: dict[str, Probe] = {}

    def sit(self, models: Sequence[tuple[str, Any]], probes: int, seconds: float | None) -> None:
        """Ask each model in turn; each of `models` is a name and a context that shows the model."""
        early: dict[str, str] = {}
        for number, (name, shown) in enumerate(models):
            with shown as model:
                if number == 0:
                    early = self._plan(model, probes, len(models), seconds)
                self.losses[name] = losses_of(model, self._lesson, self._lesson.test)
                self._ask(model, name, early)
                early = {}

    def _plan(self, model: Any, probes: int, models: int, seconds: float | None) -> dict[str, str]:
        """Answer one batch, see how long that takes, and settle what is asked; the answers by the question's place."""
        order = answer_order(self._tokenizer, self.chosen, self._settings.max_tokens)
        first = [self.chosen[place] for place in order[:AT_ONCE]]
        begun = time.monotonic()
        said = self._answers(model, first, {})
        pace = (time.monotonic() - begun) / len(first)
        places = shuffled_places(len(self.chosen), self._settings.seed)
        plan = plan_answers(
            pace, questions=len(places), probes=probes, kinds=len(ANSWERED), models=models, seconds=seconds
        )
        self.left_out += plan.left_out
        early = {_key(example): answer for example, answer in zip(first, said, strict=True)}
        self.chosen = [self.chosen[place] for place in sorted(places[: plan.questions])]
        if probes:
            self._make_probes(plan)
        return early

    def _make_probes(self, plan: Plan) -> None:
        """Probes for as many questions as there is time for, spread over all that were answered."""
        places = sorted(shuffled_places(len(self.chosen), self._settings.seed)[: plan.probes])
        typed = [(n, mistyped(self.chosen[n].question, seed=self._settings.seed)) for n in places]
        other = [(n, reworded(self.chosen[n].question, self.chosen[n].lang)) for n in places]
        for name, asked in (("mistyped", typed), ("reworded", other)):
            self._add(name, [(n, with_question(self.chosen[n], text)) for n, text in asked if text])
        silent = sum(text is None for _, text in other)
        if silent:
            self.left_out.append(f"{silent} questions were not reworded: there are no rules for their language")
        languages = [example.lang for example in self.chosen]
        self._add("unanswerable", list(enumerate(unanswerable(languages, plan.probes))))
        self._add("general", list(enumerate(general_questions())))

    def _add(self, name: str, asked: Sequence[tuple[int, Example]]) -> None:
        """A probe of the questions that fit into max_tokens with their answer."""
        fitting = [(n, example) for n, example in asked if not example.answer or self._encoded(example) is not None]
        if fitting:
            self.probes[name] = Probe(
                questions=tuple(example for _, example in fitting), origin=tuple(n for n, _ in fitting)
            )

    def _encoded(self, example: Example) -> Encoded | None:
        try:
            return encode_pair(example, self._tokenizer, max_tokens=self._settings.max_tokens)
        except InputError:  # a slip of the keyboard can make a long question one token too long
            return None

    def _ask(self, model: Any, name: str, early: dict[str, str]) -> None:
        """Let a model read the true answers to the probes, and answer all questions but those of general knowledge,
        of which a base that chats on would be no worse a model."""
        for probe in self.probes.values():
            encoded = [self._encoded(example) for example in probe.questions if example.answer]
            if encoded:
                probe.losses[name] = losses_of(model, self._lesson, [one for one in encoded if one is not None])
        # Not in one batch with the probes: how far a row is padded can tip a model between two words.
        self.answers[name] = self._answers(model, self.chosen, early)
        answered = [probe for kind, probe in self.probes.items() if kind != "general"]
        said = self._answers(model, [example for probe in answered for example in probe.questions], {})
        for probe in answered:
            probe.answers[name], said = said[: len(probe.questions)], said[len(probe.questions) :]

    def _answers(self, model: Any, questions: Sequence[Example], known: dict[str, str]) -> list[str]:
        missing = [example for example in questions if _key(example) not in known]
        made = generate_answers(model, self._tokenizer, missing, report=self._report, **self._limits)
        said = known | {_key(example): answer for example, answer in zip(missing, made, strict=True)}
        return [said[_key(example)] for example in questions]


def _key(example: Example) -> str:
    return f"{example.id} {example.question}"
