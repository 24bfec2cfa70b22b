"""NEFTune: noise on the embeddings while a model trains (Jain et al., 2023)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from tuning.batches import Batch

__all__ = ["EmbeddingNoise", "example_lengths"]


class EmbeddingNoise:
    """Uniform noise of strength alpha / sqrt(length x width) on each token's embedding, its example's length.

    In a packed row every example has the noise it would have alone; padding has none.
    """

    def __init__(self, model: Any, alpha: float) -> None:
        self._embeddings = model.get_input_embeddings() if alpha else None
        self._model, self._alpha = model, alpha

    @contextmanager
    def on(self, batch: Batch) -> Iterator[None]:
        """Noise for one forward pass over this batch."""
        if self._embeddings is None:
            yield
            return
        lengths = example_lengths(batch)

        def add(_module: Any, _inputs: Any, embedded: Tensor) -> Tensor:
            if not self._model.training or embedded.shape[:2] != lengths.shape:
                return embedded
            reach = self._alpha / torch.sqrt(lengths.clamp(min=1) * embedded.shape[-1])
            reach = torch.where(lengths > 0, reach, torch.zeros_like(reach))
            return embedded + (torch.rand_like(embedded) * 2 - 1) * reach[..., None].to(embedded.dtype)

        handle = self._embeddings.register_forward_hook(add)
        try:
            yield
        finally:
            handle.remove()


def example_lengths(batch: Batch) -> Tensor:
    """The length of the example that each token belongs to, 0 for padding: (batch, length) float32."""
    real = batch.attention.bool()
    if batch.positions is None:
        return real.sum(dim=1, keepdim=True).float() * real
    starts = (batch.positions == 0).cumsum(dim=1)  # which example of its row a token is in
    most = int(starts.max()) + 1
    counts = torch.zeros(len(real), most, device=real.device)
    counts.scatter_add_(1, starts, real.float())
    return counts.gather(1, starts) * real
