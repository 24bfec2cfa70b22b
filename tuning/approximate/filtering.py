"""Gradient filtering: words that are most unlikely everywhere are left out of the head's way back.

The loss stays exact; the gradient loses the pull of words whose probability is below 2 to the power of -16
at every place of a part. In bfloat16 that moved the gradient by 0.4% where rounding moves it by 1.1% (Gemma 3
270M, 484 answer tokens), but no bound holds for it: a quarter of a million such words may weigh something together.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["LEAST_PROBABILITY", "filtered_product"]

LEAST_PROBABILITY = 2.0**-16
ROW_STEP, WORD_STEP = 32, 4096  # few shapes of matrices: the matrix library keeps kernels for each one it meets


def filtered_product(shares: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """(softmax - one-hot) @ weight without the words that hardly count.

    shares   (tokens, words) float32, the softmax
    targets  (tokens,) int64
    weight   (words, width)
    returns  (tokens, width)
    """
    likely = shares.amax(dim=0) > LEAST_PROBABILITY
    likely[targets] = True
    words = likely.nonzero()[:, 0]
    found = len(words)
    words = nn.functional.pad(words, (0, _up(found, WORD_STEP) - found))  # with the first word, which gets no share
    shares = shares[:, words]
    shares[:, found:] = 0
    rows = torch.arange(len(targets), device=targets.device)
    shares[rows, torch.searchsorted(words[:found], targets)] -= 1
    shares = nn.functional.pad(shares, (0, 0, 0, _up(len(shares), ROW_STEP) - len(shares)))
    return (shares.to(weight.dtype) @ weight[words])[: len(targets)]


def _up(count: int, step: int) -> int:
    return math.ceil(count / step) * step
