"""Named arrays in one flat file: written whole or not at all, read without a copy, never code.

    b"tamiz arrays 1\\n", the header's length (8 bytes), the header (JSON), the arrays at multiples of 64 bytes

The same arrays give the same bytes, so that the file's hash is the hash of the result. Only numbers and truth
values are taken: no file of this kind can carry objects.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from tamiz.errors import InputError

__all__ = ["PART", "Arrays", "flattened", "read_arrays", "restored", "write_arrays"]

Arrays = Mapping[str, NDArray[Any]]
Record = TypeVar("Record")

MAGIC = b"tamiz arrays 1\n"
LENGTH = 8  # bytes of the header's length
ALIGNED = 64  # bytes; a cache line, and more than any number's size
PART = ".part"  # ends the name of a file that is not finished; names are unlike on all machines that write


def flattened(record: Any, within: str = "") -> dict[str, NDArray[Any]]:
    """The arrays of a dataclass and of the dataclasses in it, by their dotted names; what is None is left out."""
    arrays: dict[str, NDArray[Any]] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if value is not None:
            inner = flattened(value, f"{within}{one.name}.") if is_dataclass(value) else {f"{within}{one.name}": value}
            arrays |= inner
    return arrays


def restored(cls: type[Record], arrays: Arrays, within: str = "") -> Record:
    """The dataclass whose arrays these are."""
    values: dict[str, Any] = {}
    hints = get_type_hints(cls)
    for one in fields(cls):  # type: ignore[arg-type]
        name, hint = f"{within}{one.name}", hints[one.name]
        if is_dataclass(hint) and isinstance(hint, type):
            values[one.name] = restored(hint, arrays, f"{name}.")
        elif name in arrays or one.default is not None:
            values[one.name] = arrays[name]
    return cls(**values)


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write the arrays under `path`: beside it first, synced, then renamed; the last of several writers wins."""
    contiguous = {name: _plain(path, name, array) for name, array in sorted(arrays.items())}
    header = _header(contiguous)
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with beside.open("xb") as file:
            file.write(MAGIC + len(header).to_bytes(LENGTH, "little") + header)
            for array in contiguous.values():
                file.write(bytes(-file.tell() % ALIGNED))
                file.write(array.reshape(-1).view(np.uint8).data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file, mapped into memory; InputError if it is not whole. Writing to them leaves it as it is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(MAGIC) + LENGTH)
        length = int.from_bytes(start[len(MAGIC) :], "little")
        if not start.startswith(MAGIC) or length > size:
            raise InputError(f"{path} is no file of arrays; delete it and run again")
        header = json.loads(file.read(length))
        first = file.tell()
    if size != first + header["bytes"]:
        raise InputError(f"{path} has {size} bytes instead of {first + header['bytes']}; delete it and run again")
    # a private copy of what is written to, not "r": compiled kernels would be compiled anew for read-only arrays
    whole = np.memmap(path, dtype=np.uint8, mode="c").view(np.ndarray)
    arrays = {}
    for name, kind, shape, offset in header["arrays"]:
        dtype = np.dtype(kind)
        begin, count = first + offset, int(np.prod(shape, dtype=np.int64))
        arrays[name] = whole[begin : begin + count * dtype.itemsize].view(dtype).reshape(shape)
    return arrays


def _plain(path: Path, name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "biuf":
        raise InputError(f"{path.name}: {name} is an array of {array.dtype}; give numbers or truth values")
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))


def _header(arrays: Arrays) -> bytes:
    """The header, padded so that the arrays start aligned; offsets are from its end."""
    at, places = 0, []
    for name, array in arrays.items():
        at += -at % ALIGNED
        places.append([name, array.dtype.str, list(array.shape), at])
        at += array.nbytes
    header = json.dumps({"bytes": at, "arrays": places}).encode()
    return header + b" " * (-(len(MAGIC) + LENGTH + len(header)) % ALIGNED)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
