"""Tables in files, row by row: read as they come, written as they are decided, several files at once or none."""

from __future__ import annotations

import csv
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from curation.tables import DELIMITERS, as_cell, check_ending, parquet_library
from tamiz.errors import InputError
from tamiz.files import ASIDE, FULL, naming, sweep_aside
from tamiz.rows import Row, read_rows

__all__ = ["Columns", "all_or_none", "row_writer", "stream_rows"]

TOGETHER = 5_000  # rows of a Parquet file that are read or written together
ALL_TEXT = frozenset([str])
Write = Callable[[Mapping[str, Any]], None]


def stream_rows(path: Path) -> Iterator[Row]:
    """The rows of a file by its ending, a few in memory at a time (all of them for .json).

    A row that cannot be read is given with its trouble. InputError where the file as a whole cannot be.
    """
    if check_ending(path) != ".parquet":
        yield from read_rows(path)
        return
    with _parquet_file(path) as file:
        number = 0
        for batch in file.iter_batches(batch_size=TOGETHER):
            for values in batch.to_pylist():
                number += 1
                yield Row(place=f"row {number}", values=values)


@contextmanager
def _parquet_file(path: Path) -> Iterator[Any]:
    pyarrow = parquet_library()
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            yield file
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error}). Check the name and the file's rights") from None
    except pyarrow.ArrowInvalid as error:
        raise InputError(f"{path} is no Parquet file ({error}). Give one that is.") from None


class Columns:
    """The columns of a table whose rows are seen one by one, and for Parquet what they hold.

    >>> columns = Columns()
    >>> columns.see({"id": 1}); columns.see({"id": 2, "votes": None})
    >>> columns.names
    ['id', 'votes']
    """

    def __init__(self, *, typed: bool = False, schema: Any = None) -> None:
        self._names: dict[str, None] = {}
        self._waiting: list[Mapping[str, Any]] = []
        self._typed = typed and schema is None
        self._types: dict[str, Any] = {}
        self.schema = schema

    @classmethod
    def of(cls, source: Path, *, typed: bool) -> Columns:
        """For the rows of this file; the columns of a Parquet file stay what they are."""
        if check_ending(source) != ".parquet":
            return cls(typed=typed)
        with _parquet_file(source) as file:
            columns = cls(schema=file.schema_arrow)
        columns._names = dict.fromkeys(columns.schema.names)
        return columns

    @property
    def names(self) -> list[str]:
        return list(self._names)

    def see(self, row: Mapping[str, Any]) -> None:
        for name in row:
            if name not in self._names:
                self._names[name] = None
        if self._typed:
            self._waiting.append(row)
            if len(self._waiting) == TOGETHER:
                self._look()

    def _look(self) -> None:
        """Widen the type of each column to what these rows hold; None: it is written as text."""
        pyarrow = parquet_library()
        for name in self._names:
            try:
                found = pyarrow.array([row.get(name) for row in self._waiting]).type
                before = self._types.get(name, found)
                both = [pyarrow.schema([(name, kind)]) for kind in (before, found)] if before is not None else []
                united = pyarrow.unify_schemas(both, promote_options="permissive") if both else None
                self._types[name] = united.field(name).type if united is not None else None
            except (pyarrow.ArrowException, OverflowError):
                self._types[name] = None
        self._waiting.clear()

    def parquet_schema(self, more: Mapping[str, Any]) -> Any:
        """The schema of these columns and of `more` (name: an example value)."""
        pyarrow = parquet_library()
        if self._waiting:
            self._look()
        if self.schema is None:
            kinds = {name: self._types.get(name) or pyarrow.string() for name in self._names}
            self.schema = pyarrow.schema(list(kinds.items()))
        added = [(name, pyarrow.array([example]).type) for name, example in more.items()]
        return pyarrow.schema([*self.schema, *added])


