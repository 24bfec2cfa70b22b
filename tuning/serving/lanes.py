"""Answers made together: one step is one token more for each of them."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tuning.answers import stop_ids
from tuning.serving.asking import Ask, Ended, Failed, Piece
from tuning.serving.bases import LoadedBase
from tuning.serving.memory import SharedMemory, fresh_cache
from tuning.serving.unfolding import Unfolding

__all__ = ["Lane", "lane_key"]

LEAST_TEMPERATURE = 1e-3  # below it the choice is the most likely token, without dividing by almost nothing


def lane_key(ask: Ask) -> tuple[int, str]:
    """Asks of the same key share a batch: adapters of one base that peft can mix, or one adapter alone."""
    return (id(ask.speaker.base), "" if ask.speaker.mixes else ask.speaker.inner)


@dataclass(slots=True)
class _Row:
    """An answer in the making: `last` is its newest token, not yet read by the model."""

    ask: Ask
    words: Unfolding
    random: torch.Generator | None
    last: int = 0
    memory: Any = None  # its own, where rows cannot share one


class Lane:
    """The answers that a base makes together."""

    def __init__(self, base: LoadedBase) -> None:
        self._base = base
        self._stops = frozenset(stop_ids(base.model, base.tokenizer))
        self._rows: list[_Row] = []
        self._memory = SharedMemory()

    def __len__(self) -> int:
        return len(self._rows)

    def join(self, ask: Ask) -> None:
        """Read a prompt and choose its first token; from the next step on it is one of the rows.

        Each prompt is read alone, so that it is read as it would be in a batch of one.
        """
        row = _Row(ask=ask, words=Unfolding(self._base.tokenizer, ask.stops), random=_random(ask, self._device))
        cache = fresh_cache() if self._base.batches else None
        ids = torch.tensor([ask.prompt], device=self._device)
        if self._base.batches:
            seen = self._base.forward([ask.speaker.inner], **_prompt_inputs(ids), past_key_values=cache)
        else:
            seen = self._base.forward([ask.speaker.inner], input_ids=ids)
        if not self._take(row, seen.logits[0, -1]):
            return
        self._rows.append(row)
        if self._base.batches:
            self._memory.join(cache)
        else:
            row.memory = [*ask.prompt]

    def step(self) -> None:
        """One token more for every row; rows that are whole, or whose asker has gone, leave."""
        self._leave([n for n, row in enumerate(self._rows) if row.ask.gone.is_set()])
        if not self._rows:
            return
        logits = self._together() if self._base.batches else self._one_by_one()
        self._leave([n for n, row in enumerate(self._rows) if not self._take(row, logits[n])])

    def fail(self, failed: Failed) -> None:
        """End all answers, saying why, and forget them."""
        for row in self._rows:
            row.ask.tell(failed)
        self._leave(range(len(self._rows)))

    @property
    def _device(self) -> torch.device:
        device: torch.device = self._base.model.device
        return device

    def _together(self) -> Tensor:
        mask, positions = self._memory.step_inputs(self._device)
        seen = self._base.forward(
            [row.ask.speaker.inner for row in self._rows],
            input_ids=torch.tensor([[row.last] for row in self._rows], device=self._device),
            attention_mask=mask,
            position_ids=positions,
            past_key_values=self._memory.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: Tensor = seen.logits[:, -1]
        return logits

    def _one_by_one(self) -> list[Tensor]:
        """A model whose memory cannot be shared reads each dialogue anew: slow, and right."""
        found = []
        for row in self._rows:
            row.memory.append(row.last)
            ids = torch.tensor([row.memory], device=self._device)
            found.append(self._base.forward([row.ask.speaker.inner], input_ids=ids).logits[0, -1])
        return found

    def _take(self, row: _Row, logits: Tensor) -> bool:
        """Choose a row's next token and tell what it adds; whether the row goes on."""
        token = _chosen(logits, row)
        if token in self._stops:
            self._end(row, "stop")
            return False
        row.last = token
        piece = row.words.take(token)
        if piece:
            row.ask.tell(Piece(piece))
        if row.words.stopped or row.words.count >= row.ask.most:
            self._end(row, "stop" if row.words.stopped else "length")
            return False
        return True

    def _end(self, row: _Row, reason: Any) -> None:
        rest = row.words.end()
        if rest:
            row.ask.tell(Piece(rest))
        row.ask.tell(Ended(reason, row.words.count))

    def _leave(self, rows: Any) -> None:
        leaving = set(rows)
        if not leaving:
            return
        kept = [n for n in range(len(self._rows)) if n not in leaving]
        self._rows = [self._rows[n] for n in kept]
        if self._base.batches:
            self._memory.keep(kept)


def _prompt_inputs(ids: Tensor) -> dict[str, Any]:
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "use_cache": True, "logits_to_keep": 1}


def _random(ask: Ask, device: torch.device) -> torch.Generator | None:
    if ask.temperature < LEAST_TEMPERATURE:
        return None
    seed = secrets.randbits(62) if ask.seed is None else ask.seed
    return torch.Generator().manual_seed(seed)  # on the processor: the same on every device


def _chosen(logits: Tensor, row: _Row) -> int:
    """The most likely token, or one drawn from the smallest set of tokens whose chances make up top_p."""
    if row.random is None:
        return int(logits.argmax())
    chances = torch.softmax(logits.float().cpu() / row.ask.temperature, dim=-1)
    if row.ask.top_p < 1:
        ordered, tokens = chances.sort(descending=True)
        before = ordered.cumsum(0) - ordered
        chances = torch.zeros_like(chances).scatter(0, tokens, ordered.where(before < row.ask.top_p, 0.0))
    if not math.isfinite(float(chances.sum())):
        return int(logits.argmax())
    return int(torch.multinomial(chances, 1, generator=row.random))
