"""The parts of a file, with no project: split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamiz.cli.kernels import pairs_at_most, spare_compiling
from tamiz.cli.onestep import answer_field, question_field, source
from tamiz.cli.show import as_json, plural, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.split_rows import SplitRows
    from tamiz.records import Split

__all__ = ["COMMANDS"]

PARTS: tuple[Split, ...] = ("train", "validation", "test")


@click.command()
@source
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder for the parts.")
@click.option("--group-field", multiple=True, help="A column; rows that share its value stay in one part. Repeatable.")
@click.option("--validation", type=click.FloatRange(0, 1, max_open=True), default=0.1, show_default=True, help="Share.")
@click.option("--test", type=click.FloatRange(0, 1, max_open=True), default=0.1, show_default=True, help="Share.")
@click.option("--seed", type=int, default=13, show_default=True, help="Which of equal groups go where.")
@click.option(
    "--frozen",
    type=click.Path(path_type=Path),
    help="The folder of an earlier result: its rows, found by `id` or else by text, keep their part.",
)
@question_field
@answer_field
@as_json
def split(
    source: Path,
    output: Path,
    group_field: tuple[str, ...],
    validation: float,
    test: float,
    seed: int,
    frozen: Path | None,
    question_field: str,
    answer_field: str,
    as_json: bool,
) -> None:
    """Split FILE into train, validation and test so that nothing nearly the same is in two parts.

    Every row goes to one of the parts, or to left_out with the reason. With --frozen the parts of an
    earlier result stay, and only new rows are divided.
    """
    spare_compiling(pairs_at_most(source))
    with needs_extra("tamiz split", "curate"):
        from curation.split_rows import split_rows
        from curation.tables import check_ending, read_table, write_table
    from tamiz.settings import ExportSettings

    ending = check_ending(source)
    settings = ExportSettings(validation=validation, test=test, seed=seed)
    rows = read_table(source)
    if not rows:
        raise InputError(f"{source} has no rows, so there is nothing to split. Give a file with rows")
    result = split_rows(
        rows,
        settings,
        question_field=question_field,
        answer_field=answer_field,
        group_fields=group_field,
        earlier=read_parts(frozen) if frozen else None,
    )
    for part, mine in result.parts.items():
        write_table(output / f"{part}{ending}", mine)
    write_table(output / f"left_out{ending}", result.left_out)
    show(split_counts(result), as_json=as_json, lines=split_lines(result, output, ending))


def read_parts(folder: Path) -> Mapping[Split, list[dict[str, Any]]]:
    """The rows of an earlier result, by part; InputError where the folder holds none."""
    from curation.tables import ENDINGS, read_table

    found = {part: [folder / f"{part}{end}" for end in ENDINGS if (folder / f"{part}{end}").exists()] for part in PARTS}
    if not any(found.values()):
        names = ", ".join(f"{part}.jsonl" for part in PARTS)
        raise InputError(f"{folder} has no parts to keep; give the folder of an earlier tamiz split, with {names}")
    for part, paths in found.items():
        if len(paths) > 1:
            raise InputError(f"{folder} has {paths[0].name} and {paths[1].name}; keep the one that counts for {part}")
    filled = {part: [path for path in paths if path.read_bytes().strip()] for part, paths in found.items()}
    return {part: [row for path in paths for row in read_table(path)] for part, paths in filled.items()}


def split_counts(result: SplitRows) -> dict[str, Any]:
    return {
        **{part: len(mine) for part, mine in result.parts.items()},
        "left_out": len(result.left_out),
        "kept": result.kept,
        "notes": result.notes,
        "proof": result.proof,
        "siblings": result.siblings,
    }


def split_lines(result: SplitRows, output: Path, ending: str) -> list[str]:
    parts = ", ".join(f"{len(mine):,} {part}" for part, mine in result.parts.items())
    lines = [f"{output}: {parts}"]
    lines += [f"{plural(result.kept, 'row')} kept the part of the earlier result"] if result.kept else []
    left_out = len(result.left_out)
    lines += [f"{plural(left_out, 'row')} left out, each with its reason in left_out{ending}"] if left_out else []
    return [*lines, result.proof.line(), *result.siblings.lines(), *(f"note: {note}" for note in result.notes)]


COMMANDS = (split,)
