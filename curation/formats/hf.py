"""A folder for datasets.load_from_disk: a DatasetDict with a column for each thing a trainer asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tamiz.errors import MissingExtra
from tamiz.records import Pair

__all__ = ["write"]

COLUMNS = ("question", "answer", "lang", "label", "id", "url")


def write(folder: Path, parts: Mapping[str, Sequence[Pair]]) -> dict[str, int]:
    """Write all parts that have pairs, for load_from_disk reads no empty one.

    {file name: rows}, where files beside the data have 0 rows.
    """
    try:
        import datasets  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Writing a Hugging Face datasets folder", "curate", "datasets") from None
    schema = datasets.Features({name: datasets.Value("string") for name in COLUMNS})
    tables = {
        part: datasets.Dataset.from_dict(
            {name: [getattr(pair, name) for pair in pairs] for name in COLUMNS}, features=schema
        )
        for part, pairs in parts.items()
        if pairs
    }
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        datasets.DatasetDict(tables).save_to_disk(folder)
    finally:
        if shown:
            datasets.enable_progress_bars()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): len(parts[path.parent.name]) if path.suffix == ".arrow" else 0
        for path in files
    }
