"""Rows of CSV, TSV, JSON and JSON Lines files, and lines of text files, each with the line it stands on."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tamiz.errors import InputError

__all__ = ["Row", "read_json", "read_rows", "text_encoding", "text_lines"]

LARGEST_CELL = 10_000_000  # characters; beyond that a quote was opened and never closed
LONGEST_RAW = 10_000  # characters that are kept of a line that cannot be read
LARGEST_LINE = 1_000_000  # characters of a text; longer lines come in parts
DELIMITERS = (",", ";", "\t", "|")
LISTS = ("data", "rows", "items", "pairs", "questions", "faqs", "records")
_NO_TEXT = bytes(code for code in range(32) if chr(code) not in "\t\n\v\f\r\x1b")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # as JSON may write half a character, which no file can hold
NOT_TEXT = {
    ".xlsx": "a spreadsheet",
    ".xls": "a spreadsheet",
    ".ods": "a spreadsheet",
    ".parquet": "a Parquet file",
    ".zip": "an archive",
    ".gz": "an archive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a file: where it stands ("line 17"), its values by column, or why it cannot be read.

    `raw` is the text of one that cannot be read as it stands in the file, `raw_length` how long that is: of a
    very long one only the beginning is kept.
    """

    place: str
    values: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""
    raw: str = ""
    raw_length: int = 0

    @classmethod
    def unread(cls, place: str, trouble: str, text: str, length: int = 0) -> Row:
        """A row that cannot be read; `length` where `text` is only the beginning of it."""
        return cls(place=place, trouble=trouble, raw=text[:LONGEST_RAW], raw_length=length or len(text))


def read_rows(path: Path, *, number_repeated: bool = False) -> Iterator[Row]:
    """The rows of a file by its ending, or by its first character where the ending says nothing.

    InputError for a file that is missing, empty, or not of a kind that can be read, and for a table with two
    columns of one name, unless `number_repeated` gives the second one a name of its own: "tag (2)".
    """
    ending = path.suffix.lower()
    if ending in NOT_TEXT:
        raise InputError(f"{path} is {NOT_TEXT[ending]}; save it as CSV or JSON Lines and give that")
    encoding = text_encoding(path)
    if ending not in (".csv", ".tsv", ".json", ".jsonl", ".ndjson"):
        ending = _guess_ending(path, encoding)
    if ending == ".json":
        yield from _json_rows(path, encoding)
    elif ending in (".jsonl", ".ndjson"):
        yield from _json_lines(path, encoding)
    else:
        yield from _csv_rows(path, encoding, "\t" if ending == ".tsv" else "", number_repeated)


def text_encoding(path: Path) -> str:
    """UTF-8 (with or without mark) or UTF-16 with mark where the whole file is that, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    anything = False
    try:
        with path.open("rb") as file:
            if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
            file.seek(0)
            while block := file.read(1 << 20):
                if _is_binary(block):
                    raise InputError(f"{path} is no text file; give CSV, TSV, JSON or JSON Lines")
                anything = anything or bool(block.strip())
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the files in it") from None
    except UnicodeDecodeError:
        return "cp1252"
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the file's rights") from None
    if not anything:
        raise InputError(f"{path} is empty; there is nothing to read")
    return "utf-8-sig"


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, whatever ends them; InputError for a file that is no text."""
    with path.open(encoding=text_encoding(path), errors="replace") as file:
        number = 1
        while line := file.readline(LARGEST_LINE):
            yield number, line
            number += line.endswith("\n")


def read_json(path: Path) -> Any:
    """The one value of a JSON file; InputError with the place where it is none, or nested too deep."""
    with _open(path, text_encoding(path)) as file:
        text = file.read()
    try:
        return _loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _no_json(path, error) from None


def _is_binary(block: bytes) -> bool:
    """Whether more than one byte in fifty is a control character that no text has; a stray NUL is no reason."""
    return len(block.translate(None, delete=_NO_TEXT)) < len(block) * 0.98


def _open(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, errors="replace", newline="")


def _guess_ending(path: Path, encoding: str) -> str:
    with _open(path, encoding) as file:
        start = file.read(1 << 16).lstrip()
    if start.startswith("{"):
        return ".jsonl"
    return ".json" if start.startswith("[") else ".csv"


