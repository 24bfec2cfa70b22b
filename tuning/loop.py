"""The training loop: AdamW over batches in a fixed order, stopped and taken up again between any two steps."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tamiz.errors import SettingsError
from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.checkpoints import RunState, load_checkpoint, save_checkpoint, trainable
from tuning.cost import memory_mb
from tuning.interrupts import held_interrupts
from tuning.lessons import Lesson, mean_loss
from tuning.prompts import Encoded
from tuning.settings import learning_rate, parameter_groups
from tuning.steplog import StepLog, step_log

__all__ = ["step_count", "train"]

LARGEST_GRADIENT = 1.0  # the norm gradients are clipped to
CHECKPOINT_SECONDS = 300.0  # and at the end of every epoch
CPU_TOKENS, GPU_TOKENS = 512, 16384  # of one forward and backward pass; a batch is taken in parts of that size
POINTS = 500  # of the training curve, at most


def step_count(pairs: int, settings: TuningSettings) -> int:
    """Optimiser steps in all.

    >>> step_count(130, TuningSettings(batch_size=8, epochs=4.0))
    68
    """
    return max(1, math.ceil(math.ceil(pairs / settings.batch_size) * settings.epochs))


def train(
    model: Any, lesson: Lesson, settings: TuningSettings, *, run: Path, state: RunState, resumed: bool, report: Job
) -> RunState:
    """Train from `state` to the end and leave the best weights in the model.

    Best is the lowest validation loss at the end of an epoch, or the last where there is no validation
    split. On Ctrl-C the state is saved, then KeyboardInterrupt goes on. Every step is told in the run's steps.jsonl.
    """
    optimizer = torch.optim.AdamW(parameter_groups(model, settings))
    best = load_checkpoint(run, model, optimizer) if resumed else _copy(model)
    with step_log(run, after=state.step) as log, held_interrupts() as interrupt:
        trainer = _Trainer(model, lesson, settings, run, optimizer, report, log)
        if not resumed and lesson.validation:
            state = trainer.validated(state, best)
        while state.step < trainer.steps:
            state = trainer.one_step(state)
            if trainer.epoch_ends(state.step):
                state = trainer.validated(state, best)
            if trainer.epoch_ends(state.step) or trainer.is_due() or interrupt.asked:
                trainer.save(state, best)
            if interrupt.asked:
                raise KeyboardInterrupt
    with torch.no_grad():
        for name, part in trainable(model).items():
            part.copy_(best[name])
    model.eval()
    return state


class _Trainer:
    """One run's loop, a step at a time."""

    def __init__(
        self,
        model: Any,
        lesson: Lesson,
        settings: TuningSettings,
        run: Path,
        optimizer: torch.optim.Optimizer,
        report: Job,
        log: StepLog,
    ) -> None:
        self._model, self._lesson, self._settings, self._log = model, lesson, settings, log
        self._run, self._optimizer, self._report = run, optimizer, report
        self._lengths = [len(pair.ids) for pair in lesson.train]
        self._an_epoch = math.ceil(len(self._lengths) / settings.batch_size)
        self.steps = step_count(len(self._lengths), settings)
        self._tokens_at_once = GPU_TOKENS if model.device.type == "cuda" else CPU_TOKENS
        self._saved = time.monotonic()

    def epoch_ends(self, step: int) -> bool:
        return step % self._an_epoch == 0 or step == self.steps

    def is_due(self) -> bool:
        return time.monotonic() - self._saved > CHECKPOINT_SECONDS

    def save(self, state: RunState, best: dict[str, Tensor]) -> None:
        save_checkpoint(self._run, state, self._model, self._optimizer, best)
        self._saved = time.monotonic()

    def one_step(self, state: RunState) -> RunState:
        begun = time.monotonic()
        settings, pairs = self._settings, self._batch(state.step)
        rate = learning_rate(state.step, self.steps, peak=settings.learning_rate, warmup_share=settings.warmup_share)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["ratio"]
        loss = self._backward(pairs)
        self._must_be_finite(loss, state.step)
        torch.nn.utils.clip_grad_norm_(trainable(self._model).values(), LARGEST_GRADIENT)
        self._optimizer.step()
        step = state.step + 1
        self._report.update(step, self.steps, note=f"loss {loss:.3f}")
        curves = state.curves
        if step % math.ceil(self.steps / POINTS) == 0 or step == self.steps:
            curves = _with_point(curves, "train", step, loss)
        tokens, took = sum(len(pair.ids) for pair in pairs), time.monotonic() - begun
        self._log.add(
            step,
            steps=self.steps,
            loss=loss,
            learning_rate=rate,
            tokens_per_second=tokens / took,
            memory_mb=memory_mb(self._model.device),
            seconds=state.seconds + took,
        )
        return replace(state, step=step, tokens=state.tokens + tokens, seconds=state.seconds + took, curves=curves)

    def _backward(self, pairs: Sequence[Encoded]) -> float:
        """Gradients of the batch's mean loss, taken in parts; the loss."""
        self._model.train()
        self._optimizer.zero_grad(set_to_none=True)
        count, mean = sum(pair.counted for pair in pairs), 0.0
        for part in self._lesson.pieces(pairs, self._tokens_at_once):
            loss, _ = self._lesson.loss(self._lesson.collate(part))
            (loss / count).backward()  # type: ignore[no-untyped-call]
            mean += float(loss.detach()) / count
        return mean

    def validated(self, state: RunState, best: dict[str, Tensor]) -> RunState:
        """The state with the validation loss; `best` is overwritten when this is the lowest so far."""
        begun = time.monotonic()
        loss = mean_loss(self._lesson, self._lesson.validation, self._model, self._settings.batch_size)
        if loss is None:
            best.update(_copy(self._model))
            return replace(state, best_step=state.step)
        self._log.add(state.step, validation_loss=loss)
        state = replace(
            state,
            curves=_with_point(state.curves, "validation", state.step, loss),
            seconds=state.seconds + time.monotonic() - begun,
        )
        if state.best_loss is not None and loss >= state.best_loss:
            return state
        best.update(_copy(self._model))
        return replace(state, best_loss=loss, best_step=state.step)

    def _batch(self, step: int) -> list[Encoded]:
        epoch, place = divmod(step, self._an_epoch)
        return [self._lesson.train[index] for index in self._lesson.batches(epoch)[place]]

    def _must_be_finite(self, loss: float, step: int) -> None:
        if not math.isfinite(loss):
            rate = self._settings.learning_rate
            raise SettingsError(
                f"the loss became {loss} at step {step + 1}. Lower [tuning] learning_rate (it is {rate:g}), "
                f"for example to {rate / 5:g}"
            )


def _copy(model: Any) -> dict[str, Tensor]:
    return {name: part.detach().cpu().clone() for name, part in trainable(model).items()}


def _with_point(
    curves: dict[str, list[dict[str, float]]], split: str, step: int, loss: float
) -> dict[str, list[dict[str, float]]]:
    return {**curves, split: [*curves[split], {"step": step, "loss": round(loss, 6)}]}
