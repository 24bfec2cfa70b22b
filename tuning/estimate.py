"""What a run will take, measured on a few of its own parts before the first step, against what the machine has.

Parts are tried from small to large, so that the memory of a larger one is known before it is asked for. Where it
would not fit, a step's pairs are taken in smaller parts, then activations are worked out twice instead of kept; where
even one pair alone would not fit the run is refused. Nothing of this changes what is learnt: weights, optimiser
and random generators are left as they were.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from tamiz.errors import OutOfRoom
from tamiz.settings import TuningSettings
from tuning.checkpoints import RunState, trainable
from tuning.cost import peak_memory_mb
from tuning.gradients import random_states, set_random_states
from tuning.lessons import Lesson
from tuning.loop import is_validated, step_count
from tuning.memory import limit_mb
from tuning.parallel import ALONE, Team
from tuning.rehearsal import Rehearsal
from tuning.settings import cut_ranks

__all__ = ["Estimate", "check_weights_fit", "estimate"]

COPIES = 4.0  # numbers of 4 bytes in a checkpoint for each that learns: itself, the best so far, two moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is left of a run: `seconds` of training with its validations, the peak of memory while it trains.

    `before_mb` is the peak before the measurement, which the system's own mark of it forgets; `limit_mb` is what this
    process may hold in all, and `notes` say what was adapted to it and to the model.
    """

    seconds: float
    steps: int
    tokens_per_second: float
    peak_memory_mb: float
    before_mb: float
    limit_mb: float
    tokens_at_once: int
    spare: bool
    disk_mb: float
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For people."""
        told = (
            f"estimate: {_duration(self.seconds)} for {self.steps:,} steps ({self.tokens_per_second:,.0f} tokens a "
            f"second), at most {self.peak_memory_mb:,.0f} MB of memory of {self.limit_mb:,.0f} MB that it may take"
        )
        return [told, *self.notes]

    def described(self) -> dict[str, Any]:
        """For the run card, where the limit may be none."""
        values = asdict(self)
        return {**values, "limit_mb": None if math.isinf(self.limit_mb) else round(self.limit_mb)}


def check_weights_fit(parameters: int, settings: TuningSettings, device: torch.device, dtype: torch.dtype) -> None:
    """OutOfRoom before a base is loaded whose weights alone are more than the machine has.

    Full fine-tuning keeps 20 bytes for each number: weight, gradient, two moments, and the best weights so far.
    """
    size = 0.6 if settings.quantise == "4bit" else 20 if settings.method == "full" else torch.finfo(dtype).bits / 8
    needed, limit = parameters * size / 1e6, limit_mb(device, given=settings.memory_mb)
    if needed > limit:
        how = "full fine-tuning of" if settings.method == "full" else "the weights of"
        move = 'Give method = "lora", or a' if settings.method == "full" else "Give a"
        raise OutOfRoom(
            f"{how} {settings.base} ({parameters / 1e6:,.0f}M parameters) takes at least {needed:,.0f} MB of memory, "
            f"and {limit:,.0f} MB are free. {move} smaller base (tamiz models), or close other programs"
        )


def estimate(
    model: Any, lesson: Lesson, settings: TuningSettings, state: RunState, run: Path, team: Team = ALONE
) -> Estimate:
    """Measure, adapt and foretell. OutOfRoom where one pair alone, or the checkpoints on the disk, would not fit."""
    randoms = random_states(model.device)
    trial = Rehearsal(model, lesson, settings, state, team)
    try:
        trial.fit_in()
        timed, checked = trial.time_parts()
        peak = max(trial.before, trial.grown(peak_memory_mb(model.device)))
    finally:
        trial.forget()
        set_random_states(randoms, model.device)
    steps = step_count(len(lesson.train), settings)
    an_epoch = math.ceil(len(lesson.train) / settings.batch_size)
    left = range(state.step + 1, steps + 1)
    validations = sum(is_validated(step, an_epoch, settings.validations) for step in left) + (state.step == 0)
    tokens = sum(len(pair.ids) for pair in lesson.train) * len(left) / an_epoch
    seconds = (timed * tokens + checked * validations) / team.size
    needed = _check_disk(model, run) if team.is_first else 0.0
    return Estimate(
        seconds=round(seconds, 1),
        steps=len(left),
        tokens_per_second=round(team.size / timed, 1),
        peak_memory_mb=round(peak),
        before_mb=trial.before,
        limit_mb=trial.limit,
        tokens_at_once=trial.gradients.tokens,
        spare=trial.gradients.spare,
        disk_mb=round(needed),
        notes=(*cut_ranks(model, settings), *trial.notes),
    )


def _check_disk(model: Any, run: Path) -> float:
    """MB that checkpoints and the adapter take; OutOfRoom where the disk has less."""
    size = sum(part.numel() * 4 for part in trainable(model).values()) / 1e6
    needed = size * (2 * COPIES + 1)  # a new checkpoint is written beside the older one
    free = shutil.disk_usage(run).free / 1e6
    if needed > free:
        raise OutOfRoom(
            f"checkpoints and adapter of this run take up to {needed:,.0f} MB in {run}, and {free:,.0f} MB are free "
            "on that disk. Make room, or give the project another place"
        )
    return needed


def _duration(seconds: float) -> str:
    """
    >>> _duration(42), _duration(150), _duration(8000)
    ('42 s', '2.5 min', '2.2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
