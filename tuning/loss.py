"""The loss on the answers, without a score for every word at every place.

A causal model ends in a head that scores each word of the vocabulary (262,144 in Gemma 3): at every
place that costs more than the rest of the model. Only answers are learnt, so scores are made for answer
tokens alone, some rows at a time, and never kept: the gradient to the hidden states (and to the head's
weights, where they learn) is taken while they are there. All of that is exact. Two approximations that
make the head's part cheaper still are taken only when they are asked for by name (tuning/approximate).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tuning.approximate.filtering import filtered_product
from tuning.approximate.layers import LayerCache
from tuning.approximate.vocabulary import TrimmedHead
from tuning.batches import IGNORED, Batch

__all__ = ["AnswerLoss", "head_loss", "plain_loss"]

# 64 MB in float32 on a CPU. With twice as many Gemma's head took 168 MB more and no less time; with half as many, a
# tenth longer.
SCORES_AT_ONCE = {"cpu": 2**24}
USUAL_SCORES = 2**25
ROW_STEP = 32  # few shapes of matrices: the matrix library builds and keeps kernels for each one it meets
AGREE = {torch.float32: 1e-4, torch.bfloat16: 3e-2, torch.float16: 1e-2}  # relative, on the mean loss


class AnswerLoss:
    """Calls to it give a batch's summed loss over the learnt tokens and their number.

    The fast way is taken only where it agrees with the model's own forward on `example`; heads that
    scale or cap their scores (Gemma 2, Cohere) take the plain way. `approximations` act while the model
    trains, never on what is measured in evaluation mode; `words` are the tokens in use.
    """

    def __init__(
        self, model: Any, example: Batch, *, approximations: Sequence[str] = (), words: Sequence[int] = ()
    ) -> None:
        self._model = model
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._decoder, self._head = base.get_decoder(), base.get_output_embeddings()
        self._cache: LayerCache | None = None
        self._trimmed: TrimmedHead | None = None
        self._filtered = False
        self.fast = self._can_be_fast(base) and self._agrees(example)
        frozen = self.fast and not self._head.weight.requires_grad
        self._filtered = frozen and "gradient_filtering" in approximations
        if frozen and "trimmed_vocabulary" in approximations:
            self._trimmed = TrimmedHead(self._head.weight, self._head.bias, words)
        if self.fast and "cached_layers" in approximations:
            self._cache = LayerCache(self._decoder)

    @property
    def approximations(self) -> tuple[str, ...]:
        """The approximations that are in force; the plain way takes none."""
        parts = {
            "trimmed_vocabulary": self._trimmed is not None,
            "cached_layers": self._cache is not None,
            "gradient_filtering": self._filtered,
        }
        return tuple(name for name, there in parts.items() if there)

    @torch.no_grad()
    def price(self, batch: Batch) -> dict[str, float]:
        """What the approximations of the head change on one batch: nats a token, and share of the gradient's norm."""
        if not self.approximations or self._approximations_of_head() == (False, None):
            return {}
        training = self._model.training
        self._model.eval()
        seen = self._decoder(**batch.inputs, use_cache=False)
        self._model.train(training)
        targets, keep = _next_tokens(batch.labels)
        found = []
        for filtered, trimmed in ((False, None), self._approximations_of_head()):
            hidden = seen.last_hidden_state[keep].detach().requires_grad_()
            with torch.enable_grad():
                total = self._from_head(hidden, targets, filtered, trimmed)
                (gradient,) = torch.autograd.grad(total, hidden)
            found.append((float(total) / len(targets), gradient.float()))
        (exact, right), (cheap, near) = found
        return {"loss": round(cheap - exact, 6), "gradient": round(float((near - right).norm() / right.norm()), 6)}

    def __call__(self, batch: Batch) -> tuple[Tensor, int]:
        return self._fast(batch) if self.fast else plain_loss(self._model, batch)

    @torch.no_grad()
    def of_rows(self, batch: Batch) -> Tensor:
        """The summed loss of each row of a batch, (rows,) float32, without approximations and gradients."""
        targets, keep = _next_tokens(batch.labels)
        if self.fast:
            hidden = self._decoder(**batch.inputs, use_cache=False).last_hidden_state[keep]
            step = _rows_at_once(self._head.weight)
            parts = [
                nn.functional.cross_entropy(
                    _scores(hidden[at : at + step], self._head.weight, self._head.bias).float(),
                    targets[at : at + step],
                    reduction="none",
                )
                for at in range(0, len(targets), step)
            ]
            each = torch.cat(parts)
        else:
            logits = _plain_logits(self._model, batch, keep)
            each = nn.functional.cross_entropy(logits.float(), targets, reduction="none")
        return torch.zeros(len(keep), device=each.device).index_add_(0, keep.nonzero()[:, 0], each)

    def _can_be_fast(self, base: Any) -> bool:
        return type(self._head) is nn.Linear and self._decoder is not None and self._decoder is not base

    @torch.no_grad()
    def _agrees(self, example: Batch) -> bool:
        training = self._model.training
        self._model.eval()
        (fast, count), (plain, _) = self._fast(example), plain_loss(self._model, example)
        self._model.train(training)
        near = AGREE[self._head.weight.dtype]
        return count > 0 and math.isclose(float(fast), float(plain), rel_tol=near)

    def _fast(self, batch: Batch) -> tuple[Tensor, int]:
        if self._model.training and self._cache is not None:
            seen = self._cache(batch)
        else:
            seen = self._decoder(**batch.inputs, use_cache=False)
        targets, keep = _next_tokens(batch.labels)
        filtered, trimmed = self._approximations_of_head() if self._model.training else (False, None)
        return self._from_head(seen.last_hidden_state[keep], targets, filtered, trimmed), len(targets)

    def _approximations_of_head(self) -> tuple[bool, TrimmedHead | None]:
        return self._filtered, self._trimmed

    def _from_head(self, hidden: Tensor, targets: Tensor, filtered: bool, trimmed: TrimmedHead | None) -> Tensor:
        if trimmed is None:
            return head_loss(hidden, self._head.weight, self._head.bias, targets, filtered=filtered)
        return head_loss(hidden, trimmed.weight, trimmed.bias, trimmed.places(targets), filtered=filtered)


