"""What was measured, as figures with intervals: everything that the verdict and the report rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tuning.data import Example
from tuning.report.intervals import Draws, Interval, difference, interval
from tuning.report.measures import ACCURACY, LOSS, MEASURES, PERPLEXITY, Measure, answer_rows, label_rows, macro_f1
from tuning.report.verdict import Verdict
from tuning.report.wrong import FluentWrong

__all__ = [
    "SIDES",
    "Compared",
    "Evidence",
    "Part",
    "compare_answers",
    "compare_labels",
    "compare_losses",
    "compare_refusals",
    "draws_of",
    "of_both",
    "parts_by",
    "total",
]

Array = npt.NDArray[np.float64]
Loss = tuple[float, int]  # summed nats of an answer, and its tokens

T = TypeVar("T")

SIDES = ("base", "tuned")
MOST_PARTS = 12  # labels that are told of one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure on two sides, and the change from the first to the second; None where it is not defined."""

    measure: str
    before: Interval | None
    after: Interval | None
    change: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some questions, measured on two sides. `groups` is how many of them are independent."""

    name: str
    title: str
    sides: tuple[str, str]
    rows: int
    groups: int
    measures: tuple[Compared, ...]

    def change(self, measure: str) -> Interval | None:
        return next((one.change for one in self.measures if one.measure == measure), None)

    @property
    def labels(self) -> bool:
        """Its questions were given labels, not answers."""
        return any(one.measure == ACCURACY.name for one in self.measures)

    def having(self, measures: tuple[Compared, ...]) -> Part:
        """The part with these measures first, in place of its own of the same names."""
        rest = tuple(one for one in self.measures if one.measure not in {mine.measure for mine in measures})
        return replace(self, measures=measures + rest)


def of_both(of: Callable[[str], T], sides: tuple[str, str] = SIDES) -> tuple[T, T]:
    """What `of` gives for the one side and for the other."""
    return of(sides[0]), of(sides[1])


def draws_of(examples: Sequence[Example], seed: int) -> Draws:
    """Questions of one group are drawn together; one without a group stands for itself."""
    return Draws.of([example.group or f"pair {example.id} {n}" for n, example in enumerate(examples)], seed=seed)


def compare_answers(
    before: Sequence[str], after: Sequence[str], truth: Sequence[str], draws: Draws
) -> tuple[Compared, ...]:
    """All measures of answers, from the one side to the other."""
    first, second = answer_rows(before, truth), answer_rows(after, truth)
    return tuple(_compared(MEASURES[name], first[name], second[name], draws) for name in first)


def compare_refusals(before: Sequence[bool], after: Sequence[bool], draws: Draws) -> tuple[Compared, ...]:
    """The share refused of questions that have no answer."""
    first, second = (np.asarray([[float(said), 1.0] for said in side]).reshape(-1, 2) for side in (before, after))
    return (_compared(MEASURES["refused"], first, second, draws),)


def compare_losses(
    before: Sequence[Loss], after: Sequence[Loss], draws: Draws, *, labels: bool = False
) -> tuple[Compared, ...]:
    """Loss and perplexity of the true answers; of `labels`, which are no words, the loss alone."""
    first, second = (np.asarray(side, dtype=np.float64).reshape(-1, 2) for side in (before, after))
    measures = (LOSS,) if labels else (LOSS, PERPLEXITY)
    return tuple(_compared(measure, first, second, draws) for measure in measures)


def compare_labels(
    before: Sequence[str], after: Sequence[str], truth: Sequence[str], draws: Draws
) -> tuple[Compared, ...]:
    """Accuracy and macro F1."""
    first, second = label_rows(before, truth), label_rows(after, truth)
    measures = {"accuracy": MEASURES["accuracy"], "macro_f1": macro_f1()}
    return tuple(_compared(measure, first[name], second[name], draws) for name, measure in measures.items())


def total(measure: str, rows: Array) -> float | None:
    """A measure's figure over all rows, without an interval."""
    value = MEASURES[measure].value(rows.sum(axis=0, keepdims=True))
    return float(value[0]) if len(rows) and np.isfinite(value[0]) else None


def parts_by(
    examples: Sequence[Example],
    of: Callable[[Example], str],
    make: Callable[[str, list[int]], Part],
) -> tuple[list[Part], str]:
    """A part for each value that `of` gives, the most common first, and what was left out of them."""
    counts = Counter(of(example) for example in examples)
    if len(counts) < 2:
        return [], ""
    shown = [value for value, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_PARTS]]
    parts = [make(value, [n for n, example in enumerate(examples) if of(example) == value]) for value in shown]
    rest = len(counts) - len(shown)
    left = f"{rest} rarer values with {sum(counts.values()) - sum(counts[v] for v in shown)} questions" if rest else ""
    return parts, left


def _compared(measure: Measure, first: Array, second: Array, draws: Draws) -> Compared:
    return Compared(
        measure=measure.name,
        before=interval(first, measure.value, draws),
        after=interval(second, measure.value, draws),
        change=difference(second, first, measure.value, draws),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a proof came to. `parts` are named test, mistyped, reworded, unanswerable, general, "lang es", "label x"
    and so on; `worst` are the answers farthest from their reference."""

    verdict: Verdict
    parts: tuple[Part, ...]
    worst: tuple[dict[str, Any], ...]
    wrong: FluentWrong | None = None
    left_out: tuple[str, ...] = field(default=())

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    def card(self) -> dict[str, Any]:
        """What a run card keeps of it."""
        test = self.part("test")
        changes = {one.measure: one.change for one in test.measures} if test else {}
        return {
            "verdict": self.verdict.outcome,
            "line": self.verdict.line,
            "recommended": self.verdict.recommended,
            "groups": test.groups if test else 0,
            "changes": {
                name: [round(end, 6) for end in (change.value, change.low, change.high)]
                for name, change in changes.items()
                if change is not None
            },
            "left_out": list(self.left_out),
        }
