"""The commands that bring texts in: crawl, extract, import."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.errors import InputError, TamizError
from tamiz.extras import needs_extra

__all__ = ["COMMANDS"]

CURATE = "tamiz curate"


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
    lines = [f"{plural(report.pages, 'page')} in {report.seconds:.0f} s, {found}, {report.known_pairs:,} known"]
    lines += counted(report.without_pairs, "pages without pairs: ")
    lines += counted(report.refused, "not fetched: ") + counted(report.failed, "failed: ")
    lines += [f"  {said}" for said in report.unreachable]
    if report.waiting:
        lines.append(f"  {report.waiting:>6,}  addresses are left for the next run")
    show(report, as_json=as_json, lines=lines, then=CURATE if report.new_pairs or report.known_pairs else "")
    if report.stopped:
        raise click.Abort
    if report.unreachable:
        raise TamizError(report.unreachable[0])


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
    show(report, as_json=as_json, lines=lines, then=CURATE if report.new_pairs else "")


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--question", help="The column of the questions, where its name does not say it.")
@click.option("--answer", help="The column of the answers.")
@click.option("--label", help="The column of the labels (category, intent).")
@click.option("--lang", help="The language of all rows, as an ISO 639-1 code.")
@click.option("--licence", default="", help="The licence of these texts, where you know it.")
@as_json
@click.pass_obj
def import_(
    folder: Path,
    /,
    files: tuple[Path, ...],
    as_json: bool,
    lang: str | None,
    licence: str,
    **columns: str | None,
) -> None:
    """Take pairs from your own FILES: CSV, TSV, JSON or JSONL, with a row for each pair."""
    with needs_extra("tamiz import", "crawl"):
        from crawlers.imports.tables import import_table

    reports = []
    with opened(folder) as (project, store):
        for path in files:
            reports.append(import_table(project, store, path, columns=columns, lang=lang, licence=licence))
    lines = []
    for report in reports:
        taken = ", ".join(f"{column} as {name}" for name, column in report.columns.items())
        found = plural(report.new_pairs, "new pair")
        lines.append(f"{report.file}: {plural(report.rows, 'row')}, {found}, {report.known_pairs:,} known ({taken})")
        if report.repeated:
            lines.append(f"  {report.repeated:>6,}  rows stand twice in the file")
        lines += [f"  refused {said}" for said in report.refused]
        if report.refused_rows > len(report.refused):
            lines.append(f"  refused {report.refused_rows - len(report.refused):,} more")
    show(reports, as_json=as_json, lines=lines, then=CURATE)


COMMANDS = (crawl, extract, import_)
