"""Files that come packed: .zip (as WhatsApp on iOS sends chats) and .gz."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from tamiz.errors import InputError

__all__ = ["is_packed", "unpacked"]

LARGEST = 8 << 30  # bytes of one file
MOST_UNPACKED = 200  # times its packed size, above a hundred megabytes; text packs to a tenth
UNPACKED_FREELY = 100 << 20
MOST_FILES = 10_000
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet")
READ = frozenset((*_TABLES, ".txt", ".log", ".vtt", ".srt", ".eml", ".mbox", ".mbx", ".xml"))


def is_packed(path: Path) -> bool:
    ending = path.suffix.lower()
    return path.is_file() and ending in (".zip", ".gz") and not path.name.lower().endswith(".warc.gz")


def unpacked(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """(name, file) of each file in an archive that can be read, one at a time in `folder`.

    The files get names of ours: those in an archive are never used as paths. InputError for bombs.
    """
    packed = _gzip(path) if path.suffix.lower() == ".gz" else _zip(path)
    anything = False
    for number, (name, size, stream) in enumerate(packed):
        target = folder / f"unpacked-{number}{PurePosixPath(name).suffix.lower()}"
        _copy(path, stream, target, size)
        anything = True
        yield name, target
        target.unlink(missing_ok=True)
    if not anything:
        raise InputError(f"{path} holds no file that can be read; unpack it and give the files you mean")


def _gzip(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with gzip.open(path) as stream:
        yield path.name[: -len(".gz")], path.stat().st_size, stream  # type: ignore[misc]


def _zip(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > MOST_FILES:
                raise InputError(f"{path} holds {len(members):,} files; {MOST_FILES:,} are read. Unpack it")
            for member in members:
                name = PurePosixPath(member.filename.replace("\\", "/")).name
                if PurePosixPath(name).suffix.lower() in READ and not name.startswith("."):
                    with archive.open(member) as stream:
                        yield name, member.compress_size, stream
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputError(f"{path} is damaged or locked ({error}); unpack it and give the files in it") from None


def _copy(path: Path, stream: IO[bytes], target: Path, size: int) -> None:
    written = 0
    try:
        with target.open("wb") as file:
            while block := stream.read(1 << 18):
                written += len(block)
                if written > LARGEST or (written > UNPACKED_FREELY and written > MOST_UNPACKED * size):
                    raise InputError(f"{path} unpacks to far more than it should; unpack it yourself if it is yours")
                file.write(block)
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is damaged ({error}); fetch it again") from None
