"""tamiz import: bring your own data in."""

from __future__ import annotations

from pathlib import Path

import click

from tamiz.cli.show import as_json, opened, plural, show
from tamiz.extras import needs_extra

__all__ = ["COMMANDS"]


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
    show(reports, as_json=as_json, lines=lines, then="tamiz curate")


COMMANDS = (import_,)
