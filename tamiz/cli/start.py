"""The commands about a project as a whole: init, status, doctor, demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import as_json, counted, opened, show
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from tamiz.project import Project

__all__ = ["COMMANDS"]


OUTDATED = {
    "gone": "of them are gone from their page; look at them in: tamiz review",
    "changed": "of them have another text on their page now; look at them in: tamiz review",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--template", type=click.Choice(["support-es", "support-en"]), default="support-en", show_default=True)
@as_json
def init(folder: Path, template: str, as_json: bool) -> None:
    """Make a new project: FOLDER with a commented tamiz.toml."""
    from tamiz.init import init_project

    path = init_project(folder, template)
    lines = [f"Wrote {path}. Open it and name your sources."]
    show({"path": path}, as_json=as_json, lines=lines, then=f"cd {folder}; tamiz crawl, or tamiz import FILE")


@click.command()
@as_json
@click.pass_obj
def status(folder: Path, as_json: bool) -> None:
    """Show the funnel: pages, pairs, what waits, what was accepted or rejected, and what to do next."""
    from tamiz.sealed import count_sealed

    with opened(folder) as (project, store):
        counts, pages = store.counts(), store.count_pages()
        none = {reason: n for (_, reason), n in store.readings().items() if reason}
        outdated = store.count_standing("crawl")
        sealed = count_sealed(store)
        with needs_extra("tamiz status", "curate"):
            from curation.originals import originals_notes
        said = originals_notes(project, store) if sealed else []
    alive = {state: n for state, n in counts.items() if state not in ("replaced", "withdrawn")}
    lines = [f"{pages:>8,}  pages", *counted(none, "without pairs: ")]
    lines += [f"{sum(alive.values()):>8,}  pairs", *counted(alive)]
    lines += [f"  {n:>6,}  {OUTDATED[kind]}" for kind, n in outdated.items()]
    lines += said
    result = {"sealed": sealed, "pages": pages, "pages_without_pairs": none, "pairs": counts, "outdated": outdated}
    show(result, as_json=as_json, lines=lines, then=next_command(project, counts))


def next_command(project: Project, counts: dict[str, int]) -> str:
    """What to run now, from where the pairs are."""
    if not counts:
        return "tamiz crawl, or tamiz import FILE" if project.settings.sources else "tamiz import FILE"
    if counts.get("new"):
        return "tamiz curate"
    if any(counts.get(state) for state in ("waiting", "skipped", "disputed")):
        return "tamiz review" + (", or tamiz tune with what is accepted" if counts.get("accepted") else "")
    return "tamiz tune"


@click.command()
@as_json
@click.pass_obj
def doctor(folder: Path, as_json: bool) -> None:
    """Say what is missing on this machine and how to get it."""
    from curation.spelling.languagetool.present import languagetool_check
    from tamiz.doctor import examine
    from tamiz.project import Project

    url = ""
    if (folder / "tamiz.toml").exists():
        url = Project.open(folder).settings.curation.spelling.url
    checks = [*examine(), languagetool_check(url)]
    lines = [f"{'ok     ' if check.ok else 'missing'}  {check.what}: {check.found}" for check in checks]
    lines += [f"         to get {check.what}: {check.remedy}" for check in checks if not check.ok]
    show({check.what: check for check in checks}, as_json=as_json, lines=lines)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"))
def demo(folder: Path) -> None:
    """Do the whole job on the bundled sample, in FOLDER (default: demo)."""
    from tamiz.demo import run_demo

    run_demo(folder, say=click.echo)
    click.echo(f"See what the rules left to people:  tamiz --project {folder} review")
    click.echo(f"Talk to the tuned model:            tamiz --project {folder} chat demo")


COMMANDS = (init, status, doctor, demo)
