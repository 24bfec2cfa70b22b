"""Encoded pairs as batches: grouped by length, in an order that seed and epoch fix."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from tuning.prompts import Encoded

__all__ = [
    "IGNORED",
    "LENGTH_STEP",
    "Batch",
    "epoch_order",
    "in_length_order",
    "labels_of",
    "pad_right",
    "pieces",
    "shuffled_order",
]

IGNORED = -100  # torch.nn.CrossEntropyLoss's default ignore_index
# Every new shape makes the matrix library build and keep new kernels: with free lengths a run took 1.3 GB more.
LENGTH_STEP = 8
WINDOW = 8  # batches that are sorted by length together: little padding, still a shuffled order


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """input_ids, attention and labels: (batch, length) int64, padded on the right.

    With `positions` (batch, length) the rows are packed: each holds several examples, whose positions
    begin at 0 again, and `attention` is not for the model. `separate` (batch, 1, length, length) bool, for
    models that find no examples in positions, says which token may look at which.
    """

    input_ids: Tensor
    attention: Tensor
    labels: Tensor
    positions: Tensor | None = None
    separate: Tensor | None = None

    @property
    def inputs(self) -> dict[str, Tensor]:
        """What the model is called with. A 2-D mask beside packed positions would let examples see each other."""
        if self.positions is None:
            return {"input_ids": self.input_ids, "attention_mask": self.attention}
        inputs = {"input_ids": self.input_ids, "position_ids": self.positions}
        return inputs if self.separate is None else {**inputs, "attention_mask": self.separate}

    def to(self, device: torch.device) -> Batch:
        moved: dict[str, Any] = {}
        for name in (f.name for f in fields(self)):
            part = getattr(self, name)
            moved[name] = None if part is None else part.to(device)
        return Batch(**moved)


def labels_of(pair: Encoded) -> list[int]:
    """The tokens of a pair as labels, IGNORED where the loss must not look.

    It goes by the pair's own mask, never by the padding's id: where that is also the end-of-sequence, every
    end of an answer would be lost, and the model would never stop.

    >>> labels_of(Encoded(ids=(5, 6, 7), answer_start=2))
    [-100, -100, 7]
    """
    return [token if learnt else IGNORED for token, learnt in zip(pair.ids, pair.mask, strict=True)]


def pad_right(encoded: Sequence[Encoded], pad_id: int) -> Batch:
    """One batch of pairs, as long as its longest and then up to a multiple of LENGTH_STEP."""
    longest = math.ceil(max(len(item.ids) for item in encoded) / LENGTH_STEP) * LENGTH_STEP
    ids = torch.tensor([[*item.ids, *[pad_id] * (longest - len(item.ids))] for item in encoded])
    lengths = torch.tensor([len(item.ids) for item in encoded])
    attention = (torch.arange(longest) < lengths[:, None]).long()
    labels = torch.tensor([[*labels_of(item), *[IGNORED] * (longest - len(item.ids))] for item in encoded])
    return Batch(input_ids=ids, attention=attention, labels=labels)


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


def shuffled_order(count: int, batch_size: int, *, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch as indices where length plays no part: every index once.

    >>> sorted(sum(shuffled_order(5, 2, seed=1, epoch=0), []))
    [0, 1, 2, 3, 4]
    """
    order = list(range(count))
    random.Random(f"{seed}/{epoch}").shuffle(order)  # noqa: S311  an order, no secret
    return [order[at : at + batch_size] for at in range(0, count, batch_size)]


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
