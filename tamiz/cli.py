"""The command line: parse, call one function of a room, print. Rooms are imported inside their commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz import __version__
from tamiz.errors import TamizError
from tamiz.extras import EXTRAS

if TYPE_CHECKING:
    from tamiz.project import Project
    from tamiz.store import Store

__all__ = ["cli", "main"]

EXTRAS_HELP = "\b\nExtras (pip install 'tamiz[NAME]', or all):\n" + "\n".join(
    f"  {name:<13}{what}" for name, (what, _) in EXTRAS.items()
)


def main() -> None:
    """Run a command; an error of ours is one line and exit code 1, wrong usage is 2, Ctrl-C is 130."""
    try:
        cli(standalone_mode=False)
    except TamizError as error:
        click.echo(f"tamiz: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped. What is done is kept; run the same command again to go on.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


@click.group(epilog=EXTRAS_HELP, context_settings={"max_content_width": 100})
@click.option("--project", "folder", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")
@click.version_option(__version__, prog_name="tamiz")
@click.pass_context
def cli(context: click.Context, folder: Path) -> None:
    """From a support site to a support model you can trust.

    Start with: tamiz demo, or tamiz init my-support
    """
    context.obj = folder


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def show(result: dict[str, Any], *, as_json: bool, lines: list[str], then: str) -> None:
    """Print a result for people, with what to run next, or as JSON for scripts."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo(line)
    if then:
        click.echo(f"Next: {then}")


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Project, Store]]:
    from tamiz.project import Project
    from tamiz.store import Store

    project = Project.open(folder)
    with Store.open(project.store_url) as store:
        yield project, store


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--template", type=click.Choice(["support-es", "support-en"]), default="support-en", show_default=True)
@as_json
def init(folder: Path, template: str, as_json: bool) -> None:
    """Make a new project: FOLDER with a commented tamiz.toml."""
    from tamiz.init import init_project

    path = init_project(folder, template)
    lines = [f"Wrote {path}. Open it and name your sources."]
    show({"path": str(path)}, as_json=as_json, lines=lines, then=f"cd {folder}; tamiz crawl, or tamiz import FILE")


@cli.command()
@as_json
@click.pass_obj
def status(folder: Path, as_json: bool) -> None:
    """Show the funnel: pages, pairs, what waits, what was accepted and rejected, and what to do next."""
    with opened(folder) as (project, store):
        counts, pages = store.counts(), store.count_pages()
        none = {reason: n for (kind, reason), n in store.readings().items() if kind == "none"}
    alive = {state: n for state, n in counts.items() if state not in ("replaced", "withdrawn")}
    lines = [f"{pages:>7} pages"]
    lines += [f"{n:>7}   gave no pair: {reason}" for reason, n in sorted(none.items(), key=lambda item: -item[1])]
    lines += [f"{sum(alive.values()):>7} pairs"]
    lines += [f"{n:>7}   {state}" for state, n in sorted(alive.items())]
    result = {"pages": pages, "pages_without_pairs": none, "pairs": counts}
    show(result, as_json=as_json, lines=lines, then=next_command(project, pages, counts))


def next_command(project: Project, pages: int, counts: dict[str, int]) -> str:
    if not counts:
        return "tamiz import FILE" if pages or not project.settings.sources else "tamiz crawl"
    if counts.get("new"):
        return "tamiz curate"
    if counts.get("waiting") or counts.get("skipped"):
        return "tamiz review" + (", or tamiz export" if counts.get("accepted") else "")
    return "tamiz export, then tamiz tune"


@cli.command()
@as_json
def doctor(as_json: bool) -> None:
    """Say what is missing on this machine and how to get it."""
    from tamiz.doctor import examine

    checks = examine()
    lines = [f"{'ok     ' if check.ok else 'missing'}  {check.what}: {check.found}" for check in checks]
    lines += [f"         to get {check.what}: {check.remedy}" for check in checks if not check.ok]
    result = {check.what: {"ok": check.ok, "found": check.found, "remedy": check.remedy} for check in checks}
    show(result, as_json=as_json, lines=lines, then="")


if __name__ == "__main__":
    main()
