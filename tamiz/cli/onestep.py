"""One step on a file, with no project: clean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tamiz.cli.show import as_json, plural, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra

__all__ = ["COMMANDS", "answer_field", "change_lines", "fields", "question_field", "source", "target"]

source = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
target = click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Where the result goes.")
fields = click.option("--fields", default="question,answer", show_default=True, help="The columns to change.")
question_field = click.option("--question-field", default="question", show_default=True, help="The questions' column.")
answer_field = click.option("--answer-field", default="answer", show_default=True, help="The answers' column.")


def change(source: Path, output: Path, step_name: str, fields: str, lang: str, at_least: float) -> dict[str, Any]:
    """Run one changing step over a file and write the result; what was done, in numbers."""
    with needs_extra(f"tamiz {step_name}", "curate"):
        from curation.rows import change_rows
        from curation.steps import NotNow, find_steps
        from curation.tables import check_ending, read_table, write_table
    from tamiz.settings import CurationSettings

    check_ending(output)
    rows = read_table(source)
    step = find_steps(CurationSettings(steps=(step_name,)))[0]
    named = [name.strip() for name in fields.split(",") if name.strip()]
    try:
        changed = change_rows(rows, step, fields=named, lang=lang, at_least=at_least)
    except NotNow as reason:
        raise InputError(str(reason)) from None
    finally:
        if hasattr(step, "close"):
            step.close()
    write_table(output, changed)
    changes = [one for row in changed for one in row["changes"]]
    applied = sum(one["applied"] for one in changes)
    return {"rows": len(rows), "changes": len(changes), "applied": applied, "output": output}


def change_lines(result: dict[str, Any]) -> list[str]:
    found = f"{plural(result['changes'], 'change')} found, {result['applied']:,} applied"
    return [f"{plural(result['rows'], 'row')}, {found}; written to {result['output']}"]


@click.command()
@source
@target
@fields
@click.option("--at-least", type=click.FloatRange(0, 1), default=0.9, show_default=True, help="Least confidence.")
@as_json
def clean(source: Path, output: Path, fields: str, at_least: float, as_json: bool) -> None:
    """Repair encodings, left-over markup and boilerplate in FILE; every change is listed in the column `changes`."""
    result = change(source, output, "clean", fields, "und", at_least)
    show(result, as_json=as_json, lines=change_lines(result))


COMMANDS = (clean,)
