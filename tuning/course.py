"""A tuning run from the base to the card: load, train, prove, save."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from tamiz.errors import InputError, SettingsError
from tamiz.files import write_whole
from tamiz.progress import Job
from tamiz.records import RunCard, record_dict
from tamiz.settings import TuningSettings
from tuning.adapted import DTYPES, save_adapter
from tuning.adapters import Adapter
from tuning.checkpoints import RunState, drop_checkpoints, newest_state, no_room
from tuning.cost import peak_memory_mb
from tuning.data import Dataset
from tuning.estimate import Estimate, estimate
from tuning.launch import is_first_process
from tuning.live import Silence, Speaker
from tuning.loading import find_device, training_dtype
from tuning.loop import train
from tuning.losses import first_losses
from tuning.parallel import joined_team
from tuning.proving import prove_run
from tuning.ready import Ready, Task, make_ready
from tuning.runcard import now, run_card
from tuning.starts import onto_base
from tuning.trackers import check_trackers

__all__ = ["BEGUN", "run_course"]

BEGUN = "begun.json"  # what a run trains, there from its start on


def run_course(
    data: Dataset,
    labels: Sequence[str],
    settings: TuningSettings,
    *,
    key: str,
    run: Path,
    adapter: Path,
    report: Job,
    asked: TuningSettings | None = None,
    finish: bool = False,
    start: Adapter | None = None,
) -> RunCard:
    """Train on `data` in the folder `run`, and save the adapter with its card to `adapter`.

    `asked` are the settings before a preset derived any: a run that is taken up again is asked for with them. With
    `finish` the best weights of the last checkpoint are proved and saved as they are.
    """
    with _alone_in(run), joined_team(settings.device) as team:
        task = Task(data, labels, settings, asked or settings, key, run, adapter, team, start)
        return _run(task, report if team.is_first else Silence(), finish=finish)


@contextmanager
def _alone_in(run: Path) -> Iterator[None]:
    """Hold the run's folder while the block runs; InputError where another process trains in it.

    The kernel lets it go with the process, so a run that was killed holds nothing. Of a team the first one holds it.
    """
    run.mkdir(parents=True, exist_ok=True)
    if not is_first_process():
        yield
        return
    handle = os.open(run, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{run} is being trained by another process. Wait until it ends, or tune under another name: "
                f"tamiz tune {run.name}-2"
            ) from None
        yield
    finally:
        os.close(handle)


def _run(task: Task, report: Job, *, finish: bool) -> RunCard:
    settings, run, team = task.settings, task.run, task.team
    check_trackers(settings.trackers)
    device = find_device(settings.device)
    state, resumed = _state(task, device)
    _say_begun(task, state)
    ready = make_ready(task, device, DTYPES[state.dtype])
    settings = ready.task.settings  # what the model can read may have bounded them
    guess = None if finish else estimate(ready.model, ready.learnt, settings, state, run, team)
    if guess is not None:
        state = replace(state, tokens_at_once=guess.tokens_at_once, spare=guess.spare)
        _say_begun(task, state, guess)
        if isinstance(report, Speaker):
            report.say("\n".join(guess.lines()))
    first = _first_losses(ready, resumed)
    state = train(
        ready.model,
        ready.learnt,
        settings,
        run=run,
        state=state,
        resumed=resumed,
        report=report,
        team=team,
        finish=finish,
    )
    peak = peak_memory_mb(device)
    proof, took = None, 0.0
    if team.is_first:
        begun = time.monotonic()
        onto_base(ready.model)
        preferred = _preferred(ready)
        proof = prove_run(
            ready.model,
            ready.tokenizer,
            ready.lesson,
            task.data,
            task.labels,
            settings,
            run=run if team.is_first else None,
            first=first,
            trained_seconds=state.seconds,
            report=report,
        )
        took = time.monotonic() - begun
    if proof is not None:
        for name, metrics in preferred.pop("results", {}).items():
            proof.proof.results[name].update(metrics)
        card = run_card(ready, state, proof, {**_foretold(guess), "training_peak_memory_mb": peak}, took)
        card.settings.update(preferred)
        proof.write(run, card)
        _save(ready, card)
        return RunCard.from_dict(team.told_by_first(record_dict(card))) if team.size > 1 else card
    return RunCard.from_dict(team.told_by_first({}))


def _preferred(ready: Ready) -> dict[str, Any]:
    """What the run did to the answers that reviewers changed: `results` by model, and what the card tells of them."""
    settings = ready.task.settings
    if settings.method != "dpo":
        return {}
    from tuning.dpo import proved_preferences, show_start

    show_start(ready.model)
    return proved_preferences(ready.model, ready.lesson, ready.learnt, alike=ready.alike, seed=settings.seed)


def _first_losses(ready: Ready, resumed: bool) -> dict[int, tuple[float, int]]:
    """The losses of training pairs before the first step, to be set beside those after the last."""
    task, settings = ready.task, ready.task.settings
    if not settings.pair_losses or not task.team.is_first or settings.method == "dpo":
        return {}
    run = task.run if task.team.is_first else None
    return first_losses(ready.model, ready.lesson, run, most=settings.pair_losses, seed=settings.seed, resumed=resumed)


def _state(task: Task, device: torch.device) -> tuple[RunState, bool]:
    """Where the run stands, the same in every process, and whether it was begun before."""
    earlier = newest_state(task.run, task.key) if task.team.is_first else None
    if earlier is None and task.team.is_first:
        drop_checkpoints(task.run)
    dtype = _type_name(training_dtype(device, task.settings))
    fresh = RunState(key=task.key, started_at=now(), dtype=dtype)
    return task.team.told_by_first((earlier or fresh, earlier is not None))


def _say_begun(task: Task, state: RunState, guess: Estimate | None = None) -> None:
    """Leave in the run's folder what is being trained, for those who watch and for going on; the card comes last."""
    if not task.team.is_first:
        return
    begun = {
        "run_key": state.key,
        "started_at": state.started_at,
        "dataset_version": task.data.manifest.version,
        "settings": asdict(task.settings),
        "asked": asdict(task.asked),
        "processes": task.team.size,
        "estimate": guess.described() if guess else None,
    }
    write_whole(task.run / BEGUN, json.dumps(begun, ensure_ascii=False, indent=1) + "\n")


def _save(ready: Ready, card: RunCard) -> None:
    task = ready.task
    try:
        save_adapter(ready.model, card, task.adapter, ready.base.folder or task.run, task.data.manifest)
    except SafetensorError as error:
        if no_room(error):
            raise OSError(errno.ENOSPC, "No space left on device", str(task.adapter)) from error
        raise
    write_whole(task.run / "runcard.json", json.dumps(record_dict(card), ensure_ascii=False, indent=1) + "\n")
    drop_checkpoints(task.run)


def _foretold(guess: Estimate | None) -> dict[str, float]:
    """The estimate beside what came, for the card."""
    if guess is None:
        return {}
    return {"estimated_seconds": guess.seconds, "estimated_peak_memory_mb": guess.peak_memory_mb}


def _type_name(dtype: torch.dtype) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in DTYPES:
        raise SettingsError(f"weights of type {name} cannot be trained; choose another base (tamiz models)")
    return name
