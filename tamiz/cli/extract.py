"""tamiz extract: read pairs again, without the network."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.extras import needs_extra

__all__ = ["COMMANDS"]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--jsonl", is_flag=True, help="Read saved HTML FILES and print one JSON line a file; needs no project.")
@click.option("--url", default="", help="With --jsonl: the address of a single file.")
@as_json
@click.pass_obj
def extract(folder: Path, files: tuple[Path, ...], jsonl: bool, url: str, as_json: bool) -> None:
    """Read pairs again from the stored pages; or from saved HTML FILES to standard output."""
    with needs_extra("tamiz extract", "crawl"):
        from crawlers.extract import extract as run
        from crawlers.extract import extract_files

    if files or jsonl:
        if not files or not jsonl:
            raise click.UsageError("give FILES together with --jsonl, or neither to read the stored pages again")
        if url and len(files) > 1:
            raise click.UsageError("--url is the address of a single file")
        for line in extract_files(files, url):
            click.echo(json.dumps(line, ensure_ascii=False))
        return
    with opened(folder) as (project, store):
        report = run(project, store)
    found = plural(report.new_pairs, "new pair")
    lines = [f"{plural(report.pages, 'page')} read again, {found}, {report.known_pairs:,} known"]
    lines += counted(report.without_pairs, "pages without pairs: ") + [f"  {said}" for said in report.damaged]
    show(report, as_json=as_json, lines=lines, then="tamiz curate" if report.new_pairs else "")


COMMANDS = (extract,)
