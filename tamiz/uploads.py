"""Files that people bring through the screens, and files of the project's folder that can be imported."""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tamiz.errors import InputError
from tamiz.files import aside
from tamiz.people import permit
from tamiz.project import Project
from tamiz.rows import read_rows
from tamiz.store import Store

__all__ = ["IMPORTABLE", "Peek", "importable_files", "keep_upload", "peek", "remove_upload"]

# The endings of what `tamiz import` reads; a file may be packed as .zip or .gz.
IMPORTABLE: tuple[str, ...] = (
    "csv",
    "tsv",
    "json",
    "jsonl",
    "ndjson",
    "xlsx",
    "xlsm",
    "parquet",
    "txt",
    "vtt",
    "srt",
    "eml",
    "mbox",
)
IMPORTABLE += ("mbx", "xml", "7z", "zst", "zip", "gz")
BLOCK = 1 << 20
LONGEST_NAME = 50  # characters, of up to four bytes; a name has 255
LISTED = 200  # files of the folder
CELL = 200  # characters of a cell that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """The beginning of a table: its columns and first rows, cells cut short. No columns: no table that is text."""

    columns: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()


def keep_upload(project: Project, name: str, content: IO[bytes], *, store: Store, by: str) -> Path:
    """Write an uploaded file under the project's work/uploads and give its path; the same file twice is kept once.

    The folder's name is made of the content; of the given name only letters, digits and plain marks are kept.
    InputError for an ending that no import reads; NotPermitted when `by` may not manage.
    """
    permit(store, by, "manage")
    ending = name.rpartition(".")[2].lower()
    if ending not in IMPORTABLE:
        raise InputError(f"{name!r} has an ending that no import reads; give one of: {', '.join(IMPORTABLE)}")
    digest = hashlib.sha256()
    content.seek(0)
    while block := content.read(BLOCK):
        digest.update(block)
    target = _uploads(project) / digest.hexdigest()[:16] / _safe(name)
    if not target.exists():
        content.seek(0)
        with aside(target) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(content, file, BLOCK)
    return target


def remove_upload(project: Project, path: Path, *, store: Store, by: str) -> bool:
    """Remove an uploaded file; whether it was one and is gone. Other files are never touched."""
    permit(store, by, "manage")
    folder = path.parent
    if folder.parent != _uploads(project) or folder.is_symlink() or not path.is_file():
        return False
    path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
    return True


def importable_files(project: Project) -> list[Path]:
    """Files that lie in the project's folder, or in its folder work/, and that an import may read; by name."""
    places = (project.folder, project.folder / "work")
    found = (path for place in places for path in place.glob("*.*") if path.is_file() and not path.is_symlink())
    good = sorted(path for path in found if path.suffix[1:].lower() in IMPORTABLE and path.name[0] != ".")
    return good[:LISTED]


def peek(path: Path, *, rows: int = 3) -> Peek:
    """Look at the beginning of a file; what is no table of text, or cannot be read, has no columns here."""
    if path.suffix.lower() not in (".csv", ".tsv", ".json", ".jsonl", ".ndjson"):
        return Peek()
    try:
        first = [row.values for row in itertools.islice(read_rows(path, number_repeated=True), rows) if row.values]
    except InputError:  # the import says it, with the place
        return Peek()
    columns = tuple(dict.fromkeys(column for row in first for column in row))
    return Peek(columns=columns, rows=tuple({name: _cell(value) for name, value in row.items()} for row in first))


def _uploads(project: Project) -> Path:
    return project.folder / "work" / "uploads"


def _safe(name: str) -> str:
    """A file's name that is only a name.

    >>> _safe("../../etc/pass wd.CSV"), _safe(".csv")
    ('pass wd.csv', 'file.csv')
    """
    stem, _, ending = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    plain = re.sub(r"[^\w .()-]+", "-", stem).strip(" .-")[:LONGEST_NAME].strip(" .-")
    return f"{plain or 'file'}.{ending.lower()}"


def _cell(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