def plain_loss(model: Any, batch: Batch) -> tuple[Tensor, int]:
    """The same from the model's own scores, made where a row of the batch has a label: what the fast way is
    checked against.
    """
    targets, keep = _next_tokens(batch.labels)
    logits = _plain_logits(model, batch, keep)
    return nn.functional.cross_entropy(logits.float(), targets, reduction="sum"), len(targets)


def _plain_logits(model: Any, batch: Batch, keep: Tensor) -> Tensor:
    """The model's own scores (tokens, words) where `keep` says that a label follows."""
    columns = keep.any(dim=0).nonzero()[:, 0]
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    if "logits_to_keep" in inspect.signature(base.forward).parameters:
        kept = model(**batch.inputs, use_cache=False, logits_to_keep=columns).logits
        scores: Tensor = kept[keep[:, columns]]
    else:
        scores = model(**batch.inputs, use_cache=False).logits[keep]
    return scores


def head_loss(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, *, filtered: bool = False
) -> Tensor:
    """Summed cross-entropy of `hidden @ weight.T + bias` against the targets, with gradients where they are wanted.

    hidden   (tokens, width)
    weight   (words, width)
    bias     (words,) or None
    targets  (tokens,) int64
    returns  () float32

    >>> head_loss(torch.zeros(2, 3), torch.ones(4, 3), None, torch.tensor([0, 3])) / 2
    tensor(1.3863)
    """
    total: Tensor = _HeadLoss.apply(hidden, weight, bias, targets, filtered)  # type: ignore[no-untyped-call]
    return total


def _next_tokens(labels: Tensor) -> tuple[Tensor, Tensor]:
    """The labelled tokens, and where (batch, length) the state that foretells each of them stands."""
    following = nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED)
    keep = following != IGNORED
    return following[keep], keep


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, filtered: bool
    ) -> Tensor:
        rows = _rows_at_once(weight)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        wanted = zip(ctx.needs_input_grad[:3], (hidden, weight, bias), strict=True)
        ctx.gradients = [torch.zeros_like(part) if want and part is not None else None for want, part in wanted]
        for first in range(0, len(hidden), rows):
            some = slice(first, first + rows)
            loss, shares = _softmax(_scores(hidden[some], weight, bias).float(), targets[some])
            total += loss
            _add_gradients(ctx.gradients, some, shares, hidden, weight, targets[some], filtered)
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        scaled = [part if part is None else part.mul_(upstream.to(part.dtype)) for part in ctx.gradients]
        return (*scaled, None, None)


def _softmax(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The summed cross-entropy, and the softmax in the place of the scores: the largest thing there is stands once."""
    scores -= scores.amax(dim=1, keepdim=True)
    own = scores.gather(1, targets[:, None])
    sums = scores.exp_().sum(dim=1, keepdim=True)
    return (sums.log() - own).sum(), scores.div_(sums)


def _add_gradients(
    gradients: Sequence[Tensor | None],
    some: slice,
    shares: Tensor,
    hidden: Tensor,
    weight: Tensor,
    targets: Tensor,
    filtered: bool,
) -> None:
    """Add (softmax - one-hot) for the rows `some`, seen from each part that wants it; shares is used up."""
    to_hidden, to_weight, to_bias = gradients
    if filtered and to_hidden is not None:
        to_hidden[some] = filtered_product(shares, targets, weight)
        return
    if to_hidden is None and to_weight is None and to_bias is None:
        return
    shares[torch.arange(len(targets), device=targets.device), targets] -= 1
    shares = _rows_filled(shares.to(weight.dtype))
    if to_hidden is not None:
        to_hidden[some] = (shares @ weight)[: len(targets)].to(to_hidden.dtype)
    if to_weight is not None:
        to_weight.addmm_(shares[: len(targets)].T, hidden[some])  # a product of its own would be as large as the head
    if to_bias is not None:
        to_bias += shares.sum(dim=0)


def _scores(hidden: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return nn.functional.linear(_rows_filled(hidden), weight, bias)[: len(hidden)]


def _rows_filled(rows: Tensor) -> Tensor:
    """Rows of zeros up to a multiple of ROW_STEP; torch would copy all of it to add none."""
    missing = _up(len(rows), ROW_STEP) - len(rows)
    return nn.functional.pad(rows, (0, 0, 0, missing)) if missing else rows


def _rows_at_once(weight: Tensor) -> int:
    """Tokens whose scores are made at once."""
    return max(16, SCORES_AT_ONCE.get(weight.device.type, USUAL_SCORES) // len(weight))


def _up(count: int, step: int) -> int:
    return math.ceil(count / step) * step
