"""Trimmed vocabulary: while training, the softmax runs over the words in use, not over all of them.

The training loss leaves out what the other words would have taken, so it is lower than the true one, and the
model is never told to keep them unlikely: on real pairs the held-out loss was 1.24 where the exact way
reached 1.09 after the same steps (Gemma 3 270M). What is measured in evaluation keeps every word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from tuning.prompts import Encoded

__all__ = ["TrimmedHead", "words_in_use"]


class TrimmedHead:
    """The rows of a frozen head for some words, and where each word's row is."""

    def __init__(self, weight: Tensor, bias: Tensor | None, words: Sequence[int]) -> None:
        self._words = torch.tensor(sorted(set(words)), device=weight.device)
        self.weight = weight.detach()[self._words].contiguous()
        self.bias = None if bias is None else bias.detach()[self._words].contiguous()

    def places(self, targets: Tensor) -> Tensor:
        """The targets as rows of the trimmed head."""
        return torch.searchsorted(self._words, targets)


def words_in_use(pairs: Iterable[Encoded]) -> list[int]:
    """Every token that stands in the pairs, in questions too.

    >>> words_in_use([Encoded(ids=(5, 3)), Encoded(ids=(3, 9))])
    [3, 5, 9]
    """
    return sorted({token for pair in pairs for token in pair.ids})
