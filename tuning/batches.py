"""Encoded pairs as batches: grouped by length, in an order that seed and epoch fix."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tuning.prompts import Encoded

__all__ = ["IGNORED", "Batch", "answer_labels", "epoch_order", "in_length_order", "pad_right", "pieces"]

IGNORED = -100  # torch.nn.CrossEntropyLoss's default ignore_index
# Every new shape makes the matrix library build and keep new kernels: with free lengths a run took 1.3 GB more.
LENGTH_STEP = 8
WINDOW = 8  # batches that are sorted by length together: little padding, still a shuffled order


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """input_ids, attention and labels: (batch, length) int64, padded on the right."""

    input_ids: Tensor
    attention: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> Batch:
        moved = {name: getattr(self, name).to(device) for name in ("input_ids", "attention", "labels")}
        return Batch(**moved)


def answer_labels(input_ids: Tensor, attention: Tensor, answer_starts: Tensor) -> Tensor:
    """Label the answer's tokens for training; question and padding are ignored.

    input_ids      (batch, length) int64
    attention      (batch, length) 1 for text, 0 for padding; the padding id may be the end-of-sequence
    answer_starts  (batch,) int64, index of the first answer token
    returns        (batch, length) int64, IGNORED where the loss must not look

    >>> answer_labels(torch.tensor([[5, 6, 7, 0]]), torch.tensor([[1, 1, 1, 0]]), torch.tensor([2]))
    tensor([[-100, -100,    7, -100]])
    """
    places = torch.arange(input_ids.shape[1])
    answer = (places >= answer_starts[:, None]) & attention.bool()
    return input_ids.masked_fill(~answer, IGNORED)


def pad_right(encoded: Sequence[Encoded], pad_id: int) -> Batch:
    """One batch of pairs, as long as its longest and then up to a multiple of LENGTH_STEP."""
    longest = math.ceil(max(len(item.ids) for item in encoded) / LENGTH_STEP) * LENGTH_STEP
    ids = torch.tensor([[*item.ids, *[pad_id] * (longest - len(item.ids))] for item in encoded])
    lengths = torch.tensor([len(item.ids) for item in encoded])
    attention = (torch.arange(longest) < lengths[:, None]).long()
    starts = torch.tensor([item.answer_start for item in encoded])
    return Batch(input_ids=ids, attention=attention, labels=answer_labels(ids, attention, starts))


def epoch_order(lengths: Sequence[int], batch_size: int, *, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch as indices: every index once, neighbours in length together.

    >>> sorted(sum(epoch_order([5, 1, 4, 2], 2, seed=1, epoch=0), []))
    [0, 1, 2, 3]
    """
    draw = random.Random(f"{seed}/{epoch}")  # noqa: S311  an order, no secret
    order = list(range(len(lengths)))
    draw.shuffle(order)
    batches: list[list[int]] = []
    window = batch_size * WINDOW
    for first in range(0, len(order), window):
        some = sorted(order[first : first + window], key=lambda index: lengths[index])
        batches += [some[at : at + batch_size] for at in range(0, len(some), batch_size)]
    draw.shuffle(batches)
    return batches


def pieces(pairs: Sequence[Encoded], tokens: int) -> Iterator[list[Encoded]]:
    """A batch in parts of at most `tokens` tokens with padding (one pair at least), so that memory stays bounded.

    >>> [len(part) for part in pieces([Encoded(ids=(1,) * length) for length in (3, 4, 5, 9)], 10)]
    [2, 1, 1]
    """
    part: list[Encoded] = []
    for pair in pairs:
        longest = max(len(one.ids) for one in [*part, pair])
        if part and longest * (len(part) + 1) > tokens:
            yield part
            part = []
        part.append(pair)
    if part:
        yield part


def in_length_order(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Indices in batches, longest first, for evaluation: the most memory is asked for at once."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    for at in range(0, len(order), batch_size):
        yield order[at : at + batch_size]