class _Kept:
    """Lines of a file, with the beginning of those that were read since `clear`."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.clear()

    def clear(self) -> None:
        self.text, self.length = "", 0

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.text += line[: max(0, LONGEST_RAW - len(self.text))]
            self.length += len(line)
            yield line

    def unread(self, place: str, trouble: str) -> Row:
        text = self.text.rstrip("\r\n")
        return Row.unread(place, trouble, text, self.length - (len(self.text) - len(text)))


def _csv_rows(path: Path, encoding: str, delimiter: str, number_repeated: bool) -> Iterator[Row]:
    with _open(path, encoding) as file:
        delimiter = delimiter or _delimiter(file)
        csv.field_size_limit(LARGEST_CELL)
        lines = _Kept(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header: list[str] = []
        while True:
            lines.clear()
            place = f"line {reader.line_num + 1}"
            try:
                cells = next(reader, None)
            except csv.Error as error:
                large = "field larger" in str(error)
                said = f"a cell of over {LARGEST_CELL:,} characters, or a quote that never ends" if large else ""
                yield lines.unread(place, said or f"the quotes do not match ({error})")
                continue
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header([cell.strip() for cell in cells], path, number_repeated)
            elif any(cell.strip() for cell in cells[len(header) :]):
                trouble = f"{len(cells)} cells under {len(header)} columns; a quote or delimiter is missing"
                yield lines.unread(place, trouble)
            else:
                filled = [*cells, *[""] * (len(header) - len(cells))]
                yield Row(place=place, values=dict(zip(header, filled, strict=False)))


def _header(names: list[str], path: Path, number_repeated: bool) -> list[str]:
    """The names of the columns, all different but for those without any; InputError names those that are not."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    repeated = [name for name, count in seen.items() if name and count > 1]
    if repeated and not number_repeated:
        shown = ", ".join(repr(name) for name in repeated[:10])
        raise InputError(f"{path} has more than one column called {shown}; give each a name of its own")
    return found


def _delimiter(file: IO[str]) -> str:
    """The delimiter that splits the header into most columns."""
    header = ""
    while not header.strip():
        header = file.readline(LARGEST_CELL)
    file.seek(0)
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark))))


def _json_lines(path: Path, encoding: str) -> Iterator[Row]:
    with _open(path, encoding) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _json_line(line, f"line {number}")


def _json_line(line: str, place: str) -> Row:
    try:
        value = _loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        said = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "nested too deep"
        return Row.unread(place, f"not valid JSON ({said})", line.rstrip("\r\n"))
    return _object_row(value, place)


def _loads(text: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python turns no number into an integer that is longer than sys.get_int_max_str_digits()
        raise json.JSONDecodeError("a number of thousands of digits", text, 0) from None
    return _storable(value) if "\\u" in text and _SURROGATE.search(text) else value


def _storable(value: Any) -> Any:
    """The value without lone surrogates in any of its texts."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return {name: _storable(item) for name, item in value.items()} if isinstance(value, dict) else value


def _object_row(value: Any, place: str) -> Row:
    if isinstance(value, dict):
        return Row(place=place, values=value)
    return Row.unread(place, "no object with named values", json.dumps(value, ensure_ascii=False))


def _json_rows(path: Path, encoding: str) -> Iterator[Row]:
    with _open(path, encoding) as file:
        text = file.read()
    try:
        value = _loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        first = text.lstrip().partition("\n")[0]
        if getattr(error, "msg", "") == "Extra data" and not _json_line(first, "").trouble:
            yield from _json_lines(path, encoding)  # JSON Lines under another name
            return
        raise _no_json(path, error) from None
    for number, item in enumerate(_list_in(value, path), start=1):
        yield _object_row(item, f"row {number}")


def _no_json(path: Path, error: json.JSONDecodeError | RecursionError) -> InputError:
    if isinstance(error, RecursionError):
        return InputError(f"{path} is nested too deep; give an array of objects")
    place = f"{path}, line {error.lineno}, column {error.colno}"
    return InputError(f"{place}: not valid JSON ({error.msg}); mend that line")


def _list_in(value: Any, path: Path) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        lists = {name: item for name, item in value.items() if isinstance(item, list)}
        known = [name for name in LISTS if name in lists]
        if known or len(lists) == 1:
            return lists[(known or list(lists))[0]]
        if not lists:
            return [value]
    raise InputError(f'{path} has no list of objects; give [{{"question": ..., "answer": ...}}, ...]')
