"""Tables in files, read and written by their ending: .json, .jsonl, .csv, .tsv, .parquet."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, MissingExtra
from tamiz.files import aside, write_whole

__all__ = ["ENDINGS", "read_table", "write_table"]

ENDINGS = (".json", ".jsonl", ".csv", ".tsv", ".parquet")
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of a file. InputError names the file and the line that cannot be read."""
    ending = check_ending(path)
    try:
        if ending == ".parquet":
            return _read_parquet(path)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the name and the file's rights.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.") from None
    if not text.strip():
        raise InputError(f"{path} is empty. Give a file with a row for each pair.")
    if ending == ".jsonl":
        return [_row(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if ending == ".json":
        return _read_json(path, text)
    csv.field_size_limit(sys.maxsize)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=DELIMITERS[ending], strict=True)
    try:
        return [_same_width(path, rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}. Mend that line.") from None


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
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
        write_whole(path, text.getvalue())


def check_ending(path: Path) -> str:
    """The file's ending in lower case; InputError for one that is not read or written here."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path} ends in {ending or 'nothing'}; give a name that ends in one of: {', '.join(ENDINGS)}")
    return ending


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {number}: {error.msg} at character {error.pos + 1}. Mend that line.") from None
    if not isinstance(row, dict):
        raise InputError(f"{path}, line {number}: this is no object with columns. Mend that line.")
    return row


def _read_json(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}. Mend that line.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f'{path} is no list of objects. Give [{{"question": ..., "answer": ...}}, ...].')
    return rows


def _same_width(path: Path, line: int, row: dict[Any, Any]) -> dict[str, Any]:
    if None in row or None in row.values():
        raise InputError(f"{path}, line {line}: the row has more or fewer cells than the header. Mend that line.")
    return row


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def _parquet() -> Any:
    try:
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingExtra("A .parquet file", "curate", "pyarrow") from None
    return pyarrow


def _read_parquet(path: Path) -> list[dict[str, Any]]:
    pyarrow = _parquet()
    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise InputError(f"{path} is no Parquet file ({error}). Give one that is.") from None
    return rows


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    pyarrow = _parquet()
    with aside(path) as temporary:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows]), temporary)
