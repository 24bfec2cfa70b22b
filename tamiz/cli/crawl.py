"""tamiz crawl: bring pages in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import as_json, counted, opened, plural, show
from tamiz.errors import InputError, TamizError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from crawlers.preview import Preview
    from crawlers.report import CrawlReport

__all__ = ["COMMANDS"]


@click.command()
@click.argument("what", nargs=-1, metavar="[SOURCE|URL|PATH ...]")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Stop after this many pages (0: no limit).")
@click.option("--allow-private", is_flag=True, help="Let a URL given here be on this machine or a private network.")
@click.option("--dry-run", is_flag=True, help="Fetch the start page only, show what would follow, keep nothing.")
@as_json
@click.pass_obj
def crawl(folder: Path, what: tuple[str, ...], limit: int, allow_private: bool, dry_run: bool, as_json: bool) -> None:
    """Fetch the sources of tamiz.toml, or those named, politely; go on where a run was stopped.

    Of a URL the platform is recognised. The PATH of a WARC file or of a folder of saved pages is read
    without any request.
    """
    with needs_extra("tamiz crawl", "crawl"):
        from crawlers.preview import preview
        from crawlers.run import crawl as run

    urls = [item for item in what if "://" in item]
    names = [item for item in what if "://" not in item]
    if len(urls) > 1 or (urls and names):
        raise InputError("give source names, or one URL; several sites belong in tamiz.toml as [[sources]]")
    with opened(folder) as (project, store):
        url = urls[0] if urls else None
        if dry_run:
            looks = preview(project, store, names, url=url, allow_private=allow_private)
            show(looks, as_json=as_json, lines=[line for look in looks for line in _preview_lines(look)])
            return
        report = run(project, store, names, url=url, limit=limit, allow_private=allow_private)
    found = plural(report.new_pairs, "new pair")
    done = f"{plural(report.pages, 'page')} in {report.seconds:.0f} s, {found}, {report.known_pairs:,} known"
    lines = [*report.said, done, *_changes(report)]
    lines += counted(report.without_pairs, "pages without pairs: ")
    lines += counted(report.refused, "not fetched: ") + counted(report.failed, "failed: ")
    lines += counted(report.left_out, "links not taken: ")
    if report.stopped:  # else they are the error below
        lines += [f"  {said}" for said in report.unreachable]
    if "needs JavaScript" in report.without_pairs:
        lines.append("  such pages are drawn in a browser with javascript = true: pip install 'tamiz[js]'")
    lines += [f"  {said}" for said in report.limits]
    if report.waiting and not report.limits:
        lines.append(f"  {report.waiting:>6,}  addresses are left for the next run")
    show(report, as_json=as_json, lines=lines, then="tamiz curate" if report.new_pairs or report.known_pairs else "")
    if report.stopped:
        raise click.Abort
    if report.unreachable:
        raise TamizError(" ".join(report.unreachable))


def _preview_lines(look: Preview) -> list[str]:
    """A preview for people: where it starts, what comes next, what is left out and why."""
    lines = [f"{look.source}: {look.start}", *(f"  {said}" for said in (*look.said, *look.trouble))]
    if look.robots:
        lines.append(f"  {look.robots}; {look.delay_seconds:g} s between requests")
    lines.append(f"  at most {plural(look.max_pages, 'page')}, {plural(look.max_depth, 'link')} deep")
    if look.waiting:
        lines.append(f"  {look.waiting:,} addresses left by an earlier run would come first")
    shown = f", the first {len(look.addresses)}" if len(look.addresses) < look.found else ""
    lines.append(f"  after the start page {look.found:,} more{shown}:")
    lines += [f"    {url}" for url in look.addresses]
    lines += [f"    not {url}: robots.txt" for url in look.refused_by_robots]
    lines += [f"    not {url}: {reason}" for url, reason in look.refused.items()]
    if sum(look.left_out.values()) > len(look.refused):
        lines += [f"  left out in all: {count:,} links: {reason}" for reason, count in look.left_out.items()]
    return lines


def _changes(report: CrawlReport) -> list[str]:
    """What differs from the last crawl, what was there under several addresses, what asked for no more."""
    lines = []
    if report.unchanged or report.changed or report.gone:
        added = report.new_pairs - report.replacing_pairs
        lines = [
            f"  pages: {report.unchanged:,} unchanged, {report.changed:,} changed, {report.new_pages:,} new, "
            f"{report.gone:,} gone",
            f"  pairs: {added:,} added, {report.changed_pairs:,} changed, {report.gone_pairs:,} gone",
        ]
    if report.repeated:
        lines.append(f"  {report.repeated:>6,}  addresses repeat a page that is kept once")
    if report.nofollow:
        lines.append(f"  {report.nofollow:>6,}  pages ask for their links not to be followed, and are obeyed")
    return lines


COMMANDS = (crawl,)
