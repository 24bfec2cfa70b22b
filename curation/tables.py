"""Tables in files, read and written by their ending: .json, .jsonl, .csv, .tsv, .parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, MissingExtra
from tamiz.files import aside, write_whole
from tamiz.rows import read_rows

__all__ = ["DELIMITERS", "ENDINGS", "as_cell", "check_ending", "parquet_library", "read_table", "write_table"]

ENDINGS = (".json", ".jsonl", ".csv", ".tsv", ".parquet")
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of a file. InputError names the file and the line that cannot be read."""
    if check_ending(path) == ".parquet":
        return _read_parquet(path)
    rows = []
    for row in read_rows(path):
        if row.trouble:
            raise InputError(f"{path}, {row.place}: {row.trouble}. Mend it and run this again")
        rows.append(row.values)
    return rows


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows, whole or not at all; in .csv and .tsv a list or table becomes JSON text."""
    ending = check_ending(path)
    if ending == ".parquet":
        _write_parquet(path, rows)
    elif ending == ".jsonl":
        write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif ending == ".json":
        write_whole(path, json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n")
    else:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, delimiter=DELIMITERS[ending])
        writer.writeheader()
        writer.writerows({name: as_cell(value) for name, value in row.items()} for row in rows)
        write_whole(path, text.getvalue())


def check_ending(path: Path) -> str:
    """The file's ending in lower case; InputError for one that is not read or written here."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path} ends in {ending or 'nothing'}; give a name that ends in one of: {', '.join(ENDINGS)}")
    return ending


def as_cell(value: Any) -> Any:
    """What a cell of a .csv or .tsv file holds: a list or table as JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def parquet_library() -> Any:
    """pyarrow with pyarrow.parquet; MissingExtra where it is not installed."""
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingExtra("A .parquet file", "curate", "pyarrow") from None
    return pyarrow


def _read_parquet(path: Path) -> list[dict[str, Any]]:
    pyarrow = parquet_library()
    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}). Check the name and the file's rights") from None
    except pyarrow.ArrowInvalid as error:
        raise InputError(f"{path} is no Parquet file ({error}). Give one that is.") from None
    return rows


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    pyarrow = parquet_library()
    with aside(path) as temporary:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows]), temporary)
