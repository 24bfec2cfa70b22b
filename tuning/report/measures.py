"""The measures of a proof: what each counts in one answer, and how the counts of many become a figure.

Every figure is a function of sums over the questions, so that any draw of questions has its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from sacrebleu.metrics.helpers import extract_all_char_ngrams

from tuning.report.texts import numbers, refuses, rouge_l, words

__all__ = [
    "ACCURACY",
    "ANSWER_MEASURES",
    "LABEL_LOSS",
    "LOSS",
    "MEASURES",
    "PERPLEXITY",
    "REFUSED",
    "Measure",
    "answer_rows",
    "chrf_counts",
    "label_rows",
    "macro_f1",
    "token_f1",
]

Array = npt.NDArray[np.float64]
Better = Literal["lower", "higher", "1"]

ORDERS = 6  # of chrF's n-grams of characters
BETA = 2.0  # how much more its recall weighs


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure. `value` makes (draws, statistics) sums into (draws,) figures; `better` is "1" for a ratio."""

    name: str
    title: str
    form: str
    better: Better
    value: Callable[[Array], Array]

    @property
    def way(self) -> str:
        return "close to 1 is better" if self.better == "1" else f"{self.better} is better"


def token_f1(answer: str, truth: str) -> float:
    """Overlap of two texts' words, as in SQuAD: the harmonic mean of precision and recall.

    >>> token_f1("Abre Ajustes y pulsa Guardar", "Pulsa Guardar")
    0.5714285714285714
    """
    said, wanted = Counter(words(answer)), Counter(words(truth))
    both = (said & wanted).total()
    return 2 * both / (said.total() + wanted.total()) if both else 0.0


def chrf_counts(answer: str, truth: str) -> list[float]:
    """For n-grams of 1 to 6 characters, white space apart: how many the answer has, the truth has, and both have."""
    counts: list[float] = []
    said, wanted = extract_all_char_ngrams(answer, ORDERS), extract_all_char_ngrams(truth, ORDERS)
    for one, other in zip(said, wanted, strict=True):
        # As sacrebleu: where the truth is too short for n-grams of this length, those of the answer do not count.
        counts += [one.total() if other else 0, other.total(), (one & other).total()]
    return counts


def _chrf(sums: Array) -> Array:
    """chrF (0 to 100) as sacrebleu has it: precision and recall are averaged over the orders that both sides have."""
    counts = sums.reshape(len(sums), ORDERS, 3)
    said, wanted, both = counts[:, :, 0], counts[:, :, 1], counts[:, :, 2]
    there = (said > 0) & (wanted > 0)
    orders = np.maximum(there.sum(axis=1), 1)
    precision = np.where(there, both / np.maximum(said, 1), 0).sum(axis=1) / orders
    recall = np.where(there, both / np.maximum(wanted, 1), 0).sum(axis=1) / orders
    below = BETA**2 * precision + recall
    scores: Array = 100 * (1 + BETA**2) * precision * recall / np.where(below > 0, below, 1)
    return scores


def _ratio(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[:, 0] / sums[:, 1]


def _perplexity(sums: Array) -> Array:
    return np.exp(np.minimum(_ratio(sums), 700.0))  # exp(710) is beyond a float


LOSS = Measure(name="loss", title="loss (nats a token)", form=".3f", better="lower", value=_ratio)
LABEL_LOSS = replace(LOSS, title="loss (nats a question)")
PERPLEXITY = Measure(name="perplexity", title="perplexity", form=".2f", better="lower", value=_perplexity)
ACCURACY = Measure(name="accuracy", title="accuracy", form=".3f", better="higher", value=_ratio)
REFUSED = Measure(name="refused", title="refused", form=".0%", better="higher", value=_ratio)
ANSWER_MEASURES = (
    Measure(name="chrf", title="chrF (0 to 100)", form=".1f", better="higher", value=_chrf),
    Measure(name="rouge_l", title="ROUGE-L (0 to 1)", form=".3f", better="higher", value=_ratio),
    Measure(name="token_f1", title="token F1 (0 to 1)", form=".3f", better="higher", value=_ratio),
    Measure(name="numbers_kept", title="exact numbers kept", form=".0%", better="higher", value=_ratio),
    Measure(name="length", title="length (over the reference)", form=".2f", better="1", value=_ratio),
    Measure(name="refused_wrongly", title="refused wrongly", form=".0%", better="lower", value=_ratio),
)
MEASURES: Mapping[str, Measure] = {one.name: one for one in (LOSS, PERPLEXITY, ACCURACY, REFUSED, *ANSWER_MEASURES)}


def answer_rows(answers: Sequence[str], truth: Sequence[str]) -> dict[str, Array]:
    """The statistics of each measure, one row an answer."""
    pairs = list(zip(answers, truth, strict=True))
    wanted = [numbers(true) for true in truth]
    rows: dict[str, list[Sequence[float]]] = {
        "chrf": [chrf_counts(said, true) for said, true in pairs],
        "rouge_l": [(rouge_l(said, true), 1) for said, true in pairs],
        "token_f1": [(token_f1(said, true), 1) for said, true in pairs],
        "numbers_kept": [(len(numbers(said) & those), len(those)) for said, those in zip(answers, wanted, strict=True)],
        "length": [(len(words(said)), len(words(true))) for said, true in pairs],
        "refused_wrongly": [(refuses(said), 1) if not refuses(true) else (0, 0) for said, true in pairs],
    }
    return {name: np.asarray(many, dtype=np.float64).reshape(len(pairs), -1) for name, many in rows.items()}


def label_rows(predicted: Sequence[str], truth: Sequence[str]) -> dict[str, Array]:
    """Accuracy's and macro F1's statistics, one row a question: right and 1; right, there, guessed for each label."""
    labels = sorted(set(truth))
    right = np.asarray([[float(p == t), 1.0] for p, t in zip(predicted, truth, strict=True)]).reshape(-1, 2)
    spread = np.zeros((len(truth), len(labels), 3))
    for row, (said, true) in enumerate(zip(predicted, truth, strict=True)):
        spread[row, labels.index(true), 1] = 1
        if said in labels:
            spread[row, labels.index(said), 2] = 1
        if said == true:
            spread[row, labels.index(true), 0] = 1
    return {"accuracy": right, "macro_f1": spread.reshape(len(truth), -1)}


def macro_f1() -> Measure:
    """The mean F1 over the labels that a draw of questions has."""

    def value(sums: Array) -> Array:
        counts = sums.reshape(len(sums), -1, 3)
        there = counts[:, :, 1] > 0
        below = np.maximum(counts[:, :, 1] + counts[:, :, 2], 1)
        f1 = np.where(there, 2 * counts[:, :, 0] / below, 0)
        means: Array = f1.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        return means

    return Measure(name="macro_f1", title="macro F1 (0 to 1)", form=".3f", better="higher", value=value)
