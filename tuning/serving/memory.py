"""The keys and values of dialogues that are gone on with together: rows join and leave between two tokens.

Rows are aligned at their ends; a shorter one has gaps at its start, which the attention mask hides. Every
layer keeps all places, also where the model looks back no further than a window, for the mask says so too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

__all__ = ["SharedMemory", "fresh_cache"]


class SharedMemory:
    """One cache for all rows. `gaps` counts each row's hidden places at its start."""

    def __init__(self) -> None:
        self._cache: Any = None
        self.gaps: list[int] = []

    def __len__(self) -> int:
        return len(self.gaps)

    @property
    def cache(self) -> Any:
        """What the model is given; it grows by a place a token."""
        return self._cache

    @property
    def length(self) -> int:
        return int(self._cache.get_seq_length()) if self._cache is not None else 0

    def join(self, row: Any) -> None:
        """Put a dialogue behind the others; `row` is the cache of its prompt, of one row without gaps."""
        if self._cache is None:
            self._cache, self.gaps = row, [0]
            return
        mine, its = self.length, int(row.get_seq_length())
        longest = max(mine, its)
        for layer, other in zip(self._cache.layers, row.layers, strict=True):
            layer.keys = torch.cat([_widened(layer.keys, longest), _widened(other.keys, longest)])
            layer.values = torch.cat([_widened(layer.values, longest), _widened(other.values, longest)])
        self.gaps = [*(gap + longest - mine for gap in self.gaps), longest - its]

    def keep(self, rows: Sequence[int]) -> None:
        """Forget all rows but these, and the places that none of them has."""
        if not rows:
            self._cache, self.gaps = None, []
            return
        if len(rows) == len(self.gaps):
            return
        gaps = [self.gaps[row] for row in rows]
        spare = min(gaps)
        chosen = torch.tensor(rows, device=self._cache.layers[0].keys.device)
        for layer in self._cache.layers:
            layer.keys = layer.keys[chosen, :, spare:]
            layer.values = layer.values[chosen, :, spare:]
        self.gaps = [gap - spare for gap in gaps]

    def step_inputs(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """For one token more in every row: the attention mask (rows, places) and the positions (rows, 1)."""
        places = self.length + 1
        gaps = torch.tensor(self.gaps, device=device)[:, None]
        mask = (torch.arange(places, device=device) >= gaps).long()
        return mask, places - 1 - gaps


def fresh_cache() -> Any:
    """An empty cache that keeps all places in every layer."""
    return DynamicCache()


def _widened(states: Tensor, length: int) -> Tensor:
    """(rows, heads, places, width) with zeros before the first place, up to `length` places."""
    missing = length - states.shape[-2]
    return torch.nn.functional.pad(states, (0, 0, missing, 0)) if missing else states
