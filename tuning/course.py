"""A tuning run from the base to the card: load, train, prove, save."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tamiz.errors import SettingsError
from tamiz.files import write_whole
from tamiz.progress import Job
from tamiz.records import RunCard, record_dict
from tamiz.settings import TuningSettings
from tuning.adapted import DTYPES, fresh_model, save_adapter
from tuning.checkpoints import RunState, drop_checkpoints, newest_state
from tuning.cost import library_versions, peak_memory_mb
from tuning.data import Dataset
from tuning.full import is_full
from tuning.lessons import Lesson, make_lesson
from tuning.loading import find_device, training_dtype
from tuning.loop import train
from tuning.models import BaseModel, find_base
from tuning.proof import Proof, prove
from tuning.starts import learnt_count, onto_base, start_from_pairs

__all__ = ["BEGUN", "run_course"]

BEGUN = "begun.json"  # what a run trains, there from its start on


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What a run works with once everything is loaded."""

    data: Dataset
    labels: Sequence[str]
    settings: TuningSettings
    base: BaseModel
    model: Any
    tokenizer: Any
    lesson: Lesson
    device: torch.device


def run_course(
    data: Dataset, labels: Sequence[str], settings: TuningSettings, *, key: str, run: Path, adapter: Path, report: Job
) -> RunCard:
    """Train on `data` in the folder `run`, and save the adapter with its card to `adapter`."""
    run.mkdir(parents=True, exist_ok=True)
    device = find_device(settings.device)
    earlier = newest_state(run, key)
    if earlier is None:
        drop_checkpoints(run)
    state = earlier or RunState(key=key, started_at=_now(), dtype=_type_name(training_dtype(device, settings)))
    _say_begun(run, data, settings, state)
    ready = _make_ready(data, labels, settings, device, DTYPES[state.dtype])
    resumed = earlier is not None
    state = train(ready.model, ready.lesson, settings, run=run, state=state, resumed=resumed, report=report)
    onto_base(ready.model)
    begun = time.monotonic()
    proof = prove(ready.model, ready.tokenizer, ready.lesson, data.test, labels, settings, report)
    card = _card(run.name, ready, state, proof, time.monotonic() - begun)
    save_adapter(ready.model, card, adapter, ready.base.folder or run)
    write_whole(run / "runcard.json", json.dumps(record_dict(card), ensure_ascii=False, indent=1) + "\n")
    drop_checkpoints(run)
    return card


def _say_begun(run: Path, data: Dataset, settings: TuningSettings, state: RunState) -> None:
    """Leave in the run's folder what is being trained, for those who watch: the card comes at the end."""
    begun = {
        "run_key": state.key,
        "started_at": state.started_at,
        "dataset_version": data.manifest.version,
        "settings": asdict(settings),
    }
    write_whole(run / BEGUN, json.dumps(begun, ensure_ascii=False, indent=1) + "\n")


def _make_ready(
    data: Dataset, labels: Sequence[str], settings: TuningSettings, device: torch.device, dtype: torch.dtype
) -> _Ready:
    base = find_base(settings.base)
    model, tokenizer = fresh_model(base, settings, labels, device=device, dtype=dtype)
    lesson = make_lesson(model, tokenizer, data, labels, settings, device)
    start_from_pairs(model, lesson.train, tokenizer.pad_token_id)
    return _Ready(
        data=data,
        labels=labels,
        settings=settings,
        base=base,
        model=model,
        tokenizer=tokenizer,
        lesson=lesson,
        device=device,
    )


def _card(name: str, ready: _Ready, state: RunState, proof: Proof, proof_seconds: float) -> RunCard:
    settings, manifest = ready.settings, ready.data.manifest
    parameters = {"trainable": learnt_count(ready.model), "total": _count(ready.model.parameters())}
    cost = {
        "seconds": round(state.seconds + proof_seconds, 1),
        "training_seconds": round(state.seconds, 1),
        "steps": float(state.step),
        "tokens": float(state.tokens),
        "peak_memory_mb": peak_memory_mb(ready.device),
    }
    return RunCard(
        name=name,
        task=settings.task,
        base=settings.base,
        base_origin=ready.base.origin,
        base_licence=ready.base.licence,
        dataset_version=manifest.version,
        dataset_hash=manifest.content_hash,
        started_at=state.started_at,
        finished_at=_now(),
        seed=settings.seed,
        device=str(ready.device),
        settings={**asdict(settings), **_derived(ready, state)},
        versions=library_versions(),
        parameters=parameters,
        cost=cost,
        curves=state.curves,
        results=proof.results,
        samples=proof.samples(settings.samples),
    )


def _derived(ready: _Ready, state: RunState) -> dict[str, Any]:
    """What was chosen beside the settings; `run_key` tells whether another run would be the same."""
    return {
        "run_key": state.key,
        "labels": list(ready.labels),
        "dtype": state.dtype,
        "targets": [] if is_full(ready.model) else sorted(ready.model.peft_config["default"].target_modules),
        **ready.lesson.described(),
        "best_step": state.best_step,
        "cut_pairs": sum(pair.cut for pair in ready.lesson.train),
        "base_version": ready.base.version,
        "answers": "greedy, no penalty on repetition",
    }


def _count(parameters: Iterable[Tensor]) -> int:
    return sum(part.numel() for part in parameters)


def _type_name(dtype: torch.dtype) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in DTYPES:
        raise SettingsError(f"weights of type {name} cannot be trained; choose another base (tamiz models)")
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
