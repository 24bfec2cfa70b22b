"""Options that come before the settings of tamiz.toml for one run of `tamiz tune` or `tamiz compare`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tamiz.project import Project
    from tamiz.settings import TuningSettings

__all__ = ["as_typed", "chosen_export", "chosen_settings", "dataset_option", "tuning_options"]

F = TypeVar("F", bound=Callable[..., Any])

dataset_option = click.option("--dataset", metavar="vNNN", help="A dataset version that is there; nothing is exported.")

TUNING_OPTIONS = (
    dataset_option,
    click.option("--base", help="The base model, instead of [tuning] base (see `tamiz models`)."),
    click.option("--preset", type=click.Choice(["quick", "balanced", "best"]), help="Instead of [tuning] preset."),
    click.option("--method", type=click.Choice(["lora", "full", "dpo"]), help="Instead of [tuning] method."),
    click.option("--start", metavar="ADAPTER", help="The adapter that dpo starts from, instead of [tuning] start."),
    click.option("--beta", type=float, help="How strongly dpo holds on to where it starts, instead of [tuning] beta."),
    click.option("--parallel", type=click.Choice(["ddp", "fsdp"]), help="Instead of [tuning] parallel."),
    click.option("--epochs", type=float, help="Times through the training pairs, instead of [tuning] epochs."),
    click.option("--learning-rate", type=float, help="Peak learning rate, instead of [tuning] learning_rate."),
    click.option("--batch-size", type=int, help="Pairs an optimiser step, instead of [tuning] batch_size."),
    click.option("--rank", type=int, help="Rank of the update, instead of [tuning.lora] r; alpha is twice as much."),
    click.option("--seed", type=int, help="Seed of initialisation, order and dropout, instead of [tuning] seed."),
)


def tuning_options(command: F) -> F:
    for option in reversed(TUNING_OPTIONS):
        command = option(command)
    return command


def chosen_export(folder: Path, version: str) -> tuple[Project, Path]:
    """The project and the folder of this dataset version. InputError where there is none of that name."""
    from tamiz.errors import InputError
    from tamiz.project import Project

    project = Project.open(folder)
    there = sorted(path.parent.name for path in project.exports.glob("v*/manifest.json"))
    if version not in there:
        raise InputError(f"there is no dataset version {version} (there are: {', '.join(there) or 'none yet'})")
    return project, project.exports / version


def chosen_settings(settings: TuningSettings, wanted: Mapping[str, Any]) -> TuningSettings:
    """The settings with those that were given as options; SettingsError as for tamiz.toml."""
    given = {name: value for name, value in wanted.items() if value is not None}
    rank = given.pop("rank", None)
    lora = settings.lora
    if rank is not None:
        lora = replace(lora, r=rank, alpha=2 * rank, given=(*lora.given, "r", "alpha"))
    return replace(settings, **given, lora=lora, given=(*settings.given, *given))


def as_typed(wanted: Mapping[str, Any]) -> str:
    """The options that were given, as they are typed in a shell.

    >>> as_typed({"base": "my models/gpt2", "learning_rate": 0.0003, "rank": None})
    "'--base=my models/gpt2' --learning-rate=0.0003"
    """
    given = {name: value for name, value in wanted.items() if value is not None}
    return shlex.join(f"--{name.replace('_', '-')}={value}" for name, value in given.items())