@contextmanager
def row_writer(path: Path, ending: str, columns: Columns, more: Mapping[str, Any] | None = None) -> Iterator[Write]:
    """A function that writes a row to `path`; in .csv and .tsv a list or table becomes JSON text.

    `more` are columns that come after those of the table, each with an example of what it holds.
    """
    more = more or {}
    if ending == ".parquet":
        with _parquet_writer(path, columns.parquet_schema(more)) as write:
            yield write
        return
    with _text_file(path) as file:
        if ending in DELIMITERS:
            writer = csv.DictWriter(file, [*columns.names, *more], delimiter=DELIMITERS[ending])
            writer.writeheader()
            yield _named(path, lambda row: writer.writerow({name: as_cell(value) for name, value in row.items()}))
        elif ending == ".jsonl":
            yield _named(path, lambda row: print(_row_as_json(row), file=file))
        else:
            marks = iter(["["])
            yield _named(path, lambda row: print(next(marks, ","), _row_as_json(row), sep="\n", end="", file=file))
            with naming(path):
                print(next(marks, ""), "]", sep="\n", file=file)


@contextmanager
def _text_file(path: Path) -> Iterator[IO[str]]:
    """The file to write to. Where anything failed meanwhile, what it cannot write at the end is no second error."""
    file = path.open("w", encoding="utf-8", newline="")
    try:
        yield file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    with naming(path):
        file.close()


def _named(path: Path, write: Write) -> Write:
    def write_row(row: Mapping[str, Any]) -> None:
        try:
            write(row)
        except OSError:
            with naming(path):
                raise

    return write_row


@contextmanager
def _parquet_writer(path: Path, schema: Any) -> Iterator[Write]:
    pyarrow = parquet_library()
    waiting: list[dict[str, Any]] = []
    texts = [field.name for field in schema if pyarrow.types.is_string(field.type)]

    def flush() -> None:
        with naming(path):
            writer.write_table(pyarrow.Table.from_pylist(waiting, schema=schema))
        waiting.clear()

    def write(row: Mapping[str, Any]) -> None:
        as_text = {name: _as_text(row[name]) for name in texts if row.get(name) is not None}
        waiting.append({**row, **as_text})
        if len(waiting) == TOGETHER:
            flush()

    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        yield write
        flush()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else _as_json(value)


def _row_as_json(row: Mapping[str, Any]) -> str:
    """What `_as_json` gives: texts alone, as most rows are, are put together here at half the cost."""
    if ALL_TEXT.issuperset(map(type, row.values())) and ALL_TEXT.issuperset(map(type, row)):
        quoted = json.encoder.encode_basestring
        return "{" + ", ".join([f"{quoted(name)}: {quoted(value)}" for name, value in row.items()]) + "}"
    return _as_json(row)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@contextmanager
def all_or_none(targets: Sequence[Path]) -> Iterator[list[Path]]:
    """Paths to write these files to. They take their names when all went well, the first one last of all.

    One that is deleted meanwhile has no file in the end. The first is the one that others are read with: while it
    has its name, the others are of the same run, whenever the process is killed and however many write there.
    """
    temporary = [target.parent / f"{ASIDE}{os.getpid()}-{target.name}" for target in targets]
    try:
        for folder in {target.parent for target in targets}:
            folder.mkdir(parents=True, exist_ok=True)
            sweep_aside(folder)
        for path in temporary:
            path.touch()
        yield temporary
        for path in filter(Path.exists, temporary):
            with naming(path):
                _sync(path)
        with _alone_in(targets[0].parent):
            targets[0].unlink(missing_ok=True)
            _sync(targets[0].parent)
            for path, target in reversed(list(zip(temporary, targets, strict=True))):
                if path.exists():
                    path.replace(target)
                else:
                    target.unlink(missing_ok=True)
                _sync(target.parent)
    except OSError as error:
        named = dict(zip(map(str, temporary), targets, strict=True))
        name = named.get(str(error.filename), error.filename or f"a file that is needed for {targets[0]}")
        move = "Free some disk space" if error.errno in FULL else "Check the folder and its rights"
        raise InputError(f"{name} cannot be written ({error.strerror}). {move}") from None
    finally:
        with ExitStack() as stack:
            for path in temporary:
                stack.callback(_unlink, path)


def _unlink(path: Path) -> None:
    if path.is_file():
        path.unlink()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
