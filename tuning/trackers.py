"""Where a run's numbers go while it trains: its own files always, a terminal, and trackers that are asked for.

steps.jsonl and tensorboard/ lie in the run's folder. trackio, Weights & Biases and MLflow write to this machine as
well, unless their own environment variables name a server.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tamiz.errors import SettingsError
from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.parallel import ALONE, Team
from tuning.quiet import quiet_libraries
from tuning.steplog import step_log
from tuning.tensorboard import EventFile

__all__ = ["Tracker", "check_trackers", "open_trackers"]

# How a number is called in curves: of the loss there are two, drawn side by side.
TAGS = {"loss": "loss/train", "validation_loss": "loss/validation"}
NOT_CURVES = ("steps", "seconds")
PROJECT = "tamiz"


@runtime_checkable
class Tracker(Protocol):
    """Takes numbers of one step."""

    def add(self, step: int, **values: float) -> None: ...


def check_trackers(names: Sequence[str]) -> None:
    """SettingsError for one that is not installed, with the command that brings it."""
    for name in names:
        if find_spec(name) is None:
            raise SettingsError(f"[tuning] trackers names {name}, which is not installed. Run: pip install {name}")


@contextmanager
def open_trackers(
    run: Path, settings: TuningSettings, report: Job, *, after: int, team: Team = ALONE
) -> Iterator[Tracker]:
    """Everything that follows this run, to go on after a step. Only the first process of a team writes."""
    if not team.is_first:
        yield _All([])
        return
    with ExitStack() as stack:
        followers: list[Tracker] = [stack.enter_context(step_log(run, after=after))]
        events = stack.enter_context(EventFile(run / "tensorboard"))
        events.begin_at(after + 1)
        followers.append(_Curves(events.add))
        if isinstance(report, Tracker):
            followers.append(report)
        for name in settings.trackers:
            log, close = OPENERS[name](run, asdict(settings))
            stack.callback(close)
            followers.append(_Curves(log))
        yield _All(followers)


class _All:
    """Numbers handed on to several."""

    def __init__(self, followers: Sequence[Tracker]) -> None:
        self._followers = followers

    def add(self, step: int, **values: float) -> None:
        for follower in self._followers:
            follower.add(step, **values)


class _Curves:
    """Numbers under the names that curves have."""

    def __init__(self, log: Callable[[int, Mapping[str, float]], None]) -> None:
        self._log = log

    def add(self, step: int, **values: float) -> None:
        self._log(step, {TAGS.get(name, name): value for name, value in values.items() if name not in NOT_CURVES})


Opened = tuple[Callable[[int, Mapping[str, float]], None], Callable[[], object]]


def _trackio(run: Path, settings: dict[str, Any]) -> Opened:
    os.environ.setdefault("TRACKIO_DIR", str(run.parent / "trackio"))
    with quiet_libraries():
        trackio = import_module("trackio")
        trackio.init(project=PROJECT, name=run.name, config=settings, resume="allow", embed=False)
    return lambda step, values: trackio.log(dict(values), step=step), trackio.finish


def _wandb(run: Path, settings: dict[str, Any]) -> Opened:
    wandb = import_module("wandb")
    opened = wandb.init(
        project=PROJECT,
        name=run.name,
        config=settings,
        dir=str(run),
        mode=os.environ.get("WANDB_MODE", "offline"),
        settings=wandb.Settings(silent=True),
    )
    return lambda step, values: opened.log(dict(values), step=step), opened.finish


def _mlflow(run: Path, settings: dict[str, Any]) -> Opened:
    mlflow = import_module("mlflow")
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        mlflow.set_tracking_uri(f"sqlite:///{(run.parent / 'mlflow.db').resolve()}")
    mlflow.set_experiment(PROJECT)
    mlflow.start_run(run_name=run.name)
    mlflow.log_params({name: str(value)[:500] for name, value in settings.items()})
    return lambda step, values: mlflow.log_metrics(dict(values), step=step), mlflow.end_run


OPENERS: dict[str, Callable[[Path, dict[str, Any]], Opened]] = {
    "trackio": _trackio,
    "wandb": _wandb,
    "mlflow": _mlflow,
}
