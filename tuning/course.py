"""A tuning run from the base to the card: load, train, prove, save."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from tamiz.errors import SettingsError
from tamiz.files import write_whole
from tamiz.progress import Job
from tamiz.records import RunCard, record_dict
from tamiz.settings import TuningSettings
from tuning.adapted import DTYPES, save_adapter
from tuning.adapters import Adapter
from tuning.alone import alone_in
from tuning.checkpoints import RunState, drop_checkpoints, newest_state, no_room, trainable
from tuning.cost import peak_memory_mb
from tuning.data import Dataset
from tuning.estimate import Estimate, estimate
from tuning.live import Silence, Speaker
from tuning.loading import find_device, training_dtype
from tuning.loop import train
from tuning.losses import first_losses
from tuning.parallel import joined_team
from tuning.proving import prove_run
from tuning.quiet import quiet_libraries
from tuning.ready import Ready, Task, make_ready
from tuning.runcard import now, run_card
from tuning.sharding import shared_out, whole
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
    shards = settings.parallel == "fsdp"
    with alone_in(run), quiet_libraries(), joined_team(settings.device, shards=shards) as team:
        task = Task(data, labels, settings, asked or settings, key, run, adapter, team, start)
        return _run(task, report if team.is_first else Silence(), finish=finish)


def _run(task: Task, report: Job, *, finish: bool) -> RunCard:
    settings, run, team = task.settings, task.run, task.team
    check_trackers(settings.trackers)
    device = find_device(settings.device)
    state, resumed = _state(task, device)
    _say_begun(task, state)
    ready = make_ready(task, device, DTYPES[state.dtype])
    task, settings = ready.task, ready.task.settings  # what the model can read may have bounded them
    first = _first_losses(ready, resumed) if team.shards else {}
    ready = _shared_out(ready)
    guess = None if finish else estimate(ready.model, ready.learnt, settings, state, run, team)
    if guess is not None:
        state = replace(state, tokens_at_once=guess.tokens_at_once, spare=guess.spare)
        _say_begun(task, state, guess)
        if isinstance(report, Speaker):
            report.say("\n".join(guess.lines()))
    first = first or _first_losses(ready, resumed)
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
    ready = _put_together(ready, state)
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


def _shared_out(ready: Ready) -> Ready:
    """The same, whose model's weights are shared out among the processes where that is wanted."""
    team = ready.task.team
    if team.shards:
        team.spread(trainable(ready.model))
        shared_out(ready.model, team.size)
    return ready


def _put_together(ready: Ready, state: RunState) -> Ready:
    """The same with a whole model that has the learnt weights, in the first process, which proves and saves it."""
    team = ready.task.team
    if not team.shards:
        return ready
    with team.hearing():
        learnt = {name: whole(part.detach(), part).cpu() for name, part in trainable(ready.model).items()}
    if not team.is_first:
        return ready
    again = make_ready(ready.task, ready.device, DTYPES[state.dtype])
    with torch.no_grad():
        for name, part in trainable(again.model).items():
            part.copy_(learnt[name])
    again.model.eval()
    return again


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
