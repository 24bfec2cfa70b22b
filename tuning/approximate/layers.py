"""Cached lower layers: where only upper blocks learn, what the blocks below them say of a pair is worked out once.

The states at the lowest block that learns depend on nothing that changes, so this is exact as long as
the frozen blocks draw no dropout of their own (Llama, Qwen, Gemma, Mistral, Phi and SmolLM draw none; GPT-2
does, and then every epoch sees the pair without it). What changes the result is not the cache but leaving the lower
blocks as they are; it is listed with the approximations for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tamiz.errors import SettingsError
from tuning.batches import Batch

__all__ = ["LayerCache", "lowest_learning_block"]

ROOM = 2**30  # bytes of states that are kept; pairs beyond that are worked out each time


def lowest_learning_block(decoder: Any) -> int:
    """The number of the lowest block with a parameter that learns; SettingsError when nothing lies below it."""
    blocks = _blocks(decoder)
    inside = {id(part) for part in blocks.parameters()}
    outside = any(part.requires_grad and id(part) not in inside for part in decoder.parameters())
    learning = [n for n, block in enumerate(blocks) if any(part.requires_grad for part in block.parameters())]
    lowest = min(learning, default=len(blocks))
    if outside or lowest == 0:
        half = len(blocks) // 2
        raise SettingsError(
            "[tuning] approximations names cached_layers, and the model learns from its first block on, so nothing "
            f"below stays the same. Give [tuning.lora] layers = {list(range(half, len(blocks)))}, or leave it out"
        )
    return lowest


class LayerCache:
    """The states of each pair at the lowest learning block, kept as the blocks below have made them."""

    def __init__(self, decoder: Any) -> None:
        self._blocks = _blocks(decoder)
        self._lowest = lowest_learning_block(decoder)
        self._decoder = decoder
        self._kept: dict[tuple[int, ...], Tensor] = {}
        self._bytes = 0

    def __call__(self, batch: Batch) -> Any:
        """The decoder's output for a packed or padded batch, without running the lower blocks where that is done."""
        places = _examples(batch)
        known = all(ids in self._kept for ids, _, _ in places)
        if known:
            states = self._states(batch, places)
            with self._skipping(states):
                return self._decoder(**batch.inputs, use_cache=False)
        with self._watching(batch, places):
            return self._decoder(**batch.inputs, use_cache=False)

    def _states(self, batch: Batch, places: Sequence[tuple[tuple[int, ...], int, slice]]) -> Tensor:
        some = next(iter(self._kept.values()))
        states = torch.zeros(*batch.input_ids.shape, some.shape[1], dtype=some.dtype)
        for ids, row, where in places:
            states[row, where] = self._kept[ids]
        return states.to(batch.input_ids.device)

    @contextmanager
    def _skipping(self, states: Tensor) -> Iterator[None]:
        lower = [self._blocks[n] for n in range(self._lowest)]
        for n, block in enumerate(lower):
            self._blocks[n] = _Through(block, states)
        try:
            yield
        finally:
            for n, block in enumerate(lower):
                self._blocks[n] = block

    @contextmanager
    def _watching(self, batch: Batch, places: Sequence[tuple[tuple[int, ...], int, slice]]) -> Iterator[None]:
        def keep(_block: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
            states = (inputs[0] if inputs else named["hidden_states"]).detach()
            for ids, row, where in places:
                size = states[row, where].numel() * states.element_size()
                if ids not in self._kept and self._bytes + size <= ROOM:
                    self._kept[ids] = states[row, where].to("cpu", copy=True)
                    self._bytes += size

        handle = self._blocks[self._lowest].register_forward_pre_hook(keep, with_kwargs=True)
        # What is kept must not hold one draw of dropout for good.
        drawing = [*self._decoder.children(), *(self._blocks[n] for n in range(self._lowest))]
        drawing = [part for part in drawing if part is not self._blocks and part.training]
        for part in drawing:
            part.eval()
        try:
            yield
        finally:
            handle.remove()
            for part in drawing:
                part.train()


class _Through(nn.Module):
    """In a frozen block's place: what came in is left aside, and the states are handed on."""

    def __init__(self, block: nn.Module, states: Tensor) -> None:
        super().__init__()
        object.__setattr__(self, "_block", block)  # not a child: its weights are not to be moved or counted twice
        self._states = states

    def forward(self, *_inputs: Any, **_named: Any) -> Tensor:
        return self._states

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(object.__getattribute__(self, "_block"), name)  # such as attention_type


def _blocks(decoder: Any) -> nn.ModuleList:
    """The decoder's repeated blocks: its longest list of modules."""
    lists = [part for part in decoder.modules() if isinstance(part, nn.ModuleList)]
    if not lists:
        raise SettingsError(
            f"[tuning] approximations names cached_layers; {type(decoder).__name__} has no list of blocks. Leave it out"
        )
    return max(lists, key=len)


def _examples(batch: Batch) -> list[tuple[tuple[int, ...], int, slice]]:
    """Each example of a batch: its tokens, its row and its places in the row."""
    found = []
    for row, (ids, attention) in enumerate(zip(batch.input_ids.tolist(), batch.attention.tolist(), strict=True)):
        length = sum(attention)
        starts = (
            [0] if batch.positions is None else [n for n, at in enumerate(batch.positions[row].tolist()) if at == 0]
        )
        starts = [n for n in starts if n < length]
        for start, end in zip(starts, [*starts[1:], length], strict=True):
            found.append((tuple(ids[start:end]), row, slice(start, end)))
    return found
