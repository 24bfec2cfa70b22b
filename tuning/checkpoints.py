"""Where a run stands, on disk between two steps: whole or not there, and holding no pickle."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tamiz.files import aside, sweep_aside

__all__ = ["RunState", "drop_checkpoints", "load_checkpoint", "newest_state", "save_checkpoint", "trainable"]

FOLDER = re.compile(r"checkpoint-(\d{9})")
MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """A run after `step` steps. `key` is the hash of data, settings and base: another key is another run.

    `seconds` counts training alone; `curves` has {step, loss} points by split.
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


def trainable(model: Any) -> dict[str, Tensor]:
    """The parameters that learn, by name."""
    return {name: part for name, part in model.named_parameters() if part.requires_grad}


def save_checkpoint(
    run: Path, state: RunState, model: Any, optimizer: torch.optim.Optimizer, best: dict[str, Tensor]
) -> None:
    """Write checkpoint-STEP beside the older one, then remove the older one."""
    target = run / f"checkpoint-{state.step:09d}"
    if not target.exists():
        with aside(target) as folder:
            folder.mkdir()
            save_file(_tensors(model, optimizer, best), folder / "state.safetensors")
            (folder / "state.json").write_text(json.dumps(asdict(state)), encoding="utf-8")
    drop_checkpoints(run, keep=target)


def newest_state(run: Path, key: str) -> RunState | None:
    """The newest checkpoint's state if it belongs to `key`; what a killed process left half-written is removed."""
    sweep_aside(run)
    found = _checkpoints(run)
    if not found:
        return None
    values = json.loads((found[-1] / "state.json").read_bytes())
    known = {f.name for f in fields(RunState)}
    state = RunState(**{name: value for name, value in values.items() if name in known})
    return state if state.key == key else None


def load_checkpoint(run: Path, model: Any, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Put the newest checkpoint into model, optimiser and random generators; the best weights so far."""
    tensors = load_file(_checkpoints(run)[-1] / "state.safetensors")
    parts = trainable(model)
    with torch.no_grad():
        for name, part in parts.items():
            part.copy_(tensors[f"weight/{name}"])
    for name, part in parts.items():
        if f"exp_avg/{name}" in tensors:
            moments = {moment: tensors[f"{moment}/{name}"].to(part.device) for moment in MOMENTS}
            optimizer.state[part] = {"step": tensors["steps"].clone(), **moments}
    torch.set_rng_state(tensors["random/cpu"])
    if "random/cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random/cuda"])
    return {name: tensors[f"best/{name}"] for name in parts}


def drop_checkpoints(run: Path, *, keep: Path | None = None) -> None:
    for path in _checkpoints(run):
        if path != keep:
            shutil.rmtree(path)


def _checkpoints(run: Path) -> list[Path]:
    return sorted(path for path in run.glob("checkpoint-*") if FOLDER.fullmatch(path.name))


def _tensors(model: Any, optimizer: torch.optim.Optimizer, best: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {"random/cpu": torch.get_rng_state(), "steps": torch.tensor(0.0)}
    if torch.cuda.is_available():
        tensors["random/cuda"] = torch.cuda.get_rng_state()
    for name, part in trainable(model).items():
        tensors[f"weight/{name}"] = part.detach()
        tensors[f"best/{name}"] = best[name]
        moments = optimizer.state.get(part, {})
        if moments:
            tensors["steps"] = moments["step"].detach().clone()
            tensors |= {f"{moment}/{name}": moments[moment] for moment in MOMENTS}
    return {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
