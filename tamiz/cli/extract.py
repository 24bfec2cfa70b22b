"""tamiz extract: read pairs again, without the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from crawlers.explain import Explained

__all__ = ["COMMANDS"]

LONGEST = 100  # characters of a block's text on a line


@click.command()
@click.argument("files", nargs=-1)
@click.option("--jsonl", is_flag=True, help="Read saved HTML FILES and print one JSON line a file; needs no project.")
@click.option("--url", default="", help="With --jsonl: the address of a single file.")
@click.option(
    "--why", is_flag=True,
    help="Print every block of saved FILES or of stored pages' addresses, kept or dropped, with its reason.",
)  # fmt: skip
@as_json
@click.pass_obj
def extract(folder: Path, files: tuple[str, ...], jsonl: bool, url: str, why: bool, as_json: bool) -> None:
    """Read pairs again from the stored pages; or from saved HTML FILES to standard output."""
    if why:
        explain_pages(folder, files, as_json=as_json, others=jsonl or bool(url))
        return
    with needs_extra("tamiz extract", "crawl"):
        from crawlers.extract import extract as run
        from crawlers.extract import extract_files

    if files or jsonl:
        if not files or not jsonl:
            raise click.UsageError("give FILES together with --jsonl or --why, or none to read the stored pages again")
        if url and len(files) > 1:
            raise click.UsageError("--url is the address of a single file")
        for line in extract_files([Path(name) for name in files], url):
            click.echo(json.dumps(line, ensure_ascii=False))
        return
    with opened(folder) as (project, store):
        report = run(project, store)
    found = plural(report.new_pairs, "new pair")
    lines = [f"{plural(report.pages, 'page')} read again, {found}, {report.known_pairs:,} known"]
    lines += counted(report.without_pairs, "pages without pairs: ") + [f"  {said}" for said in report.damaged]
    show(report, as_json=as_json, lines=lines, then="tamiz curate" if report.new_pairs else "")


def explain_pages(folder: Path, targets: tuple[str, ...], *, as_json: bool, others: bool) -> None:
    """Print what became of every block of each page, and their sum."""
    if not targets:
        raise click.UsageError("--why needs saved FILES or addresses of stored pages")
    if others:
        raise click.UsageError("give --why without --jsonl and --url; for JSON add --json")
    with needs_extra("tamiz extract", "crawl"):
        from crawlers.explain import explain
    pages: list[Explained] = []
    unreadable: list[str] = []
    for target in targets:
        try:
            pages.append(explain(target, lambda: opened(folder)))
        except InputError as error:  # one bad file keeps nobody from the others
            unreadable.append(str(error))
    if pages:
        show(pages, as_json=as_json, lines=(line for page in pages for line in why_lines(page)))
    if unreadable:
        raise InputError("; ".join(unreadable))


def why_lines(page: Explained) -> Iterator[str]:
    """What is printed of one page, without anything that a terminal would obey."""
    yield _printable(f"{page.page}: {page.kind}, " + (page.reason or plural(page.pairs, "pair")))
    for block in page.blocks:
        said = " ".join(block.text.split())
        said = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
        yield _printable(f"  {'kept   ' if block.kept else 'dropped'}  {block.pattern:<10}  {said or '(no words)'}")
        yield _printable(f"{'':23}{block.reason}")
    yield f"  {page.found:,} found = {page.kept:,} kept + {page.dropped:,} dropped"


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in text)


COMMANDS = (extract,)
