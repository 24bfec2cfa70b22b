"""The process that a job is: it holds the job's locks, runs the command, and says how it ended.

Run by tamiz.jobs: python -m tamiz.jobworker PROJECT NAME ABOUT, where ABOUT is JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.files import sweep_aside, write_whole

__all__ = ["BUSY", "SAID", "TAKEN", "WRITES", "alone", "holder", "is_locked", "read_json"]

TAKEN = 75  # exit code of a process that found its job running (sysexits.h: EX_TEMPFAIL)
BUSY = 76  # exit code of a process that found another job writing what it would write
HOLDS = "TAMIZ_JOB_WRITES"  # what the job that this process is, or belongs to, writes
SAID = "said.txt"  # all that the command printed, but for a result that is kept
LOOKS, LOOK_SECONDS = 10, 0.02  # who looks at a lock holds it for a moment
NICER = 5  # a job leaves the processor to the people at the screens

# What a command writes that no other may write meanwhile. Crawls and imports add rows and need no such thing.
WRITES = {"curate": "findings", "extract": "pages", "export": "exports", "tune": "adapters", "synth": "synthesis"}


def holder(jobs: Path, arguments: Sequence[str]) -> str:
    """The name of the job that writes what this command would write; "" for none."""
    thing = WRITES.get(arguments[0]) if arguments else None
    place = jobs / f".writes-{thing}"
    if thing is None or not is_locked(place):
        return ""
    return place.read_text(encoding="utf-8")


def is_locked(place: Path) -> bool:
    """Whether a process that lives holds this lock. Those who look share it, so none takes another for the holder."""
    try:
        file = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def read_json(path: Path) -> dict[str, Any]:
    """What a small file says; nothing where it is not there."""
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values


def _lock(place: Path) -> int | None:
    """An open, locked file, or None when another process holds it, not only looks whether it is held."""
    file = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
    for _ in range(LOOKS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_SECONDS)
        else:
            return file
    os.close(file)
    return None


def _run(folder: Path, name: str, about: dict[str, Any]) -> int:
    """Be the job; its exit code."""
    home, arguments = folder / "jobs" / name, about["arguments"]
    lock = _lock(home / "lock")
    if lock is None:
        return TAKEN
    if _claim(folder / "jobs", name, arguments) is None:
        return BUSY
    os.environ[HOLDS] = WRITES.get(arguments[0], "") if arguments else ""
    sweep_aside(home)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background processes ignore it
    os.nice(NICER)
    keep_result = about["keep_result"]
    _print_to(home, keep_result=keep_result)
    (home / "progress.json").unlink(missing_ok=True)
    os.environ["TAMIZ_PROGRESS_FILE"] = str(home / "progress.json")
    about = {
        "pid": os.getpid(),
        "by": about["by"],
        "arguments": arguments,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_whole(home / "job.json", json.dumps(about))
    code = 1  # of a fault that is not ours: its traceback goes where the output goes
    try:
        code = _command(folder, [*arguments, "--json"] if keep_result else arguments)
    finally:
        ended = {"code": code, "ended_at": datetime.now(UTC).isoformat(timespec="seconds")}
        sys.stdout.flush()
        write_whole(home / "job.json", json.dumps(about | ended))
    return code


@contextmanager
def alone(jobs: Path, command: str) -> Iterator[None]:
    """Hold what this command writes while the block runs, for a command in a terminal.

    A job holds it already. InputError while a job or another terminal has it.
    """
    if os.environ.get(HOLDS) == WRITES[command]:
        yield
        return
    jobs.mkdir(exist_ok=True)
    file = _claim(jobs, f"a terminal (process {os.getpid()})", [command])
    if file is None:
        other = holder(jobs, [command]) or "another job"
        raise InputError(f"tamiz {command} writes what {other} is writing; stop that, or wait until it has ended")
    try:
        yield
    finally:
        os.close(file)


def _claim(jobs: Path, name: str, arguments: Sequence[str]) -> int | None:
    """Hold what the command writes until this process ends or closes the file; None when another job holds it."""
    thing = WRITES.get(arguments[0]) if arguments else None
    if thing is None:
        return os.open(os.devnull, os.O_RDONLY)
    file = _lock(jobs / f".writes-{thing}")
    if file is not None:
        os.ftruncate(file, 0)
        os.write(file, name.encode())
    return file


def _print_to(home: Path, *, keep_result: bool) -> None:
    """Send what is printed to files; a kept result apart from the rest."""
    (home / "result.json").unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    said = os.open(home / SAID, flags, 0o644)
    os.dup2(os.open(home / "result.json", flags, 0o644) if keep_result else said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())


def _command(folder: Path, arguments: Sequence[str]) -> int:
    from tamiz.cli import main

    sys.argv = ["tamiz", "--project", str(folder), *arguments]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
