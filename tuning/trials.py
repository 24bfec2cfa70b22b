"""One trial of a search: a short run without a proof and without an adapter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tamiz.errors import SettingsError
from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.adapted import DTYPES, fresh_model
from tuning.checkpoints import RunState, drop_checkpoints, newest_state
from tuning.data import Dataset
from tuning.lessons import make_lesson
from tuning.loading import find_device, training_dtype
from tuning.loop import train
from tuning.models import find_base
from tuning.quiet import quiet_libraries
from tuning.starts import start_from_pairs
from tuning.trust import allowed_by

__all__ = ["run_trial"]


def run_trial(
    data: Dataset,
    labels: Sequence[str],
    settings: TuningSettings,
    *,
    key: str,
    run: Path,
    started_at: str,
    report: Job,
) -> dict[str, Any]:
    """Train in the folder `run`, or go on from its checkpoint; the outcome as the fields of a Trial.

    A rate at which the loss is no number any more has no loss: that is an answer, not an error.
    """
    run.mkdir(parents=True, exist_ok=True)
    device = find_device(settings.device)
    earlier = newest_state(run, key)
    if earlier is None:
        drop_checkpoints(run)
    dtype = str(training_dtype(device, settings)).removeprefix("torch.")
    state = earlier or RunState(key=key, started_at=started_at, dtype=dtype)
    base = find_base(settings.base, allowed_by(settings))
    model, tokenizer = fresh_model(base, settings, labels, device=device, dtype=DTYPES[state.dtype])
    lesson = make_lesson(model, tokenizer, data, labels, settings, device)
    start_from_pairs(model, lesson.train, tokenizer.pad_token_id)
    try:
        with quiet_libraries():
            state = train(model, lesson, settings, run=run, state=state, resumed=earlier is not None, report=report)
    except SettingsError:
        drop_checkpoints(run)  # of weights that go nowhere
        return {"loss": None, "start_loss": None, "steps": state.step, "seconds": round(state.seconds, 1)}
    drop_checkpoints(run)
    points = state.curves["validation"]
    return {
        "loss": state.best_loss,
        "start_loss": points[0]["loss"] if points else None,
        "steps": state.step,
        "seconds": round(state.seconds, 1),
    }
