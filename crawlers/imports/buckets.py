"""Brings together records that lie far apart in files too large for memory, by way of files on the disk.

The dumps of forums have a question in one place and its answers gigabytes later. Each record goes to
the bucket that its thread's key says; then one bucket at a time is read and its threads put together.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Buckets"]

BUCKETS = 64
BUFFER = 64 << 10  # bytes that wait in memory for each bucket
LARGEST_BUCKET = 24 << 20  # bytes of text put together in memory; in Python objects some four times as much
DEEPEST = 4  # a bucket that is too large is parted again; one thread alone cannot be
MOST_RECORDS = 5000  # of one thread; what comes later is passed over and counted


class Buckets:
    """Records by key: `add` them all, then read `groups`. The folder must be the caller's own."""

    def __init__(self, folder: Path, *, depth: int = 0) -> None:
        self._folder = folder
        self._depth = depth
        self._waiting: list[bytearray] = [bytearray() for _ in range(BUCKETS)]
        self._sizes = [0] * BUCKETS
        self.passed_over = 0

    @property
    def anything(self) -> bool:
        return any(self._sizes)

    def add(self, key: str, record: dict[str, Any]) -> None:
        """Keep a record of plain JSON values under its key."""
        self._add(key.encode(), json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))

    def _add(self, key: bytes, content: bytes) -> None:
        digest = hashlib.blake2b(key, digest_size=8).digest()
        number = digest[self._depth] % BUCKETS
        line = key + b"\t" + content + b"\n"
        waiting = self._waiting[number]
        waiting += line
        self._sizes[number] += len(line)
        if len(waiting) >= BUFFER:
            self._write(number)

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._depth}-{number}"

    def _write(self, number: int) -> None:
        packed = zlib.compress(self._waiting[number], level=1)
        with self._path(number).open("ab") as file:
            file.write(len(packed).to_bytes(4, "big") + packed)
        self._waiting[number].clear()

    def groups(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Each key with its records in the order they were added; a bucket's file is removed once it is read."""
        for number in range(BUCKETS):
            if not self._sizes[number]:
                continue
            if self._waiting[number]:
                self._write(number)
            if self._sizes[number] > LARGEST_BUCKET and self._depth < DEEPEST:
                yield from self._parted(number)
            else:
                yield from self._together(number)
            self._path(number).unlink(missing_ok=True)

    def _lines(self, number: int) -> Iterator[tuple[bytes, bytes]]:
        with self._path(number).open("rb") as file:
            while size := file.read(4):
                for line in zlib.decompress(file.read(int.from_bytes(size, "big"))).split(b"\n"):
                    key, mark, content = line.partition(b"\t")
                    if mark:
                        yield key, content

    def _parted(self, number: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        finer = Buckets(self._folder, depth=self._depth + 1)
        for key, content in self._lines(number):
            finer._add(key, content)
        self._path(number).unlink()
        yield from finer.groups()
        self.passed_over += finer.passed_over

    def _together(self, number: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        found: dict[bytes, list[bytes]] = {}
        for key, content in self._lines(number):
            group = found.setdefault(key, [])
            if len(group) < MOST_RECORDS:
                group.append(content)
            else:
                self.passed_over += 1
        for key in list(found):
            yield key.decode(), [json.loads(content) for content in found.pop(key)]
