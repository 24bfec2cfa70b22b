"""TensorBoard's event files, written as steps happen.

tensorboard itself brings a web server and gRPC, and tensorboardX hands events to a thread through a queue of ten,
which blocks training for good when the disk is full. The part of the format that scalars need has not changed in ten
years: records with two checksums, each an Event message (tensorflow/core/util/event.proto).
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

__all__ = ["EventFile"]

CASTAGNOLI = 0x82F63B78  # the polynomial of CRC-32C, its bits in reverse


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (CASTAGNOLI if value & 1 else 0)
        table.append(value)
    return tuple(table)


TABLE = _table()


class EventFile:
    """An open event file in a folder; each call adds some scalars of one step, and is on the disk when it returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        host = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in socket.gethostname())
        name = f"events.out.tfevents.{time.time():017.6f}.{host}.{os.getpid()}"
        self._file: BinaryIO = (folder / name).open("ab", buffering=0)
        self._write(_text(3, b"brain.Event:2"))

    def begin_at(self, step: int) -> None:
        """From here on steps are counted from `step`: what older files of the folder say of later ones is dropped."""
        self._write(_number(2, step) + _text(7, _number(1, 1)))  # SessionLog, START

    def add(self, step: int, values: Mapping[str, float]) -> None:
        scalars = b"".join(
            _text(1, _text(1, tag.encode()) + b"\x15" + struct.pack("<f", value)) for tag, value in values.items()
        )
        self._write(_number(2, step) + _text(5, scalars))

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _write(self, fields: bytes) -> None:
        event = b"\x09" + struct.pack("<d", time.time()) + fields
        length = struct.pack("<Q", len(event))
        self._file.write(length + _checksum(length) + event + _checksum(event))


def _checksum(data: bytes) -> bytes:
    """CRC-32C, turned and shifted as TFRecord wants it, so that a checksum of checksums is no special case."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _number(field: int, value: int) -> bytes:
    """A field of protobuf that holds a whole number of 0 or more."""
    return bytes([field << 3]) + _varint(value)


def _text(field: int, value: bytes) -> bytes:
    """A field of protobuf that holds bytes, a text or a message."""
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
