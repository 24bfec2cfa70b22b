"""What a run trains, and all that it works with once it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from tamiz.errors import SettingsError
from tamiz.settings import TuningSettings
from tuning.adapted import fresh_model
from tuning.adapters import Adapter
from tuning.data import Dataset
from tuning.estimate import check_weights_fit
from tuning.lessons import Lesson, make_lesson
from tuning.models import BaseModel, find_base
from tuning.parallel import Team
from tuning.positions import within_positions
from tuning.presets import count_parameters
from tuning.settings import within_ranks
from tuning.starts import start_from_pairs
from tuning.trust import allowed_by

__all__ = ["Ready", "Task", "make_ready"]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be trained, where to, and with whom."""

    data: Dataset
    labels: Sequence[str]
    settings: TuningSettings
    asked: TuningSettings
    key: str
    run: Path
    adapter: Path
    team: Team
    start: Adapter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a run works with once everything is loaded.

    `lesson` is that of the pairs, by which the model is proved; `learnt` is what it is trained on: the same, or the
    preferences, of which `alike` are left out.
    """

    task: Task
    base: BaseModel
    model: Any
    tokenizer: Any
    lesson: Lesson
    learnt: Lesson
    device: torch.device
    alike: int = 0


def make_ready(task: Task, device: torch.device, dtype: torch.dtype) -> Ready:
    """Load the base and prepare its lesson. OutOfRoom where its weights alone are more than the memory."""
    settings, base = task.settings, find_base(task.settings.base, allowed_by(task.settings))
    if base.folder is not None:
        check_weights_fit(count_parameters(base.folder), settings, device, dtype)
    if settings.method == "dpo":
        if task.team.size > 1:
            raise SettingsError('[tuning] method is "dpo", which trains in one process: leave out --processes')
        from tuning.dpo import ready_to_prefer

        parts = ready_to_prefer(base, task.start, task.data, settings, task.run, device=device, dtype=dtype)
        task = replace(task, settings=parts.pop("settings"))
        return Ready(task=task, base=base, device=device, **parts)
    model, tokenizer = fresh_model(base, settings, task.labels, device=device, dtype=dtype)
    settings = within_ranks(model, within_positions(model, settings))
    task = replace(task, settings=settings)
    lesson = make_lesson(model, tokenizer, task.data, task.labels, settings, device)
    start_from_pairs(model, lesson.train, tokenizer.pad_token_id)
    return Ready(task=task, base=base, model=model, tokenizer=tokenizer, lesson=lesson, learnt=lesson, device=device)
