"""One process at a time in a run's folder: two that train there would overwrite each other's checkpoints."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tamiz.errors import InputError
from tuning.launch import is_first_process

__all__ = ["alone_in"]


@contextmanager
def alone_in(run: Path) -> Iterator[None]:
    """Hold the run's folder while the block runs; InputError where another process trains in it.

    The kernel lets it go with the process, so a run that was killed holds nothing. Of a team the first one holds it.
    """
    run.mkdir(parents=True, exist_ok=True)
    if not is_first_process():
        yield
        return
    handle = os.open(run, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{run} is being trained by another process. Wait until it ends, or tune under another name: "
                f"tamiz tune {run.name}-2"
            ) from None
        yield
    finally:
        os.close(handle)
