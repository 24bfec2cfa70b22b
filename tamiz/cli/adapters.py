"""`tamiz adapters`: what adapters there are; taken in, moved aside, merged, described."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.show import as_json, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tuning.adapters import Adapter

__all__ = ["COMMANDS"]

WAYS = click.Choice(["linear", "ties", "dare-linear", "dare-ties"])


@click.group()
def adapters() -> None:
    """List adapters, take some in, move some aside, merge several into one."""


@adapters.command("list")
@as_json
@click.pass_obj
def list_all(folder: Path, as_json: bool) -> None:
    """Show all adapters, the newest first: base, task, dataset version, verdict, size."""
    from tamiz.project import Project
    from tuning.adapters import list_adapters

    found = list_adapters(Project.open(folder).adapters)
    lines = [_line(adapter) for adapter in found] or ["none yet"]
    then = "tamiz chat NAME, tamiz serve, or tamiz package NAME" if found else "tamiz tune"
    show([_about(adapter) for adapter in found], as_json=as_json, lines=lines, then=then)


@adapters.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", help="Its name here; default: the folder's.")
@click.option("--base", default="", help="The base model it belongs to, where its own config names none that is here.")
@as_json
@click.pass_obj
def add(folder: Path, source: Path, name: str | None, base: str, as_json: bool) -> None:
    """Take in the adapter in the folder SOURCE: one of tamiz, or LoRA as peft saves it (safetensors alone)."""
    with needs_extra("tamiz adapters add", "tune"):
        from tuning.registry import add_adapter
        from tuning.trust import allowed_by
    from tamiz.project import Project

    project = Project.open(folder)
    allowed = allowed_by(project.settings.tuning)
    made = add_adapter(source, project.adapters, name or source.resolve().name, base=base, allowed=allowed)
    show(_about(made), as_json=as_json, lines=[f"added: {_line(made)}"], then=f"tamiz compare {made.name}")


@adapters.command()
@click.argument("name")
@click.option("--reason", help="Why; it is asked for when it is not given, and kept beside the adapter.")
@as_json
@click.pass_obj
def remove(folder: Path, name: str, reason: str | None, as_json: bool) -> None:
    """Move the adapter NAME aside, into adapters/.removed, with the reason. Nothing is deleted."""
    from tamiz.project import Project
    from tuning.adapters import find_adapter
    from tuning.registry import remove_adapter

    project = Project.open(folder)
    find_adapter(project.adapters, name)
    moved = remove_adapter(project.adapters, name, reason=_reason(name) if reason is None else reason)
    then = f"to bring it back: tamiz adapters add {moved} --name {name}"
    show({"name": name, "moved_to": moved}, as_json=as_json, lines=[f"{name} was moved to {moved}"], then=then)


@adapters.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--into", required=True, help="The new adapter's name.")
@click.option("--how", type=WAYS, default="linear", show_default=True, help="How the updates are put together.")
@click.option("--weight", "weights", type=float, multiple=True, help="One for each adapter, in order; default: equal.")
@click.option("--density", default=0.5, show_default=True, help="Share of each update that ties and dare keep.")
@click.option("--rank", type=click.IntRange(1), help="Rank that ties and dare make; default: the sum, if it fits.")
@click.option("--seed", default=13, show_default=True, help="Seed of what dare drops.")
@as_json
@click.pass_obj
def merge(folder: Path, /, names: tuple[str, ...], into: str, as_json: bool, **how: Any) -> None:
    """Make one adapter of the adapters NAMES, which stay as they are; they must have the same base.

    linear is the exact weighted sum of the updates; ties and dare (TIES, DARE) settle where they disagree.
    """
    with needs_extra("tamiz adapters merge", "tune"):
        from tuning.merging import merge_adapters
        from tuning.trust import allowed_by
    from tamiz.project import Project

    project = Project.open(folder)
    made = merge_adapters(project.adapters, names, into, allowed=allowed_by(project.settings.tuning), **how)
    line = f"made: {_line(made)}; nothing is proved of it yet"
    show(_about(made), as_json=as_json, lines=[line], then=f"tamiz compare {' '.join(names)} {into}")


@adapters.command()
@click.argument("name")
@as_json
@click.pass_obj
def card(folder: Path, name: str, as_json: bool) -> None:
    """Write the model card of the adapter NAME anew: data, licences, settings, results, limits."""
    from tamiz.project import Project
    from tuning.adapters import find_adapter
    from tuning.modelcard import write_model_card

    project = Project.open(folder)
    written = write_model_card(find_adapter(project.adapters, name), project.exports)
    show({"card": written}, as_json=as_json, lines=[f"written: {written}"], then=f"tamiz package {name}")


def _reason(name: str) -> str:
    try:
        return str(click.prompt(f"Why is {name} removed?", type=str, err=True))
    except click.Abort as stopped:
        if not isinstance(stopped.__context__, EOFError):
            raise
        click.echo(err=True)
        raise click.UsageError("nobody is there to say why; give --reason") from None


def _about(adapter: Adapter) -> dict[str, Any]:
    card = adapter.card
    return {
        "name": adapter.name,
        "task": card.task,
        "base": card.base,
        "base_licence": card.base_licence,
        "dataset_version": card.dataset_version,
        "finished_at": card.finished_at,
        "method": card.settings.get("method", "lora"),
        "verdict": card.proof.get("verdict", ""),
        "recommended": bool(card.proof.get("recommended")),
        "size_mb": round(sum(path.stat().st_size for path in adapter.folder.rglob("*.safetensors")) / 1e6, 1),
        "folder": adapter.folder,
    }


def _line(adapter: Adapter) -> str:
    about = _about(adapter)
    proved = "recommended" if about["recommended"] else about["verdict"] or "not proved"
    what = {"causal": "answers", "classify": "labels"}.get(about["task"], about["task"])
    version = about["dataset_version"] or "unknown data"
    size = f"{about['size_mb']:,} MB"
    return f"{adapter.name:<24} {what}, {version}, {proved}, {size}, {about['finished_at'][:10]}, on {about['base']}"


COMMANDS = (adapters,)
