"""The files of an index: columns that grow at their end, files that are replaced, and a header that says what holds.

The header is the commit. It names every file with the bytes that count and their checksum, and is renamed into place
when all of them are on disk: a process that is killed before leaves the old state, one that is killed after the new.
What a killed one wrote beyond the header is swept when the index is opened for writing the next time.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from tamiz.errors import InputError, StoreError
from tamiz.files import sweep_aside, write_whole

__all__ = ["HEADER", "Extent", "Files"]

HEADER = "index.json"
LOCK = "lock"
OURS = re.compile(r"[a-z_]+\.[0-9]+")
BLOCK = 4 << 20
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Extent:
    """What counts of a file: its first `size` bytes, and the CRC-32 of these."""

    file: str
    size: int
    checksum: int


@dataclass(slots=True)
class Files:
    """A folder of columns, by name. What is appended or replaced counts after `commit`, or never after `undo`.

    `about` is what the owner keeps in the header; `commit` sets it.
    """

    folder: Path
    about: dict[str, Any]
    extents: dict[str, Extent]
    number: int
    lock: IO[bytes] | None = None
    pending: dict[str, Extent] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, *, writable: bool, check: bool = True) -> Files:
        """The files as the last commit left them; none yet in a new folder.

        StoreError where another process writes to the folder; InputError, naming the file, where one is damaged.
        With check=False only the sizes of the files are looked at, not their contents.
        """
        if writable:
            folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder) if writable else None
        try:
            for _ in range(20):  # a writer may replace files between our looks at the header and at them
                about, extents, number = _header(folder)
                files = cls(folder=folder, about=about, extents=extents, number=number, lock=lock)
                missing = [extent.file for extent in extents.values() if not (folder / extent.file).exists()]
                if writable or not missing:
                    break
            if writable:
                files._sweep()
            files._verify(check)
        except BaseException:
            if lock is not None:
                lock.close()
            raise
        return files

    def close(self) -> None:
        """Let another process write."""
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def array(self, name: str, dtype: npt.DTypeLike, width: int = 0) -> Array:
        """A column, memory-mapped: (n,) or (n, width), of nothing where it was never written.

        Writing into it changes this process's copy only; kernels are compiled for arrays that may be written to.
        """
        kind = np.dtype(dtype)
        extent = self.pending.get(name) or self.extents.get(name)
        shape = (-1, width) if width else (-1,)
        if extent is None or extent.size == 0:
            return np.zeros(0, kind).reshape((0, width) if width else (0,))
        mapped = np.memmap(self.folder / extent.file, np.uint8, mode="c", shape=(extent.size,))
        return mapped.view(np.ndarray).view(kind).reshape(shape)

    def append(self, name: str, values: Array) -> None:
        """Write these at the end of a column."""
        self._writable()
        before = self.pending.get(name) or self.extents.get(name)
        if before is None:
            self.replace(name, [values])
            return
        with (self.folder / before.file).open("r+b") as file:
            file.truncate(before.size)
            file.seek(before.size)
            self.pending[name] = _written(file, before, [values])

    def replace(self, name: str, parts: Iterable[Array]) -> None:
        """A new file with these parts in the place of the one of this name."""
        self._writable()
        fresh = Extent(f"{name}.{self.number + 1}", 0, 0)
        with (self.folder / fresh.file).open("wb") as file:
            self.pending[name] = _written(file, fresh, parts)

    def commit(self, about: Mapping[str, Any], drop: Iterable[str] = ()) -> None:
        """Let what was written count from now on, and take away what it replaces."""
        self._writable()
        extents = {name: extent for name, extent in (self.extents | self.pending).items() if name not in set(drop)}
        _synced(self.folder, extents, self.pending)
        body = {
            "about": dict(about),
            "number": self.number + 1,
            "files": {name: [e.file, e.size, e.checksum] for name, e in sorted(extents.items())},
        }
        write_whole(self.folder / HEADER, json.dumps({**body, "checksum": _sum_of(body)}, indent=1))
        self.about, self.extents, self.number = dict(about), extents, self.number + 1
        self.pending = {}
        self._sweep()

    def undo(self) -> None:
        """Forget what was written since the last commit."""
        self.pending = {}
        if self.lock is not None:
            self._sweep()

    def _writable(self) -> None:
        if self.lock is None:
            raise StoreError(f"{self.folder} is not open for writing; open it without read_only")

    def _sweep(self) -> None:
        """Remove what no commit knows of: files, and what was appended to a column."""
        sweep_aside(self.folder)
        known = {extent.file: extent.size for extent in self.extents.values()}
        for path in self.folder.iterdir():
            if not OURS.fullmatch(path.name):
                continue
            if path.name not in known:
                path.unlink()
            elif path.stat().st_size > known[path.name]:
                os.truncate(path, known[path.name])

    def _verify(self, contents: bool) -> None:
        for extent in self.extents.values():
            path = self.folder / extent.file
            size = path.stat().st_size if path.exists() else 0
            if size < extent.size:
                raise _damaged(path, f"has {size} of its {extent.size} bytes")
        if contents:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(self._verify_contents, self.extents.values()))

    def _verify_contents(self, extent: Extent) -> None:
        left, checksum = extent.size, 0
        with (self.folder / extent.file).open("rb") as file:
            while left:
                block = file.read(min(left, BLOCK))
                left -= len(block)
                checksum = zlib.crc32(block, checksum)
        if checksum != extent.checksum:
            raise _damaged(self.folder / extent.file, "has other contents than were written")


def _damaged(path: Path, how: str) -> InputError:
    return InputError(f"{path} is damaged: it {how}. Delete {path.parent} and add all pairs again")


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StoreError(f"another process writes to {folder}. Wait for it, or open the index read_only") from None
    return lock


def _header(folder: Path) -> tuple[dict[str, Any], dict[str, Extent], int]:
    path = folder / HEADER
    if not path.exists():
        return {}, {}, 0
    try:
        body = json.loads(path.read_bytes())
        checksum = body.pop("checksum")
        right = checksum == _sum_of(body)
    except (ValueError, KeyError, AttributeError, TypeError):
        right = False
    if not right:
        raise _damaged(path, "is no header that was written as a whole")
    extents = {name: Extent(*values) for name, values in body["files"].items()}
    return body["about"], extents, body["number"]


def _sum_of(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())


def _written(file: IO[bytes], extent: Extent, parts: Iterable[Array]) -> Extent:
    size, checksum = extent.size, extent.checksum
    for part in parts:
        if part.size:
            raw = np.ascontiguousarray(part).reshape(-1).view(np.uint8).data
            file.write(raw)
            size, checksum = size + len(raw), zlib.crc32(raw, checksum)
    return Extent(extent.file, size, checksum)


def _synced(folder: Path, extents: Mapping[str, Extent], pending: Mapping[str, Extent]) -> None:
    paths = [folder / extents[name].file for name in pending if name in extents]
    with ThreadPoolExecutor(8) as pool:  # the disk takes them together
        list(pool.map(_sync, [*paths, folder]))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
