"""The commands that take what training found further: losses of pairs to people, answers to a judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import as_json, opened, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.project import Project

__all__ = ["COMMANDS", "proof_lines"]


@click.command()
@click.argument("run", default="support")
@as_json
@click.pass_obj
def losses(folder: Path, run: str, as_json: bool) -> None:
    """Bring before people the pairs that RUN could not learn, or knew at once.

    They get a finding that names the run, and come first in the order "need"; nothing else of them changes.
    `tamiz tune` does it by itself where the project's database is; for a run that was carried here, say it.
    """
    with needs_extra("tamiz losses", "curate"):
        from curation.training_losses import look_at_losses

    with opened(folder) as (project, store):
        report = look_at_losses(project, store, run)
    show(report, as_json=as_json, lines=[str(report)], then="tamiz review")


def proof_lines(project: Project, name: str, verdict: str) -> list[str]:
    """What `tamiz tune` says last: the verdict, where the report is, and which pairs went before people.

    Nothing goes before people where the project's database is not, as on a machine that a version was carried to.
    """
    run = project.runs / name
    lines = ["", verdict, f"report: {run / 'report.html'} and report.md"]
    here = bool(project.settings.store.url) or (project.folder / "tamiz.db").exists()
    if not here or not (run / "losses.jsonl").is_file():
        return lines
    with needs_extra("tamiz losses", "curate"):
        from curation.training_losses import look_at_losses

    with opened(project.folder) as (_, store):
        report = look_at_losses(project, store, name)
    return lines if report.known else [*lines, str(report)]


COMMANDS = (losses,)
