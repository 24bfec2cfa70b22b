"""A few learning rates tried on a short budget, ranked by what they do to the validation pairs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tamiz.errors import InputError
from tamiz.files import write_whole
from tamiz.progress import Job
from tamiz.settings import TuningSettings
from tuning.adapters import check_name
from tuning.alone import alone_in
from tuning.data import Dataset, check_labels, check_sizes, read_export, way_to_fill
from tuning.live import Silence
from tuning.needs import need_tune_extra
from tuning.train import run_key

__all__ = ["Search", "Trial", "search", "search_table"]

SHARES = (0.1, 0.3, 1.0, 3.0)  # of the rate that would be taken without a search
STEPS = 30
TRIAL = "trial.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One rate after the short budget; `loss` is the lowest validation loss, None where the training went astray."""

    learning_rate: float
    loss: float | None
    start_loss: float | None
    steps: int
    seconds: float
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The trials of one search, the best first."""

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        return self.trials[0]


def search(
    export: Path,
    settings: TuningSettings,
    *,
    name: str,
    runs: Path,
    rates: Sequence[float] = (),
    steps: int = STEPS,
    report: Job | None = None,
) -> Search:
    """Train `steps` steps with each rate, from the same start on the same pairs, and rank them on the validation split.

    Without `rates` it tries a few about the one that a run would take. Each trial is a run folder
    runs/NAME-rate-RATE: a search that was stopped goes on where it was, and one that is done is not done again.
    No adapter is left. InputError when the export has no validation pairs, or another process trains in such a folder.
    """
    check_name(name)
    data = read_export(export)
    check_sizes(data)
    if not data.validation:
        raise InputError(f"{export} has no validation pairs to rank by. {way_to_fill(data, 'validation')}")
    labels = check_labels(data) if settings.task == "classify" else ()
    need_tune_extra("tamiz tune --search")
    from tuning.presets import derive, facts_of

    settings = derive(settings, facts_of(data, settings))
    tried = sorted(rates or {float(f"{settings.learning_rate * share:.1g}") for share in SHARES})
    trials = []
    for rate in tried:
        run = runs / check_name(f"{name}-rate-{rate:g}")
        trials.append(_try(data, labels, _short(settings, rate, steps, len(data.train)), run, report or Silence()))
    return Search(trials=tuple(sorted(trials, key=lambda trial: math.inf if trial.loss is None else trial.loss)))


def search_table(found: Search) -> str:
    """The trials as lines, the best first, and what to do with it."""
    lines = ["learning rate  validation loss  from      steps  seconds"]
    for trial in found.trials:
        loss, start = (f"{value:.4f}" if value is not None else "astray" for value in (trial.loss, trial.start_loss))
        lines.append(f"{trial.learning_rate:>13g}  {loss:>15}  {start:<8}  {trial.steps:>5}  {trial.seconds:>7.1f}")
    if found.best.loss is None:
        return "\n".join([*lines, "no rate could be trained with; look at the pairs, or give smaller rates"])
    ends = sorted(trial.learning_rate for trial in found.trials)
    at_end = found.best.learning_rate in (ends[0], ends[-1]) and len(ends) > 2
    more = ["the best rate is the last one tried: a further one may be better still"] if at_end else []
    line = f"[tuning]\nlearning_rate = {found.best.learning_rate:g}"
    return "\n".join([*lines, *more, "", "put it into tamiz.toml:", "", line])


def _short(settings: TuningSettings, rate: float, steps: int, pairs: int) -> TuningSettings:
    """The settings of a trial: so many epochs that they make this many steps."""
    an_epoch = math.ceil(pairs / settings.batch_size)
    return replace(settings, learning_rate=rate, epochs=(steps - 0.5) / an_epoch)


def _try(data: Dataset, labels: Sequence[str], settings: TuningSettings, run: Path, report: Job) -> Trial:
    key = run_key(data, settings)
    done = _read_trial(run, key)
    if done is not None:
        return done
    from tuning.trials import run_trial

    with alone_in(run):
        outcome = run_trial(data, labels, settings, key=key, run=run, started_at=_now(), report=report)
        trial = Trial(learning_rate=settings.learning_rate, run=run.name, **outcome)
        write_whole(run / TRIAL, json.dumps({"run_key": key, **asdict(trial)}, indent=1) + "\n")
    return trial


def _read_trial(run: Path, key: str) -> Trial | None:
    try:
        values = json.loads((run / TRIAL).read_bytes())
    except FileNotFoundError:
        return None
    return Trial(**{k: v for k, v in values.items() if k != "run_key"}) if values.get("run_key") == key else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
