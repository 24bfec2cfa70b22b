"""The commands that take what training found further: losses of pairs to people, answers to a judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import as_json, opened, show
from tamiz.errors import InputError, TamizError
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

    from tamiz.project import Project

    if not _has_store(Project.open(folder)):
        raise InputError(f"{folder} has no database whose pairs could be looked at. Run this where the project's is")
    with opened(folder) as (project, store):
        report = look_at_losses(project, store, run)
    show(report, as_json=as_json, lines=[str(report)], then="tamiz review")


@click.command()
@click.argument("comparison", required=False)
@click.option(
    "--votes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="People's votes as lines of JSON (item, left, right, choice), instead of those of the project's database.",
)
@as_json
@click.pass_obj
def judge(folder: Path, comparison: str | None, votes: Path | None, as_json: bool) -> None:
    """Let the model of [judge] compare the answers of COMPARISON (default: the newest), in both orders.

    COMPARISON is a file of compare/, as `tamiz compare` says it. What people voted in `tamiz review` is set beside it.
    """
    with needs_extra("tamiz judge", "tune"):
        from tuning.judging import judge_comparison, read_votes
    from tamiz.project import Project

    project = Project.open(folder)
    path = _comparison(project, comparison)
    given = read_votes(votes) if votes else _votes(project, path.stem)
    found = judge_comparison(path, project.settings.judge, given)
    show(found, as_json=as_json, lines=found.lines(), then="look at the answers in tamiz review")


def _comparison(project: Project, name: str | None) -> Path:
    found = sorted(project.comparisons.glob("*.json"), key=lambda path: path.stat().st_mtime)
    chosen = [path for path in found if name in (None, path.stem, path.name)]
    if not chosen:
        names = ", ".join(path.stem for path in found) or "none yet"
        raise InputError(f"there is no comparison {name or ''} (there are: {names}). Run: tamiz compare")
    return chosen[-1]


def _votes(project: Project, name: str) -> list[dict[str, str]]:
    """The votes that stand on a comparison; none where the database is not here."""
    if not _has_store(project):
        return []
    from tamiz.votes import standing_votes

    with opened(project.folder) as (_, store):
        standing = standing_votes(store, name)
    return [{"item": vote.item, "left": vote.left, "right": vote.right, "choice": vote.choice} for vote in standing]


def _has_store(project: Project) -> bool:
    return bool(project.settings.store.url) or (project.folder / "tamiz.db").exists()


def proof_lines(project: Project, name: str, verdict: str) -> list[str]:
    """What `tamiz tune` says last: the verdict, where the report is, and which pairs went before people.

    Nothing goes before people where the project's database is not, as on a machine that a version was carried to.
    """
    run = project.runs / name
    lines = ["", verdict, f"report: {run / 'report.html'} and report.md"]
    if project.settings.judge.url:
        from tuning.judging import judge_run

        try:
            lines += judge_run(run, project.settings.judge)
        except TamizError as error:  # the run stands without it, and the same command asks again
            lines.append(f"no judge: {error}")
    if not _has_store(project) or not (run / "losses.jsonl").is_file():
        return lines
    with needs_extra("tamiz losses", "curate"):
        from curation.training_losses import look_at_losses

    with opened(project.folder) as (_, store):
        report = look_at_losses(project, store, name)
    return lines if report.known else [*lines, str(report)]


COMMANDS = (losses, judge)
