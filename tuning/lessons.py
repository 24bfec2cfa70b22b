"""What is learnt from an export: its pairs as tokens, how they become batches, and their loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from tamiz.errors import InputError
from tamiz.settings import TuningSettings
from tuning.approximate.vocabulary import words_in_use
from tuning.batches import Batch, epoch_order, in_length_order, pad_right, pieces, shuffled_order
from tuning.classify import LabelLoss, encode_questions, label_collate
from tuning.data import Dataset
from tuning.kernels import put_in_kernels
from tuning.loss import AnswerLoss
from tuning.packing import Way, best_fit, pack, packing_way
from tuning.parallel import ALONE, Team
from tuning.positions import more_room
from tuning.prompts import Encoded, encode_pair

__all__ = ["Lesson", "make_lesson", "mean_loss", "shared_loss"]

PACKED_ROW = 2048  # tokens of a packed row where attention works out every place against every place
NAMED = 3  # pairs that an error names
EVALUATED = 1024  # tokens of one packed pass in evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Encoded pairs, how some of them become a batch, and a batch's summed loss with its count.

    A classifier's `test` leaves out questions whose label training never saw: they have no loss.
    `packing` says how pairs share a row without seeing each other; "" pads them. `price` is what the
    approximations in force changed on the first pairs, before the first step: AnswerLoss.price.
    """

    train: Sequence[Encoded]
    validation: Sequence[Encoded]
    test: Sequence[Encoded]
    collate: Callable[[Sequence[Encoded]], Batch]
    loss: Callable[[Batch], tuple[Tensor, int]]
    batch_size: int
    seed: int
    packing: Way = ""
    kernels: tuple[str, ...] = ()
    price: Mapping[str, float] = field(default_factory=dict)
    model: Any = field(default=None, repr=False)

    def batches(self, epoch: int) -> list[list[int]]:
        """The optimiser steps of an epoch as indices of `train`: every pair once, fixed by seed and epoch.

        Their number is that of the pairs over the batch size, rounded up. Padded pairs are grouped by
        length; packed ones are shuffled freely, for they waste nothing.
        """
        if self.packing:
            return shuffled_order(len(self.train), self.batch_size, seed=self.seed, epoch=epoch)
        return epoch_order([len(pair.ids) for pair in self.train], self.batch_size, seed=self.seed, epoch=epoch)

    def pieces(self, pairs: Sequence[Encoded], tokens: int) -> Iterator[list[Encoded]]:
        """A step's pairs in parts that are collated and run one after the other, each of at most `tokens` tokens.

        A pair that is longer makes a part alone. The step's gradient is the sum over its parts, each part's
        summed loss over the whole step's count of learnt tokens.
        """
        if not self.packing:
            yield from pieces(pairs, tokens)
            return
        for part in best_fit([len(pair.ids) for pair in pairs], tokens):
            yield [pairs[index] for index in part]

    def spare_memory(self, on: bool) -> bool:
        """Keep only the blocks' inputs and work the rest out again on the way back; False where the model cannot.

        Losses and gradients are the same; a step takes about a third longer.
        """
        base = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model
        if not getattr(base, "supports_gradient_checkpointing", False):
            return False
        if on:  # the other kind gives no gradient where a block's input has none, as under frozen embeddings
            base.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
        else:
            base.activation_checkpointing_disable()
        return True

    def described(self) -> dict[str, Any]:
        """How this lesson is trained, for the run card."""
        fast = getattr(self.loss, "fast", False)
        ways = {"positions": "packed", "mask": "packed, kept apart by a mask", "": "padded, grouped by length"}
        return {
            "loss": "answer tokens only" if fast else "plain",
            "kernels": list(self.kernels) or ["torch"],
            "batches": ways[self.packing],
            "approximations_taken": list(getattr(self.loss, "approximations", ())),
            "approximations_price": dict(self.price),
            "unplaced_turns": sum(pair.unplaced for pair in self.train),
        }


