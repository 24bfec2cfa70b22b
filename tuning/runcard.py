"""The card of a run: what was trained, how, at what cost and to what effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from torch import Tensor

from tamiz.records import RunCard
from tuning.checkpoints import RunState
from tuning.cost import library_versions, peak_memory_mb
from tuning.full import is_full
from tuning.proving import Proved
from tuning.ready import Ready
from tuning.starts import learnt_count

__all__ = ["now", "run_card"]


def run_card(ready: Ready, state: RunState, proof: Proved, costs: dict[str, float], proof_seconds: float) -> RunCard:
    """What the card of a finished run says; `proof_seconds` is what proving it took."""
    settings, manifest = ready.task.settings, ready.task.data.manifest
    parameters = {"trainable": learnt_count(ready.model), "total": _count(ready.model.parameters())}
    cost = {
        "seconds": round(state.seconds + proof_seconds, 1),
        "training_seconds": round(state.seconds, 1),
        "steps": float(state.step),
        "tokens": float(state.tokens),
        "peak_memory_mb": peak_memory_mb(ready.device),
        **costs,
    }
    return RunCard(
        name=ready.task.run.name,
        task=settings.task,
        base=settings.base,
        base_origin=ready.base.origin,
        base_licence=ready.base.licence,
        dataset_version=manifest.version,
        dataset_hash=manifest.content_hash,
        started_at=state.started_at,
        finished_at=now(),
        seed=settings.seed,
        device=str(ready.device),
        settings={**asdict(settings), **_derived(ready, state)},
        versions=library_versions(),
        parameters=parameters,
        cost=cost,
        curves=state.curves,
        results=proof.proof.results,
        samples=proof.proof.samples(settings.samples),
        proof=proof.evidence.card(),
    )


def _derived(ready: Ready, state: RunState) -> dict[str, Any]:
    """What was chosen beside the settings; `run_key` tells whether another run would be the same."""
    return {
        "run_key": state.key,
        "labels": list(ready.task.labels),
        "dtype": state.dtype,
        "targets": [] if is_full(ready.model) else sorted(ready.model.peft_config["default"].target_modules),
        **ready.lesson.described(),
        "best_step": state.best_step,
        "stopped": state.stopped,
        "part_tokens": state.tokens_at_once,
        "activations": "worked out twice" if state.spare else "kept",
        "events": list(state.events),
        "processes": ready.task.team.size,
        "cut_pairs": sum(pair.cut for pair in ready.lesson.train),
        "base_version": ready.base.version,
        "answers": "greedy, no penalty on repetition",
    }


def _count(parameters: Iterable[Tensor]) -> int:
    return sum(part.numel() for part in parameters)


def now() -> str:
    """The moment, as cards write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
