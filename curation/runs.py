"""Training runs, adapters and comparisons as files tell of them: nothing here loads a model.

What cannot be read is named with the reason; the others are there all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tamiz.project import Project
from tamiz.records import RunCard

__all__ = ["Broken", "Run", "adapter_cards", "read_steps", "runs"]

MOST_POINTS = 1000  # of a curve: more are thinned out evenly
WEIGHTS = "*.safetensors"  # of an adapter, or of a whole model in several files


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of training. `card` is None while it is not finished; `begun` is what it trains, as it said at its start
    ({} for one of an earlier tamiz). `adapter_bytes` is 0 where nothing is saved; `held` says that a checkpoint is
    there from which it can go on."""

    name: str
    card: RunCard | None
    begun: dict[str, Any]
    adapter_bytes: int
    held: bool

    @property
    def started_at(self) -> str:
        return str(self.begun.get("started_at") or (self.card.started_at if self.card else ""))

    @property
    def dataset_version(self) -> str:
        return str(self.begun.get("dataset_version") or (self.card.dataset_version if self.card else ""))

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.begun.get("settings") or (self.card.settings if self.card else {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Something that has the place of a run, an adapter or a comparison and cannot be read."""

    name: str
    reason: str


def runs(project: Project) -> list[Run | Broken]:
    """Every run of the project, the latest first; those that cannot be read at the end."""
    found = [_run(folder, project.adapters / folder.name) for folder in _folders(project.runs)]
    good = [run for run in found if isinstance(run, Run) and (run.card or run.begun)]
    broken = [run for run in found if isinstance(run, Broken)]
    return [*sorted(good, key=lambda run: run.started_at, reverse=True), *broken]


def adapter_cards(project: Project) -> list[RunCard | Broken]:
    """The cards of the adapters that are saved, the newest first; those that cannot be read at the end."""
    found = [_card(folder) for folder in _folders(project.adapters) if (folder / "runcard.json").exists()]
    good = [card for card in found if isinstance(card, RunCard)]
    broken = [card for card in found if isinstance(card, Broken)]
    return [*sorted(good, key=lambda card: card.finished_at, reverse=True), *broken]


def read_steps(project: Project, name: str) -> list[dict[str, float]]:
    """What a run has told of its steps so far, at most MOST_POINTS of them and the last one always.

    Half a line at the end, which is just being written, is left out.
    """
    steps: list[dict[str, float]] = []
    try:
        with (project.runs / name / "steps.jsonl").open("rb") as file:
            for line in file:
                try:
                    told = json.loads(line)
                except ValueError:
                    continue
                if isinstance(told, dict) and all(isinstance(value, int | float) for value in told.values()):
                    steps.append(told)
    except OSError:
        return []
    return list(_thinned([step for step in steps if "step" in step]))


def _thinned(steps: list[dict[str, float]]) -> Iterator[dict[str, float]]:
    every = -(-len(steps) // MOST_POINTS)
    for place, step in enumerate(steps):
        if place % every == 0 or place == len(steps) - 1 or "validation_loss" in step:
            yield step


def _folders(place: Path) -> list[Path]:
    try:
        found = [path for path in place.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _run(folder: Path, adapter: Path) -> Run | Broken:
    begun = _begun(folder)
    card = _card(folder) if (folder / "runcard.json").exists() else None
    if isinstance(card, Broken):
        return card
    if card is not None and begun and card.settings.get("run_key") != begun.get("run_key"):
        card = None  # of an earlier run of this name: the new one has not finished
    return Run(
        name=folder.name,
        card=card,
        begun=begun,
        adapter_bytes=sum(path.stat().st_size for path in adapter.glob(WEIGHTS)),
        held=any(folder.glob("checkpoint-*/state.json")),
    )


def _begun(folder: Path) -> dict[str, Any]:
    try:
        begun = json.loads((folder / "begun.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return begun if isinstance(begun, dict) and isinstance(begun.get("settings"), dict) else {}


def _card(folder: Path) -> RunCard | Broken:
    path = folder / "runcard.json"
    try:
        card = RunCard.from_dict(json.loads(path.read_bytes()))
        for table in (card.settings, card.parameters, card.cost, card.curves, card.results, card.proof):
            if not isinstance(table, dict):
                raise ValueError("a table of it is none")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        return Broken(name=folder.name, reason=f"{path.name} cannot be read ({error})")
    return card
