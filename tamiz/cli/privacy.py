"""Personal data in a file masked, with no project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from tamiz.cli.onestep import change_lines, fields, source, target
from tamiz.cli.show import as_json, show
from tamiz.errors import InputError
from tamiz.extras import needs_extra
from tamiz.files import aside

__all__ = ["COMMANDS"]


@click.command()
@source
@target
@fields
@click.option("--lang", default="und", help="The language of the texts, as an ISO 639-1 code; numbers are read by it.")
@click.option("--at-least", type=click.FloatRange(0, 1), default=0.6, show_default=True, help="Least confidence.")
@click.option("--kind", "kinds", multiple=True, help="Mask this kind only, such as email; may be given several times.")
@click.option("--keep", multiple=True, help="A contact or domain of your own that stays; may be given several times.")
@click.option("--show-originals", is_flag=True, help="List what was masked as it was, in place of dots.")
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path), help="Write what each mask stands for, for you alone."
)
@as_json
def privacy(
    source: Path,
    output: Path,
    fields: str,
    lang: str,
    at_least: float,
    kinds: tuple[str, ...],
    keep: tuple[str, ...],
    show_originals: bool,
    map_file: Path | None,
    as_json: bool,
) -> None:
    """Mask personal data and secrets in FILE, such as <EMAIL_1>; all of it is listed in the column `changes`.

    The same thing has the same mask all over a row. With --map the file of that name tells what each mask
    stands for; only its owner can read it, and without it nobody can undo the masks.
    """
    with needs_extra("tamiz privacy", "curate"):
        from curation.privacy.own import own_contacts
        from curation.privacy.rows import mask_rows
        from curation.tables import check_ending, read_table, write_table
    from tamiz.settings import PrivacySettings

    check_ending(output)
    if map_file is not None and map_file.resolve() in (source.resolve(), output.resolve()):
        raise InputError(f"--map {map_file} is the file that is read or written; give it a name of its own")
    settings = PrivacySettings(kinds=kinds, keep=keep)
    rows = read_table(source)
    named = [name.strip() for name in fields.split(",") if name.strip()]
    own = own_contacts(settings.keep, {})
    result = mask_rows(
        rows,
        fields=named,
        lang=lang,
        kinds=settings.looked_for,
        own=own,
        at_least=at_least,
        show_originals=show_originals,
    )
    if map_file is not None:
        _write_private(map_file, result.map)
    write_table(output, result.rows)
    changes = [one for row in result.rows for one in row["changes"]]
    done: dict[str, Any] = {"rows": len(rows), "changes": len(changes)}
    done |= {"applied": sum(one["applied"] for one in changes), "output": output}
    done |= {"kinds": result.kinds, "kept": result.kept, "map": map_file}
    by_kind = ", ".join(f"{n:,} {kind}" for kind, n in result.kinds.items())
    lines = [*change_lines(done), *([f"masked: {by_kind}"] if by_kind else [])]
    show(done, as_json=as_json, lines=lines)


def _write_private(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write JSON Lines that only the owner can read, at no moment by others."""
    with aside(path) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


COMMANDS = (privacy,)
