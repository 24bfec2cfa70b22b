"""The training loop: AdamW over batches in a fixed order, stopped and taken up again between any two steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
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
from tuning.endings import in_clear_words, kept_words
from tuning.gradients import Gradients, random_states, set_random_states
from tuning.interrupts import held_interrupts
from tuning.lessons import Lesson, shared_loss
from tuning.parallel import ALONE, Team
from tuning.prompts import Encoded
from tuning.settings import learning_rate, parameter_groups
from tuning.sharding import clip_gradients, own
from tuning.trackers import Tracker, open_trackers

__all__ = ["is_validated", "step_count", "train"]

POINTS = 500  # of the training curve, at most


def step_count(pairs: int, settings: TuningSettings) -> int:
    """Optimiser steps in all.

    >>> step_count(130, TuningSettings(batch_size=8, epochs=4.0))
    68
    """
    return max(1, math.ceil(math.ceil(pairs / settings.batch_size) * settings.epochs))


def is_validated(step: int, an_epoch: int, times: int) -> bool:
    """Whether the validation loss is taken after this step (1, 2, ...), so many times an epoch and at its end.

    >>> [step for step in range(1, 15) if is_validated(step, 7, 2)]
    [4, 7, 11, 14]
    """
    place = (step - 1) % an_epoch + 1
    return place * times // an_epoch > (place - 1) * times // an_epoch


def train(
    model: Any,
    lesson: Lesson,
    settings: TuningSettings,
    *,
    run: Path,
    state: RunState,
    resumed: bool,
    report: Job,
    team: Team = ALONE,
    finish: bool = False,
) -> RunState:
    """Train from `state` to the end and leave the best weights in the model; with `finish`, take no further step.

    Best is the lowest validation loss, or the last step where there is no validation split. On Ctrl-C or SIGTERM the
    state is saved, then KeyboardInterrupt goes on; SettingsError says that the loss went astray, OutOfRoom that memory
    or disk ran out, PeerLost that another process ended: each tells which state is kept.
    """
    optimizer = torch.optim.AdamW(parameter_groups(model, settings))
    best = load_checkpoint(run, model, optimizer, team) if resumed else _copy(model)
    if not resumed:
        team.spread(trainable(model))
    with held_interrupts() as interrupt, open_trackers(run, settings, report, after=state.step, team=team) as log:
        trainer = _Trainer(model, lesson, settings, run, optimizer, report, log, state, team)
        with in_clear_words(run, trainer.kept):
            if not resumed and lesson.validation:
                state = trainer.validated(state, best)
            while not (finish or state.stopped) and state.step < trainer.steps:
                state = trainer.one_step(state, best, lambda: interrupt.asked)
                ends = trainer.epoch_ends(state.step)
                if ends:
                    state = trainer.validated(state, best)
                if ends or trainer.is_due() or trainer.is_asked():
                    trainer.save(state, best)
                if trainer.is_asked():
                    raise KeyboardInterrupt
    with torch.no_grad():
        for name, part in trainable(model).items():
            own(part).copy_(best[name])
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
        log: Tracker,
        state: RunState,
        team: Team,
    ) -> None:
        self._model, self._lesson, self._settings, self._log = model, lesson, settings, log
        self._run, self._optimizer, self._report, self._team = run, optimizer, report, team
        self._an_epoch = math.ceil(len(lesson.train) / settings.batch_size)
        self.steps = step_count(len(lesson.train), settings)
        self._gradients = Gradients(model, lesson, settings, tokens=state.tokens_at_once, spare=state.spare, team=team)
        self._saved, self._saved_step = time.monotonic(), state.step
        self._order: tuple[int, list[list[int]]] = (-1, [])  # an epoch and its batches
        self._wishes: Callable[[], bool] = lambda: False

    def epoch_ends(self, step: int) -> bool:
        return step == self.steps or is_validated(step, self._an_epoch, self._settings.validations)

    def is_due(self) -> bool:
        """Whether a checkpoint is to be written, as the first process has it."""
        return self._gradients.due if self._team.size > 1 else self._is_late()

    def is_asked(self) -> bool:
        """Whether the run is to stop here: all processes have to stop after the same step."""
        return self._gradients.asked if self._team.size > 1 else self._wishes()

    def kept(self) -> str:
        return kept_words(self._run, self._saved_step)

    def save(self, state: RunState, best: dict[str, Tensor]) -> None:
        save_checkpoint(self._run, state, self._model, self._optimizer, best, self._team)
        self._saved, self._saved_step = time.monotonic(), state.step

    def one_step(self, state: RunState, best: dict[str, Tensor], asked: Callable[[], bool]) -> RunState:
        begun, self._wishes = time.monotonic(), asked
        before = random_states(self._model.device)
        pairs, rate = self._batch(state.step), self._set_rate(state.step)
        late = self._team.is_first and self._is_late()
        loss = self._gradients(pairs, state.step, asked=asked(), due=late)
        norm = self._clip()
        if not (math.isfinite(loss) and math.isfinite(norm)):
            set_random_states(before, self._model.device)
            self._went_astray(loss, state, best)
        self._optimizer.step()
        step = state.step + 1
        self._report.update(step, self.steps, note=f"loss {loss:.3f}")
        tokens, took = sum(len(pair.ids) for pair in pairs), time.monotonic() - begun
        self._log.add(
            step,
            steps=self.steps,
            loss=loss,
            learning_rate=rate,
            gradient_norm=norm,
            tokens_per_second=tokens / took,
            memory_mb=memory_mb(self._model.device),
            seconds=state.seconds + took,
        )
        curves = state.curves
        if step % math.ceil(self.steps / POINTS) == 0 or step == self.steps:
            curves = _with_point(curves, "train", step, loss)
        events, self._gradients.events = tuple(self._gradients.events), []
        return replace(
            state,
            step=step,
            tokens=state.tokens + tokens,
            seconds=state.seconds + took,
            curves=curves,
            tokens_at_once=self._gradients.tokens,
            spare=self._gradients.spare,
            events=(*state.events, *events),
        )

    def validated(self, state: RunState, best: dict[str, Tensor]) -> RunState:
        """The state with the validation loss; `best` is overwritten when this is the lowest so far."""
        begun = time.monotonic()
        loss = shared_loss(self._lesson, self._lesson.validation, self._model, self._settings.batch_size, self._team)
        if loss is None:
            best.update(_copy(self._model))
            return replace(state, best_step=state.step)
        self._log.add(state.step, validation_loss=loss)
        state = replace(
            state,
            curves=_with_point(state.curves, "validation", state.step, loss),
            seconds=state.seconds + time.monotonic() - begun,
        )
        # A loss that is no number is never the best; the next step would end the run.
        if state.best_loss is not None and not loss < state.best_loss:
            return self._patient(replace(state, worse=state.worse + 1))
        best.update(_copy(self._model))
        return replace(state, best_loss=loss, best_step=state.step, worse=0)

    def _patient(self, state: RunState) -> RunState:
        """The state, at its end where the loss has not fallen for too long."""
        most = self._settings.patience
        if not most or state.worse < most or state.step >= self.steps:
            return state
        stopped = f"early, after step {state.step}: {most} validations without a lower loss"
        return replace(state, stopped=stopped)

    def _set_rate(self, step: int) -> float:
        settings = self._settings
        rate = learning_rate(
            step,
            self.steps,
            peak=settings.learning_rate,
            warmup_share=settings.warmup_share,
            schedule=settings.schedule,
            decay_share=settings.decay_share,
        )
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["ratio"]
        return rate

    def _batch(self, step: int) -> list[Encoded]:
        epoch, place = divmod(step, self._an_epoch)
        if self._order[0] != epoch:
            self._order = epoch, self._lesson.batches(epoch)
        return [self._lesson.train[index] for index in self._order[1][place]]

    def _clip(self) -> float:
        """The gradient's norm before it is clipped."""
        parts, most = list(trainable(self._model).values()), self._settings.clip or math.inf
        if self._team.shards:
            return clip_gradients(parts, lambda own: self._team.sum(own, self._model.device), most)
        return float(torch.nn.utils.clip_grad_norm_(parts, most))

    def _is_late(self) -> bool:
        return time.monotonic() - self._saved >= 60 * self._settings.checkpoint_minutes

    def _went_astray(self, loss: float, state: RunState, best: dict[str, Tensor]) -> None:
        """Keep the state before the step, whose weights are numbers, and say what to change."""
        what = f"the loss became {loss}" if not math.isfinite(loss) else "the gradient is no number"
        if state.step == 0:
            raise SettingsError(
                f"{what} at step 1, before anything was learnt: {self._settings.base} itself gives no number for these "
                "pairs. Its files may be broken: install it again, or choose another base (tamiz models)"
            )
        self.save(state, best)
        rate, name = self._settings.learning_rate, self._run.name
        raise SettingsError(
            f"{what} at step {state.step + 1}. Lower [tuning] learning_rate (it is {rate:g}), "
            f"for example to {rate / 5:g}. The weights of step {state.step} are kept; to prove and save the best so "
            f"far, those of step {state.best_step}: tamiz tune {name} --finish"
        )


def _copy(model: Any) -> dict[str, Tensor]:
    """The numbers of this process that learn, on the CPU."""
    return {name: own(part.detach()).cpu().clone() for name, part in trainable(model).items()}


def _with_point(
    curves: dict[str, list[dict[str, float]]], split: str, step: int, loss: float
) -> dict[str, list[dict[str, float]]]:
    return {**curves, split: [*curves[split], {"step": step, "loss": round(loss, 6)}]}
