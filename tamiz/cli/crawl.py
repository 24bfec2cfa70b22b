"""tamiz crawl: bring pages in."""

from __future__ import annotations

from pathlib import Path

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.errors import InputError, TamizError
from tamiz.extras import needs_extra

__all__ = ["COMMANDS"]


@click.command()
@click.argument("what", nargs=-1, metavar="[SOURCE|URL ...]")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Stop after this many pages (0: no limit).")
@click.option("--allow-private", is_flag=True, help="Let a URL given here be on this machine or a private network.")
@as_json
@click.pass_obj
def crawl(folder: Path, what: tuple[str, ...], limit: int, allow_private: bool, as_json: bool) -> None:
    """Fetch the sources of tamiz.toml, or those named, politely; go on where a run was stopped."""
    with needs_extra("tamiz crawl", "crawl"):
        from crawlers.run import crawl as run

    urls = [item for item in what if "://" in item]
    names = [item for item in what if "://" not in item]
    if len(urls) > 1 or (urls and names):
        raise InputError("give source names, or one URL; several sites belong in tamiz.toml as [[sources]]")
    with opened(folder) as (project, store):
        url = urls[0] if urls else None
        report = run(project, store, names, url=url, limit=limit, allow_private=allow_private)
    found = plural(report.new_pairs, "new pair")
    lines = [*report.said, f"{plural(report.pages, 'page')} in {report.seconds:.0f} s, {found}, {report.known_pairs:,} known"]
    lines += counted(report.without_pairs, "pages without pairs: ")
    lines += counted(report.refused, "not fetched: ") + counted(report.failed, "failed: ")
    lines += [f"  {said}" for said in report.unreachable]
    if report.waiting:
        lines.append(f"  {report.waiting:>6,}  addresses are left for the next run")
    show(report, as_json=as_json, lines=lines, then="tamiz curate" if report.new_pairs or report.known_pairs else "")
    if report.stopped:
        raise click.Abort
    if report.unreachable:
        raise TamizError(report.unreachable[0])


COMMANDS = (crawl,)
