"""Where a run stands, on disk between two steps: whole or not there, and holding no pickle."""

from __future__ import annotations

import errno
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tamiz.errors import InputError
from tamiz.files import FULL, aside, sweep_aside
from tuning.gradients import random_states, set_random_states
from tuning.parallel import ALONE, Team
from tuning.sharding import is_shared_out, own, share_of, whole

__all__ = [
    "RunState",
    "drop_checkpoints",
    "load_checkpoint",
    "newest_state",
    "no_room",
    "save_checkpoint",
    "trainable",
]

FOLDER = re.compile(r"checkpoint-(\d{9})")
MOMENTS = ("exp_avg", "exp_avg_sq")
GENERATORS = ("cpu", "cuda")  # as random_states has them


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run after `step` steps. `key` is the hash of data, settings and base: another key is another run.

    `seconds` counts training alone; `curves` has {step, loss} points by split. `tokens_at_once` and `spare` are how
    a step's pairs were taken in parts, which a run that goes on has to do alike; `events` are the times when memory
    ran out. `worse` counts the validations since the best one; `stopped` says why training ended early.
    """

    key: str
    started_at: str
    dtype: str
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best_loss: float | None = None
    best_step: int = 0
    curves: dict[str, list[dict[str, float]]] = field(default_factory=lambda: {"train": [], "validation": []})
    tokens_at_once: int = 0
    spare: bool = False
    events: tuple[dict[str, Any], ...] = ()
    worse: int = 0
    stopped: str = ""


def trainable(model: Any) -> dict[str, Tensor]:
    """The parameters that learn, by name."""
    return {name: part for name, part in model.named_parameters() if part.requires_grad}


def save_checkpoint(
    run: Path,
    state: RunState,
    model: Any,
    optimizer: torch.optim.Optimizer,
    best: Mapping[str, Tensor],
    team: Team = ALONE,
) -> None:
    """Write checkpoint-STEP beside the older one, then remove the older one. OSError leaves the older one.

    It holds whole weights, also where processes share them out: another number of them can go on from it.
    """
    randoms = [team.gathered(one) for one in random_states(model.device)]
    with team.hearing():
        tensors = _tensors(model, optimizer, best, randoms, keep=team.is_first)
    if not team.is_first:
        return
    target = run / f"checkpoint-{state.step:09d}"
    if not target.exists():
        with aside(target) as folder:
            folder.mkdir()
            _save(tensors, folder / "state.safetensors")
            (folder / "state.json").write_text(json.dumps(asdict(state)), encoding="utf-8")
    drop_checkpoints(run, keep=target)


def newest_state(run: Path, key: str | None = None) -> RunState | None:
    """The newest checkpoint's state if it belongs to `key`; what a killed process left half-written is removed."""
    sweep_aside(run)
    found = _checkpoints(run)
    if not found:
        return None
    try:
        values = json.loads((found[-1] / "state.json").read_bytes())
        known = {f.name for f in fields(RunState)}
        state = RunState(**{name: value for name, value in values.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(found[-1], error) from None
    return state if key is None or state.key == key else None


def load_checkpoint(run: Path, model: Any, optimizer: torch.optim.Optimizer, team: Team = ALONE) -> dict[str, Tensor]:
    """Put the newest checkpoint into model, optimiser and random generators; the best weights so far.

    The first process reads it and tells the others.
    """
    parts, tensors = trainable(model), {}
    if team.is_first:
        folder = _checkpoints(run)[-1]
        try:
            tensors = load_file(folder / "state.safetensors")
            if missing := [name for name in parts if f"weight/{name}" not in tensors]:
                raise KeyError(missing[0])
        except (OSError, SafetensorError, KeyError) as error:
            raise _damaged(folder, error) from None
    tensors = team.tensors_of_first(tensors)
    with torch.no_grad():
        for name, part in parts.items():
            own(part).copy_(own(share_of(tensors[f"weight/{name}"], part)))
    for name, part in parts.items():
        if f"exp_avg/{name}" in tensors:
            moments = {moment: share_of(tensors[f"{moment}/{name}"], part) for moment in MOMENTS}
            optimizer.state[part] = {"step": tensors["steps"].clone(), **moments}
    states = [tensors[name] for g in GENERATORS if (name := _generator(g, team.rank)) in tensors]
    if states:
        set_random_states(states, model.device)
    return {name: own(share_of(tensors[f"best/{name}"], part)).cpu() for name, part in parts.items()}


def drop_checkpoints(run: Path, *, keep: Path | None = None) -> None:
    for path in _checkpoints(run):
        if path != keep:
            shutil.rmtree(path)


def no_room(error: OSError | SafetensorError) -> bool:
    """Whether a file could not be written for want of room on the disk."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return any(f"(os error {number})" in str(error) for number in FULL)


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    try:
        save_file(tensors, path)
    except SafetensorError as error:
        if not no_room(error):
            raise
        raise OSError(errno.ENOSPC, "No space left on device", str(path)) from error


def _checkpoints(run: Path) -> list[Path]:
    return sorted(path for path in run.glob("checkpoint-*") if FOLDER.fullmatch(path.name))


def _damaged(folder: Path, error: Exception) -> InputError:
    return InputError(f"{folder} cannot be read ({error}). Remove that folder, and the run starts anew")


def _generator(name: str, rank: int) -> str:
    return f"random/{name}" if rank == 0 else f"random/{name}/{rank}"


def _tensors(
    model: Any,
    optimizer: torch.optim.Optimizer,
    best: Mapping[str, Tensor],
    randoms: Sequence[Sequence[Tensor]],
    *,
    keep: bool,
) -> dict[str, Tensor]:
    """What a checkpoint holds, on the CPU where it is put together from several processes; nothing unless `keep`."""
    tensors = {"steps": torch.tensor(0.0)}
    for generator, states in zip(GENERATORS, randoms, strict=False):
        tensors |= {_generator(generator, rank): state for rank, state in enumerate(states)}
    for name, part in trainable(model).items():
        moments = optimizer.state.get(part, {})
        found = {"weight": part.detach(), "best": best[name], **{m: moments[m] for m in MOMENTS if moments}}
        for what, numbers in found.items():
            put_together = whole(numbers, part)
            if keep:
                tensors[f"{what}/{name}"] = put_together.cpu() if is_shared_out(part) else put_together
        if moments:
            tensors["steps"] = moments["step"].detach().clone()
    return {name: tensor.contiguous() for name, tensor in tensors.items()}
