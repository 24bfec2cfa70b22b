"""One command's worth of tuning: an export in, an adapter and its run card out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.progress import Job
from tamiz.records import RunCard, record_dict
from tamiz.settings import TuningSettings
from tuning.adapters import Adapter, check_name, find_adapter, read_card, settings_of
from tuning.data import Dataset, check_labels, check_sizes, read_export
from tuning.launch import is_first_process
from tuning.live import Silence, Speaker
from tuning.needs import need_tune_extra
from tuning.preferences import check_preferences, check_start, preference_files, with_preferences
from tuning.recorded import settings_from
from tuning.trust import PERMISSIONS

__all__ = ["Silence", "begun_with", "run_key", "settings_from", "tune"]

RECIPE = 2  # raise it when the same data and settings would train differently: older checkpoints are not taken up
# settings that change nothing of what is learnt
BESIDE = ("trackers", "checkpoint_minutes", "memory_mb", "parallel", *PERMISSIONS)


def tune(
    export: Path,
    settings: TuningSettings,
    *,
    name: str,
    runs: Path,
    adapters: Path,
    report: Job | None = None,
    resume: bool = False,
    finish: bool = False,
) -> RunCard:
    """Train one LoRA adapter on the export and compare it with its base on the test split.

    It leaves runs/NAME/runcard.json and adapters/NAME/. A run of that name that was stopped goes on
    where it was if export and settings are the same, and starts anew if they are not; one that is
    finished is not trained again. TooFewPairs, InputError and SettingsError say what to change.

    With `resume` it is an error when there is no state to go on from; with `finish` the best weights of that state
    are proved and saved without another step.
    """
    check_name(name)
    data = read_export(export)
    check_sizes(data)
    start = None
    if settings.method == "dpo":
        data, settings, start = _preferring(data, settings, name, export, adapters)
    labels = check_labels(data) if settings.task == "classify" else ()
    key = run_key(data, settings, start)
    finished = _finished(runs / name, adapters / name, key)
    if finished is not None:
        _say_finished(finished, report or Silence())
        return finished
    for folder in (runs / name, adapters / name):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise InputError(
                f"{folder} is a link or a file, and a folder has to be there. Move it, or tune under another name"
            )
    if is_first_process():
        _say_replaced(adapters / name, report or Silence())
    need_tune_extra()
    if resume or finish:
        _must_have_state(runs / name, key)
    from tuning.course import run_course
    from tuning.packaged import takes_converting
    from tuning.presets import derive, facts_of

    if report is not None and takes_converting(settings.base):
        report.update(0, note=f"preparing {settings.base}, once: a minute or so")
    learnt = data
    if settings.method == "dpo":
        learnt = replace(data, train=tuple(one.pair for one in data.preferences["train"]))
    return run_course(
        data,
        labels,
        derive(settings, facts_of(learnt, settings)),
        key=key,
        run=runs / name,
        adapter=adapters / name,
        report=report or Silence(),
        asked=settings,
        finish=finish,
        start=start,
    )


def _say_finished(card: RunCard, report: Job) -> None:
    if isinstance(report, Speaker):
        report.say(
            f"{card.name} was finished on {card.finished_at[:10]}: nothing is left to train. "
            "To train it anew, change a setting or tune under another name"
        )


def _say_replaced(adapter: Path, report: Job) -> None:
    """Name the finished adapter whose place the run takes, while it can still be spared."""
    if isinstance(report, Speaker) and (adapter / "runcard.json").is_file():
        try:
            card = read_card(adapter)
            there = ", ".join(part for part in (card.base, card.dataset_version, card.finished_at[:10]) if part)
        except InputError:
            there = "its card cannot be read"
        report.say(
            f"{adapter.name} is there already ({there}): this run replaces it once it is finished. "
            "To keep it, stop here and tune under another name: tamiz tune OTHER-NAME"
        )


def _preferring(
    data: Dataset, settings: TuningSettings, name: str, export: Path, adapters: Path
) -> tuple[Dataset, TuningSettings, Adapter | None]:
    """The data with its preferences, and the settings as the adapter that the run starts from has them."""
    data = with_preferences(data, export)
    check_preferences(data)
    if not settings.start:
        return data, settings, None
    if settings.start == name:
        raise InputError(f"the run cannot write over the adapter it starts from; give it another name, as {name}-dpo")
    start = find_adapter(adapters, settings.start)
    check_start(start, settings)
    lora = settings_of(start.card).lora
    shape = replace(lora, given=tuple(f.name for f in fields(lora) if f.name != "given"))
    given = tuple(dict.fromkeys((*settings.given, "base")))
    return data, replace(settings, base=start.card.base, lora=shape, given=given), start


def begun_with(run: Path) -> tuple[str, TuningSettings]:
    """The dataset version and the settings that the run in this folder was begun with; InputError where none was.

    What its base may do is not among them: that is for the project to say, not for a folder that was carried here.
    """
    try:
        begun = json.loads((run / "begun.json").read_bytes())
        asked = {name: value for name, value in begun["asked"].items() if name not in PERMISSIONS}
        return str(begun["dataset_version"]), settings_from(asked)
    except FileNotFoundError:
        raise InputError(f"{run} holds no run to go on with. Begin one: tamiz tune {run.name}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{run / 'begun.json'} cannot be read ({error!r}). Begin anew: tamiz tune {run.name}"
        ) from None


def run_key(data: Dataset, settings: TuningSettings, start: Adapter | None = None) -> str:
    """What makes two runs the same: the pairs, every setting that training goes by, the base's version, the recipe.

    For preference tuning the preferences, too, and the run that made the adapter it starts from.
    """
    package = settings.base.removeprefix("pypi:")
    values = {name: value for name, value in asdict(settings).items() if name not in BESIDE}
    parts: list[Any] = [RECIPE, data.manifest.content_hash, values, _version(package)]
    if data.preferences:
        parts += [preference_files(data), record_dict(start.card) if start else None]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _must_have_state(run: Path, key: str) -> None:
    """InputError unless a checkpoint of this very run is there."""
    from tuning.checkpoints import newest_state

    if not is_first_process():
        return
    state = newest_state(run)
    begin = f"To begin anew: tamiz tune {run.name}"
    if state is None:
        raise InputError(f"{run} holds no checkpoint to go on from. {begin}")
    if state.key != key:
        raise InputError(
            f"the checkpoint of step {state.step} in {run} was trained with other settings, on other pairs or on "
            f"another version of the base. {begin}"
        )


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
