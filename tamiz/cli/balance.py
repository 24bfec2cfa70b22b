"""The command that tells how the pairs are spread over sources, languages and ways to speak."""

from __future__ import annotations

from pathlib import Path

import click

from tamiz.cli.show import as_json, opened, plain, show
from tamiz.extras import needs_extra

__all__ = ["COMMANDS"]


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a report as HTML, too.")
@as_json
@click.pass_obj
def balance(folder: Path, output: Path | None, as_json: bool) -> None:
    """Count how the pairs are spread: sources, labels, languages, authors, regional words, treatment, tone, gender.

    Once for the accepted pairs, which an export has, and once for those that are open. Counts only; nothing changes.
    """
    with opened(folder) as (project, store), needs_extra("tamiz balance", "curate"):
        from curation.balance.dominant import dominants
        from curation.balance.project import STATES, project_balance
        from curation.balance.said import balance_lines

        found = {part: project_balance(store, part) for part in STATES}
        if output is not None:
            from curation.balance.page import write_balance_page

            titles = {"accepted": "Accepted pairs", "open": "Open pairs"}
            balances = {titles[part]: one for part, one in found.items()}
            write_balance_page(output, project.settings.project.name, balances)
    told = {part: plain(one) | {"dominant": plain(dominants(one))} for part, one in found.items()}
    lines = [line for part, one in found.items() for line in (*balance_lines(part, one), "")]
    lines += [f"Report: {output}"] if output is not None else []
    show(told, as_json=as_json, lines=lines)


COMMANDS = (balance,)
