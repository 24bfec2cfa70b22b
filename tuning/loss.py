"""The loss on the answers, without a score for every word at every place.

A causal model ends in a head that scores each word of the vocabulary (262,144 in Gemma 3): at every
place that costs more than the rest of the model. Only answers are learnt, and the head is frozen, so
scores are made for answer tokens alone, some rows at a time, and never kept: the gradient to the
hidden states is taken while they are there.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from tuning.batches import IGNORED, Batch

__all__ = ["AnswerLoss", "frozen_head_loss", "plain_loss"]

SCORES_AT_ONCE = 2**25  # 128 MB in float32
# In bfloat16, probabilities below this move the gradient by 0.4%; bfloat16's own rounding moves it by 1.1%
# (Gemma 3 270M, 484 answer tokens). Leaving them out saves nine tenths of the head's way back.
LEAST_PROBABILITY = 2.0**-16
# Few shapes of matrices: the matrix library builds and keeps kernels for each one it meets.
ROW_STEP, WORD_STEP = 32, 4096
AGREE = {torch.float32: 1e-4, torch.bfloat16: 3e-2, torch.float16: 1e-2}  # relative, on the mean loss


class AnswerLoss:
    """Calls to it give a batch's summed loss over the answer tokens and their number.

    The fast way is taken only where it agrees with the model's own forward on `example`; heads that
    scale or cap their scores (Gemma 2, Cohere) take the plain way.
    """

    def __init__(self, model: Any, example: Batch) -> None:
        self._model = model
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._decoder, self._head = base.get_decoder(), base.get_output_embeddings()
        self.fast = self._can_be_fast(base) and self._agrees(example)

    def __call__(self, batch: Batch) -> tuple[Tensor, int]:
        return self._fast(batch) if self.fast else plain_loss(self._model, batch)

    def _can_be_fast(self, base: Any) -> bool:
        plain_head = type(self._head) is nn.Linear and not self._head.weight.requires_grad
        return plain_head and self._decoder is not None and self._decoder is not base

    @torch.no_grad()
    def _agrees(self, example: Batch) -> bool:
        training = self._model.training
        self._model.eval()
        (fast, count), (plain, _) = self._fast(example), plain_loss(self._model, example)
        self._model.train(training)
        near = AGREE[self._head.weight.dtype]
        return count > 0 and math.isclose(float(fast), float(plain), rel_tol=near)

    def _fast(self, batch: Batch) -> tuple[Tensor, int]:
        seen = self._decoder(input_ids=batch.input_ids, attention_mask=batch.attention, use_cache=False)
        targets, keep = _next_tokens(batch.labels)
        hidden = seen.last_hidden_state[keep]
        return frozen_head_loss(hidden, self._head.weight, self._head.bias, targets), len(targets)


def plain_loss(model: Any, batch: Batch) -> tuple[Tensor, int]:
    """The same from the model's own scores: what the fast way is checked against."""
    logits = model(input_ids=batch.input_ids, attention_mask=batch.attention, use_cache=False).logits
    targets, keep = _next_tokens(batch.labels)
    return nn.functional.cross_entropy(logits[keep].float(), targets, reduction="sum"), len(targets)


def frozen_head_loss(hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
    """Summed cross-entropy of `hidden @ weight.T + bias` against the targets; gradient to `hidden` alone.

    hidden   (tokens, width)
    weight   (words, width)
    bias     (words,) or None
    targets  (tokens,) int64
    returns  () float32

    >>> frozen_head_loss(torch.zeros(2, 3), torch.ones(4, 3), None, torch.tensor([0, 3])) / 2
    tensor(1.3863)
    """
    total: Tensor = _FrozenHeadLoss.apply(hidden, weight, bias, targets)  # type: ignore[no-untyped-call]
    return total


def _next_tokens(labels: Tensor) -> tuple[Tensor, Tensor]:
    """The labelled tokens, and where (batch, length) the state that foretells each of them stands."""
    following = nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED)
    keep = following != IGNORED
    return following[keep], keep


class _FrozenHeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor) -> Tensor:
        rows = max(16, SCORES_AT_ONCE // len(weight))
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        gradient = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for first in range(0, len(hidden), rows):
            some = slice(first, first + rows)
            scores = _scores(hidden[some], weight, bias)
            log_shares = torch.log_softmax(scores, dim=1, dtype=torch.float32)
            total -= log_shares.gather(1, targets[some, None]).sum()
            if gradient is not None:
                gradient[some] = _to_hidden(log_shares, targets[some], weight)
        ctx.gradient = gradient
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None, None, None]:
        return ctx.gradient * upstream.to(ctx.gradient.dtype), None, None, None


def _to_hidden(log_shares: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """(softmax - one-hot) @ weight for some rows; in half precision without the words that hardly count."""
    rows = torch.arange(len(targets), device=targets.device)
    if weight.dtype == torch.float32:
        shares = log_shares.exp_()
        shares[rows, targets] -= 1
        return shares @ weight
    likely = log_shares.amax(dim=0) > math.log(LEAST_PROBABILITY)
    likely[targets] = True
    words = likely.nonzero()[:, 0]
    found = len(words)
    words = nn.functional.pad(words, (0, _up(found, WORD_STEP) - found))  # with the first word, which gets no share
    shares = log_shares[:, words].exp_()
    shares[:, found:] = 0
    shares[rows, torch.searchsorted(words[:found], targets)] -= 1
    shares = nn.functional.pad(shares, (0, 0, 0, _up(len(shares), ROW_STEP) - len(shares)))
    return (shares.to(weight.dtype) @ weight[words])[: len(targets)]


def _scores(hidden: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    padded = nn.functional.pad(hidden, (0, 0, 0, _up(len(hidden), ROW_STEP) - len(hidden)))
    return nn.functional.linear(padded, weight, bias)[: len(hidden)]


def _up(count: int, step: int) -> int:
    return math.ceil(count / step) * step
