"""How a run says that it lives, and how others find out that it does not.

A run renews its lease in the store while it works, and holds a lock on a file of its own. Who finds a lock of this
very project folder that nobody holds knows at once that the run is dead; from another machine it is known when the
lease has ended.
"""

from __future__ import annotations

import fcntl
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tamiz.errors import StoreError
from tamiz.jobworker import is_locked
from tamiz.project import Project
from tamiz.store import Store
from tamiz.synthruns import Run, end_run, living_runs, renew_run

__all__ = ["LEASE_SECONDS", "Living", "lives"]

LEASE_SECONDS = 60.0


class Living:
    """The runs of a project, as seen from this machine."""

    def __init__(self, project: Project) -> None:
        self.folder = project.folder / "work" / "synth"
        self.host = f"{platform.node()}:{project.folder}"

    def is_dead(self, run: Run) -> bool:
        """Whether a run of this folder has died: its lock is there, and nobody holds it."""
        lock = self._lock(run.run)
        return run.host == self.host and lock.exists() and not is_locked(lock)

    def end_dead(self, store: Store) -> int:
        """Say of every run that has died here that it has ended; how many."""
        dead = [run for run in living_runs(store) if self.is_dead(run)]
        for run in dead:
            end_run(store, run.run, "killed")
            self._lock(run.run).unlink(missing_ok=True)
        return len(dead)

    def _lock(self, run: str) -> Path:
        return self.folder / f"{run}.lock"

    @contextmanager
    def hold(self, run: str) -> Iterator[None]:
        """Hold the run's lock while the block runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._lock(run)
        file = os.open(path.with_suffix(".new"), os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(file, fcntl.LOCK_EX)
        path.with_suffix(".new").rename(path)  # never there without being held
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(file)


@contextmanager
def lives(store: Store, run: str, lease_seconds: float = LEASE_SECONDS) -> Iterator[None]:
    """Renew the run's lease from time to time while the block runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(lease_seconds / 4):
            try:
                renew_run(store, run, lease_seconds=lease_seconds)
            except StoreError:  # the database is away: the lease ends if it stays so, and the run tells of it itself
                continue

    thread = threading.Thread(target=beat, name="synth-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
