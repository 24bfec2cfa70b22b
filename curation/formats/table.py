"""The pairs as a table of plain columns: what `hf` and `parquet` hold, with everything that a pair's record has.

Turns are a list of texts by name and tools are JSON as text, so that every version of every reader knows the types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from curation.card_configs import Feature, pair_features
from tamiz.errors import MissingExtra
from tamiz.records import Split

__all__ = ["columns", "write_hf", "write_parquet"]

FIRST = ("question", "answer", "lang", "label", "id", "url")
TYPES = {"string": pa.string(), "bool": pa.bool_(), "int64": pa.int64(), "float64": pa.float64()}
Rows = Mapping[Split, Sequence[Mapping[str, Any]]]


def columns() -> list[Feature]:
    """The columns of the table, those that trainers ask for first."""
    known = {feature["name"]: feature for feature in pair_features()}
    return [*(known.pop(name) for name in FIRST), *known.values()]


def write_parquet(folder: Path, rows: Rows) -> dict[str, int]:
    """Write PART.parquet for every part, empty ones too; {file name: rows}."""
    folder.mkdir()
    for part, many in rows.items():
        pq.write_table(_table(many), folder / f"{part}.parquet", compression="zstd")
    return {f"{part}.parquet": len(many) for part, many in rows.items()}


def write_hf(folder: Path, rows: Rows) -> dict[str, int]:
    """Write a folder for datasets.load_from_disk: a DatasetDict of the parts that have pairs; it reads no empty one.

    {file name: rows}, where files beside the data have 0 rows.
    """
    try:
        import datasets  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Writing a Hugging Face datasets folder", "curate", "datasets") from None
    tables = {part: datasets.Dataset(_table(many)) for part, many in rows.items() if many}
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        datasets.DatasetDict(tables).save_to_disk(folder)
    finally:
        if shown:
            datasets.enable_progress_bars()
    found: dict[str, int] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        shard = re.fullmatch(r"data-(\d+)-of-(\d+)\.arrow", path.name)
        found[name] = _rows_of(path) if shard else 0
    return found


def _rows_of(path: Path) -> int:
    with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
        return sum(batch.num_rows for batch in reader)


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = pa.schema([pa.field(feature["name"], _type(feature)) for feature in columns()])
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def _type(feature: Feature) -> pa.DataType:
    """
    >>> _type({"name": "made_from", "list": "string"})
    ListType(list<item: string>)
    """
    inner = feature.get("list")
    if inner is None:
        return TYPES[feature["dtype"]]
    if isinstance(inner, str):
        return pa.list_(TYPES[inner])
    return pa.list_(pa.struct([pa.field(one["name"], _type(one)) for one in inner]))
