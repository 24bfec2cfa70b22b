"""The classifier: a question in, its label out, and what accuracy and macro F1 say about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tuning.batches import Batch, in_length_order, pad_right
from tuning.data import Example
from tuning.prompts import Encoded

__all__ = [
    "LabelLoss",
    "classification_scores",
    "encode_question",
    "encode_questions",
    "label_collate",
    "predict_labels",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLoss:
    """Calls to it give a batch's summed cross-entropy over its labels and their number."""

    model: Any

    def __call__(self, batch: Batch) -> tuple[Tensor, int]:
        scores = self.model(input_ids=batch.input_ids, attention_mask=batch.attention).logits
        return nn.functional.cross_entropy(scores.float(), batch.labels, reduction="sum"), len(batch.labels)

    @torch.no_grad()
    def of_rows(self, batch: Batch) -> Tensor:
        """The loss of each question, (batch,) float32."""
        scores = self.model(input_ids=batch.input_ids, attention_mask=batch.attention).logits
        return nn.functional.cross_entropy(scores.float(), batch.labels, reduction="none")


def encode_question(text: str, tokenizer: Any, *, max_tokens: int) -> tuple[list[int], bool]:
    """The question's token ids as the encoder wants them, and whether it was too long and cut."""
    limit = min(max_tokens, int(tokenizer.model_max_length))
    ids: list[int] = tokenizer(text, truncation=True, max_length=limit)["input_ids"]
    return ids, len(ids) == limit and len(tokenizer(text, verbose=False)["input_ids"]) > limit


def encode_questions(
    examples: Sequence[Example], labels: Sequence[str], tokenizer: Any, *, max_tokens: int
) -> list[Encoded]:
    """The questions whose label is one of `labels`."""
    numbers = {label: number for number, label in enumerate(labels)}
    encoded = []
    for example in examples:
        if example.label in numbers:
            ids, cut = encode_question(example.question, tokenizer, max_tokens=max_tokens)
            encoded.append(Encoded(ids=tuple(ids), cut=cut, label=numbers[example.label]))
    return encoded


def label_collate(pad_id: int, device: torch.device) -> Callable[[Sequence[Encoded]], Batch]:
    """How encoded questions become a batch whose labels are (batch,)."""

    def collate(pairs: Sequence[Encoded]) -> Batch:
        batch = pad_right(pairs, pad_id)
        labels = torch.tensor([pair.label for pair in pairs])
        return Batch(input_ids=batch.input_ids, attention=batch.attention, labels=labels).to(device)

    return collate


@torch.no_grad()
def predict_labels(
    model: Any, pairs: Sequence[Encoded], labels: Sequence[str], collate: Callable[[Sequence[Encoded]], Batch]
) -> list[str]:
    """The most likely label of each question, in the questions' order."""
    model.eval()
    predicted = [""] * len(pairs)
    for indices in in_length_order([len(pair.ids) for pair in pairs], 32):
        batch = collate([pairs[index] for index in indices])
        scores = model(input_ids=batch.input_ids, attention_mask=batch.attention).logits
        for index, number in zip(indices, scores.argmax(dim=1).tolist(), strict=True):
            predicted[index] = labels[number]
    return predicted


def classification_scores(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Accuracy and macro F1, shares from 0 to 1; a label that training never saw counts as wrong.

    Macro F1 is the mean over the labels of the truth (scikit-learn's, with zero_division=0).

    >>> classification_scores(["a", "a", "b"], ["a", "b", "b"]) == {"accuracy": 2 / 3, "macro_f1": 2 / 3}
    True
    """
    right = Counter(t for t, p in zip(truth, predicted, strict=True) if t == p)
    there, guessed = Counter(truth), Counter(predicted)
    f1 = [2 * right[label] / (there[label] + guessed[label]) for label in there]
    return {"accuracy": right.total() / max(1, len(truth)), "macro_f1": sum(f1) / max(1, len(f1))}