def make_lesson(
    model: Any, tokenizer: Any, data: Dataset, labels: Sequence[str], settings: TuningSettings, device: torch.device
) -> Lesson:
    """The lesson of the settings' task. InputError names a pair that cannot be learnt."""
    limit, pad_id = settings.max_tokens, tokenizer.pad_token_id
    sizes: dict[str, Any] = {"batch_size": settings.batch_size, "seed": settings.seed}
    if settings.task == "classify":
        splits = [
            encode_questions(s, labels, tokenizer, max_tokens=limit) for s in (data.train, data.validation, data.test)
        ]
        return Lesson(
            train=splits[0],
            validation=splits[1],
            test=splits[2],
            collate=label_collate(pad_id, device),
            loss=LabelLoss(model=model),
            model=model,
            **sizes,
        )
    check_answers(data)
    room = more_room(model, settings)
    train, validation, test = (
        [encode_pair(example, tokenizer, max_tokens=limit, more_room=room) for example in split]
        for split in (data.train, data.validation, data.test)
    )
    kernels = put_in_kernels(model, device)
    way = packing_way(model, train, pad_id, device)
    first = pad_right(train[:1], pad_id).to(device)
    loss = _answer_loss(model, train, first, settings)
    return Lesson(
        train=train,
        validation=validation,
        test=test,
        collate=_collate(model, pad_id, device, way),
        loss=loss,
        packing=way,
        kernels=kernels,
        price=loss.price(pad_right(train[: settings.batch_size], pad_id).to(device)),
        model=model,
        **sizes,
    )


def check_answers(data: Dataset) -> None:
    """InputError where an answer is empty: there is nothing to learn of it but to say nothing."""
    empty = [
        f"{pair.id} ({split})"
        for split in ("train", "validation", "test")
        for pair in getattr(data, split)
        if not pair.answer.strip()
    ]
    if empty:
        more = f" and {len(empty) - NAMED} more" if len(empty) > NAMED else ""
        raise InputError(
            f"{len(empty)} pairs of {data.manifest.version} have an empty answer, of which nothing could be learnt: "
            f"{', '.join(empty[:NAMED])}{more}. Answer or reject them in tamiz review, then: tamiz export"
        )


def mean_loss(lesson: Lesson, pairs: Sequence[Encoded], model: Any, batch_size: int) -> float | None:
    """Loss over all counted tokens of the pairs (nats a token; a pair, for a classifier); None without any."""
    return shared_loss(lesson, pairs, model, batch_size)


@torch.no_grad()
def shared_loss(
    lesson: Lesson, pairs: Sequence[Encoded], model: Any, batch_size: int, team: Team = ALONE
) -> float | None:
    """The same, where each process of a team takes its share of the pairs; all have the same result."""
    training = model.training
    model.eval()
    total, count = 0.0, 0.0
    if pairs:
        parts = _evaluated(lesson, team.share(pairs), batch_size)
        for part, counts in team.in_step(parts, pairs, model.device):
            with team.hearing():
                loss, counted = lesson.loss(lesson.collate(part))
            total, count = total + float(loss) * counts, count + counted * counts
    model.train(training)
    total, count = team.sum([total, count], model.device)
    return total / count if count else None


def _evaluated(lesson: Lesson, pairs: Sequence[Encoded], batch_size: int) -> Iterator[list[Encoded]]:
    if lesson.packing:
        yield from lesson.pieces(pairs, EVALUATED)
        return
    for indices in in_length_order([len(pair.ids) for pair in pairs], batch_size):
        yield [pairs[index] for index in indices]


def _collate(model: Any, pad_id: int, device: torch.device, way: Way) -> Callable[[Sequence[Encoded]], Batch]:
    attention = str(getattr(model.config, "_attn_implementation", ""))

    def collate(pairs: Sequence[Encoded]) -> Batch:
        if not way:
            return pad_right(pairs, pad_id).to(device)
        whole = sum(len(pair.ids) for pair in pairs)
        # Flash attention takes one row and works out nothing between its pairs.
        room = whole if attention.startswith("flash") else PACKED_ROW
        return pack(pairs, pad_id, room=room, way=way).to(device)

    return collate


def _answer_loss(model: Any, train: Sequence[Encoded], example: Batch, settings: TuningSettings) -> AnswerLoss:
    named = settings.approximations
    words = words_in_use(train) if "trimmed_vocabulary" in named else ()
    return AnswerLoss(model, example, approximations=named, words=words)
