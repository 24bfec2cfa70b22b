"""Several pairs in one row without padding between them, and none of them sees another.

Each pair's positions begin at 0 again, which is how transformers' own masks find where one ends: the mask
of every layer, sliding windows too, then lets a token look at its own pair alone. That holds only without a
cache and without a 2-D mask: with either of them hidden states differ by as much as between two texts.
A model that cannot be packed (its state runs on from pair to pair, or it takes no positions) is found out
by trying it on real pairs before the first step; its batches are padded and grouped by length.
"""

from __future__ import annotations

import inspect
import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from tuning.batches import IGNORED, LENGTH_STEP, Batch, labels_of, pad_right
from tuning.prompts import Encoded

__all__ = ["Way", "best_fit", "pack", "packing_way"]

Way = Literal["positions", "mask", ""]  # how examples are kept apart; "" where they cannot be
TRIED = 4  # pairs that are compared packed and alone: the longest, and the first of the others
# Relative difference of hidden states. Attention that leaks moves them by a third and more.
NEAR = {torch.float32: 1e-3, torch.bfloat16: 5e-2, torch.float16: 1e-2}


def best_fit(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Indices in bins of at most `room`: the longest first, each where it leaves least; one alone may be longer.

    >>> best_fit([5, 3, 6, 2], 8)
    [[2, 3], [0, 1]]
    """
    bins: list[list[int]] = []
    left: list[tuple[int, int]] = []  # (room left, number of the bin), sorted
    for index in sorted(range(len(lengths)), key=lambda n: (-lengths[n], n)):
        at = bisect_left(left, (lengths[index], -1))
        if at == len(left):
            bins.append([])
            free, number = room, len(bins) - 1
        else:
            free, number = left.pop(at)
        bins[number].append(index)
        insort(left, (free - lengths[index], number))
    return bins


def pack(pairs: Sequence[Encoded], pad_id: int, *, room: int, way: Way = "positions") -> Batch:
    """Pairs in rows of at most `room` tokens (a longer pair has a row alone), as Batch says.

    What fills a row up counts as one more example, without labels. A pair's first token has no label:
    nothing before it foretells it.
    """
    rows = best_fit([len(pair.ids) for pair in pairs], room)
    longest = max(sum(len(pairs[index].ids) for index in row) for row in rows)
    length = math.ceil(longest / LENGTH_STEP) * LENGTH_STEP
    ids, labels, positions, owners = [], [], [], []
    for row in rows:
        some = [pairs[index] for index in row]
        rest = length - sum(len(pair.ids) for pair in some)
        ids.append([token for pair in some for token in pair.ids] + [pad_id] * rest)
        labels.append([label for pair in some for label in (IGNORED, *labels_of(pair)[1:])] + [IGNORED] * rest)
        sizes = [len(pair.ids) for pair in some] + [rest]
        positions.append([place for size in sizes for place in range(size)])
        owners.append([number for number, size in enumerate(sizes) for _ in range(size)])
    whose = torch.tensor(owners)
    attention = torch.tensor([[int(n < max(row)) for n in row] for row in owners])
    return Batch(
        input_ids=torch.tensor(ids),
        attention=attention,
        labels=torch.tensor(labels),
        positions=torch.tensor(positions),
        separate=_separate(whose) if way == "mask" else None,
    )


@torch.no_grad()
def packing_way(model: Any, pairs: Sequence[Encoded], pad_id: int, device: torch.device) -> Way:
    """How this model keeps packed pairs apart, found by comparing some of `pairs` packed and alone."""
    order = sorted(range(len(pairs)), key=lambda n: -len(pairs[n].ids))
    longest = order[:1]
    some = [pairs[n] for n in longest + [n for n in range(len(pairs)) if n not in longest][: TRIED - 1]]
    body = _body(model)
    if len(some) < 2 or "position_ids" not in inspect.signature(body.forward).parameters:
        return ""
    training = model.training
    model.eval()
    try:
        alone = [_states(body, pad_right([pair], pad_id).to(device))[0, : len(pair.ids)] for pair in some]
        ways: tuple[Way, ...] = ("positions", "mask")
        return next((way for way in ways if _agrees(body, some, alone, pad_id, device, way)), "")
    finally:
        model.train(training)


def _agrees(
    body: Any, pairs: Sequence[Encoded], alone: Sequence[Tensor], pad_id: int, device: torch.device, way: Way
) -> bool:
    room = sum(len(pair.ids) for pair in pairs)
    try:
        states = _states(body, pack(pairs, pad_id, room=room, way=way).to(device))[0]
    except (TypeError, ValueError, RuntimeError, IndexError):
        return False  # a model that does not take these inputs says so in one of these ways
    near, start = NEAR.get(states.dtype, NEAR[torch.float32]), 0
    for index in best_fit([len(pair.ids) for pair in pairs], room)[0]:
        own = alone[index].float()
        packed = states[start : start + len(own)].float()
        # Place by place: a leak at the first token of a long pair would drown in the pair's norm.
        if not bool(((packed - own).norm(dim=-1) <= near * own.norm(dim=-1) + 1e-6).all()):
            return False
        start += len(own)
    return True


def _body(model: Any) -> Any:
    """The part under the head, or the whole model where they cannot be told apart."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    decoder = base.get_decoder() if hasattr(base, "get_decoder") else None
    return base if decoder is None else decoder


def _states(body: Any, batch: Batch) -> Tensor:
    out = body(**batch.inputs, use_cache=False)
    states: Tensor = out.last_hidden_state if hasattr(out, "last_hidden_state") else out.logits
    return states


def _separate(owners: Tensor) -> Tensor:
    """(rows, 1, length, length): whether a token may look at another, its own pair's and not a later one."""
    length = owners.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    return ((owners[:, :, None] == owners[:, None, :]) & earlier)[:, None]
