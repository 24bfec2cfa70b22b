"""`tamiz compare --full`: LoRA beside full fine-tuning, measured on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamiz.cli.show import show

if TYPE_CHECKING:
    from tamiz.project import Project

__all__ = ["show_methods"]

NAME = "compared"


def show_methods(project: Project, exported: Path, names: tuple[str, ...], *, as_json: bool) -> None:
    """Train both methods, and print and keep what they took and brought."""
    from tamiz.progress import progress
    from tuning.methods import compare_methods, write_methods
    from tuning.report.beside import methods_table
    from tuning.report.markdown import told_lines

    if len(names) > 1:
        raise click.UsageError("--full trains two adapters: give one NAME for them, or none")
    name = names[0] if names else NAME
    with progress("LoRA and full fine-tuning") as job:
        settings = project.settings.tuning
        found = compare_methods(exported, settings, name=name, runs=project.runs, adapters=project.adapters, report=job)
    kept = write_methods(found, project.comparisons)
    rows = [("", "LoRA", "full", "LoRA / full"), *methods_table(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.rjust(widths[n]) if n else cell.ljust(widths[n]) for n, cell in enumerate(r)) for r in rows]
    lines = [line.rstrip() for line in lines]
    show(
        found,
        as_json=as_json,
        lines=[
            *lines,
            "",
            *told_lines(found.quality),
            "",
            found.claim(),
            *([found.busy()] if found.busy() else []),
            f"kept as {kept}",
        ],
        then=f"tamiz chat {found.lora.name}",
    )
