"""Files that are whole or not there: write aside, fsync, rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tamiz.errors import InputError

__all__ = ["ASIDE", "FULL", "aside", "file_sha256", "naming", "sweep_aside", "write_whole"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no room: of the disk, of a person, of a file

ASIDE = ".writing-"  # the prefix of what is not finished; sweep_aside removes what an ended process left


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """A path beside `target` to write a file or folder to; it takes target's name only when all went well.

    The target must not exist as a folder. Everything written is synced before the rename.
    """
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise InputError(f"{target} is a device or a pipe and would be replaced; give the name of a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f"{ASIDE}{os.getpid()}-{target.name}"
    _remove(temporary)
    try:
        with naming(target):
            yield temporary
            for path in [temporary, *temporary.rglob("*")] if temporary.is_dir() else [temporary]:
                _sync(path)
        temporary.replace(target)
        _sync(target.parent)
    finally:
        _remove(temporary)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of writing names this file where it names none, as that of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in (*FULL, errno.EIO):
            error.filename = str(path)
        raise


def write_whole(target: Path, content: str | bytes) -> None:
    """Replace `target` by the content (text as UTF-8); a reader sees the old file or the new one."""
    with aside(target) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def sweep_aside(folder: Path) -> int:
    """Remove what killed processes left half-written in `folder`; how many were removed."""
    swept = 0
    for path in folder.glob(f"{ASIDE}*"):
        pid = path.name.removeprefix(ASIDE).split("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            _remove(path)
            swept += 1
    return swept


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
