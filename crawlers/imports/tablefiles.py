"""Rows of every kind of table: text files, spreadsheets, Parquet and Hugging Face datasets, one at a time."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tamiz.errors import InputError, MissingExtra
from tamiz.rows import Row, read_rows

__all__ = ["dataset_rows", "is_dataset", "table_rows"]

AT_ONCE = 500  # rows of a Parquet file in memory
LARGEST_PART = 4 << 30  # bytes of one unpacked sheet; a million rows of text reach some hundred million
LARGEST_STRINGS = 256 << 20  # bytes of the texts that a spreadsheet keeps once for all its cells: held in memory
MARKS = (b"<!DOCTYPE", b"<!ENTITY")


def table_rows(path: Path) -> Iterator[Row]:
    """The rows of a file by its ending, streamed; InputError for one that cannot be read as a table."""
    ending = path.suffix.lower()
    if path.is_file() and ending in (".xlsx", ".xlsm"):
        return _sheet_rows(path)
    if path.is_file() and ending == ".parquet":
        return _parquet_rows(path, "row")
    return read_rows(path, number_repeated=True)


def _sheet_rows(path: Path) -> Iterator[Row]:
    """The rows of every sheet that has a header, as values: of a formula its last result, never the formula."""
    _check_archive(path)
    try:
        from openpyxl import load_workbook  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingExtra("Reading a spreadsheet", "imports", "openpyxl") from None
    with path.open("rb") as file:  # ours, so that it is closed where the workbook cannot be opened
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (KeyError, ValueError, OSError, TypeError, SyntaxError) as error:  # ParseError is a SyntaxError
            raise InputError(f"{path} is no XLSX workbook ({error}); save it again, or as CSV") from None
        try:
            yield from _all_sheets(book)
        except (SyntaxError, zipfile.BadZipFile, ValueError) as error:
            raise InputError(f"{path} is damaged ({error}); save it again, or as CSV") from None
        finally:
            book.close()


def _all_sheets(book: Any) -> Iterator[Row]:
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    for sheet in sheets:
        sheet.reset_dimensions()  # they are only claimed, and may claim a million empty columns
        yield from _rows_under_header(sheet, f"sheet {sheet.title}, " if len(sheets) > 1 else "")


def _rows_under_header(sheet: Any, before: str) -> Iterator[Row]:
    header: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        values = [_cell(cell) for cell in cells]
        if not any(str(value).strip() for value in values if value is not None):
            continue
        if not header:
            header = [str(value if value is not None else "").strip() for value in values]
            continue
        named = zip(header, [*values, *[None] * (len(header) - len(values))], strict=False)
        yield Row(place=f"{before}row {number}", values={name: value for name, value in named if name})


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value


def _check_archive(path: Path) -> None:
    """Refuse a workbook that would unpack to more than it may, or whose XML declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                limit = LARGEST_STRINGS if part.filename.endswith("sharedStrings.xml") else LARGEST_PART
                if part.file_size > limit:
                    raise InputError(
                        f"{path} unpacks to {part.file_size >> 20:,} MB in {Path(part.filename).name}, "
                        f"over the {limit >> 20:,} MB that are read; save it as CSV"
                    )
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        start = file.read(4096).replace(b"\0", b"").upper()
                    if any(mark in start for mark in MARKS):
                        raise InputError(f"{path} declares XML entities, which no workbook needs; save it as CSV")
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"{path} is no XLSX workbook ({error}); save it again, or as CSV") from None


def _parquet_rows(path: Path, unit: str) -> Iterator[Row]:
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as parquet  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingExtra("A .parquet file", "imports", "pyarrow") from None
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=AT_ONCE, use_threads=False):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(place=f"{unit} {number}", values=values)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} is no Parquet file, or is damaged ({error}); give one that is") from None


def is_dataset(folder: Path) -> bool:
    """Whether a folder is what `save_to_disk` of datasets writes, or holds Parquet files."""
    saved = any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))
    return saved or any(folder.rglob("*.parquet"))


def dataset_rows(name: str, split: str = "") -> Iterator[Row]:
    """The rows of a Hugging Face dataset: a folder, or the name of one on the hub ("owner/name").

    No code of a dataset is ever run. Without `split` all of them are read.
    """
    folder = Path(name)
    if folder.is_dir() and not any((folder / known).is_file() for known in ("state.json", "dataset_dict.json")):
        yield from _parquet_folder(folder, split)
        return
    try:
        import datasets  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingExtra("A Hugging Face dataset", "imports", "datasets") from None
    found: Any = _saved(datasets, folder) if folder.is_dir() else _from_hub(datasets, name)
    splits = dict(found) if isinstance(found, dict) else {"": found}
    if split and split not in splits:
        raise InputError(f"{name} has no split {split}; there are: {', '.join(filter(None, splits)) or 'none'}")
    for part, rows in splits.items():
        if split in ("", part):
            for number, values in enumerate(rows, start=1):
                yield Row(place=f"{part + ' ' if part else ''}row {number}", values=dict(values))


def _saved(datasets: Any, folder: Path) -> Any:
    try:
        return datasets.load_from_disk(str(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} is no dataset that datasets saved ({error}); save it again") from None


def _from_hub(datasets: Any, name: str) -> Any:
    """The dataset, streamed. A hub that cannot be reached, or has no such dataset, is said with the way out."""
    try:
        return datasets.load_dataset(name, streaming=True)
    except (OSError, ValueError, RuntimeError) as error:  # what datasets and its HTTP libraries raise
        said = str(error).strip().partition("\n")[0]
    raise InputError(
        f"{name} cannot be loaded from the Hugging Face hub ({said}). Without a network, load it elsewhere, "
        "save it with its save_to_disk, bring the folder here and give that"
    )


def _parquet_folder(folder: Path, split: str) -> Iterator[Row]:
    """The Parquet files of a folder in the order of their names, which begin with the split ("train-00000-...")."""
    files = sorted(file for file in folder.rglob("*.parquet") if file.is_file())
    chosen = [file for file in files if not split or split in (file.parent.name, file.name.partition("-")[0])]
    if not chosen:
        raise InputError(f"{folder} has no Parquet file of the split {split}; there are: "
                         f"{', '.join(file.name for file in files[:10])}")  # fmt: skip
    for file in chosen:
        yield from _parquet_rows(file, f"{file.relative_to(folder)}, row")
