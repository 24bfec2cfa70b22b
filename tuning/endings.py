"""How a run ends when it cannot go on: what ran out, which state is kept, and how to go on from there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tamiz.errors import OutOfRoom
from tuning.checkpoints import no_room
from tuning.memory import is_out_of_memory
from tuning.parallel import PeerLost

__all__ = ["in_clear_words", "kept_words"]


@contextmanager
def in_clear_words(run: Path, kept: Callable[[], str]) -> Iterator[None]:
    """Errors for want of disk, memory or another process, said with what is kept."""
    try:
        yield
    except PeerLost as error:
        raise PeerLost(f"{error}. {kept()}") from error
    except OSError as error:
        if not no_room(error):
            raise
        free = shutil.disk_usage(run).free / 1e6
        raise OutOfRoom(
            f"{error.filename or run}: {error.strerror} ({free:,.0f} MB are free on that disk). "
            f"Make room first. {kept()}"
        ) from error
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        first = str(error).strip().split("\n")[0] or type(error).__name__
        raise OutOfRoom(
            f"memory ran out ({first[:200]}). Close other programs, or lower [tuning] tokens_at_once or max_tokens. "
            f"{kept()}"
        ) from error


def kept_words(run: Path, step: int) -> str:
    """What is on the disk of this run, and the command that goes on from it."""
    if any(run.glob("checkpoint-*")):
        return f"The state of step {step} is kept; go on with: tamiz tune {run.name} --resume"
    return f"No state was kept yet; begin again with: tamiz tune {run.name}"
