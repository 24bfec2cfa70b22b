"""What is learnt from an export: its pairs as tokens, how they become batches, and their loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tamiz.settings import TuningSettings
from tuning.batches import Batch, epoch_order, in_length_order, pad_right, pieces
from tuning.classify import LabelLoss, encode_questions, label_collate
from tuning.data import Dataset
from tuning.loss import AnswerLoss
from tuning.prompts import Encoded, encode_pair

__all__ = ["Lesson", "make_lesson", "mean_loss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Encoded pairs, how some of them become a batch, and a batch's summed loss with its count.

    A classifier's `test` leaves out questions whose label training never saw: they have no loss.
    """

    train: Sequence[Encoded]
    validation: Sequence[Encoded]
    test: Sequence[Encoded]
    collate: Callable[[Sequence[Encoded]], Batch]
    loss: Callable[[Batch], tuple[Tensor, int]]
    batch_size: int
    seed: int

    def batches(self, epoch: int) -> list[list[int]]:
        """The optimiser steps of an epoch as indices of `train`: every pair once, fixed by seed and epoch."""
        return epoch_order([len(pair.ids) for pair in self.train], self.batch_size, seed=self.seed, epoch=epoch)

    def pieces(self, pairs: Sequence[Encoded], tokens: int) -> Iterator[list[Encoded]]:
        """A step's pairs in parts that are collated and run one after the other, each of about `tokens` tokens."""
        return pieces(pairs, tokens)


def make_lesson(
    model: Any, tokenizer: Any, data: Dataset, labels: Sequence[str], settings: TuningSettings, device: torch.device
) -> Lesson:
    """The lesson of the settings' task. InputError names a pair that cannot be learnt."""
    limit = settings.max_tokens
    if settings.task == "classify":
        splits = [
            encode_questions(s, labels, tokenizer, max_tokens=limit) for s in (data.train, data.validation, data.test)
        ]
        collate, loss = label_collate(tokenizer.pad_token_id, device), LabelLoss(model=model)
        return Lesson(
            train=splits[0],
            validation=splits[1],
            test=splits[2],
            collate=collate,
            loss=loss,
            batch_size=settings.batch_size,
            seed=settings.seed,
        )

    def pad(pairs: Sequence[Encoded]) -> Batch:
        return pad_right(pairs, tokenizer.pad_token_id).to(device)

    train, validation, test = (
        [encode_pair(example, tokenizer, max_tokens=limit) for example in split]
        for split in (data.train, data.validation, data.test)
    )
    return Lesson(
        train=train,
        validation=validation,
        test=test,
        collate=pad,
        loss=AnswerLoss(model, pad(train[:1])),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


@torch.no_grad()
def mean_loss(lesson: Lesson, pairs: Sequence[Encoded], model: Any, batch_size: int) -> float | None:
    """Loss over all counted tokens of the pairs (nats a token; a pair, for a classifier); None without any."""
    training = model.training
    model.eval()
    total, count = 0.0, 0
    for indices in in_length_order([len(pair.ids) for pair in pairs], batch_size):
        loss, counted = lesson.loss(lesson.collate([pairs[index] for index in indices]))
        total, count = total + float(loss), count + counted
    model.train(training)
    return total / count if count else None
