"""Commands that run in the background of a project: started, watched and stopped from any process.

A job is a tamiz command in a process of its own. It holds a lock on jobs/NAME/lock as long as it lives, so that
what is running never has to be guessed from process numbers, and writes beside it what it does and how it ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.files import sweep_aside, write_whole
from tamiz.project import Project

__all__ = ["JobState", "job", "jobs", "start", "stop"]

START_SECONDS = 10.0  # a Python that takes longer to start is stuck
TAIL_BYTES = 8000  # of what the command printed
TAKEN = 75  # exit code of a process that found its job running (sysexits.h: EX_TEMPFAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job stands. `code` is its exit code, None while it runs or when it was killed.

    `done` of `total` and `note` are its last progress; `said` is the end of what it printed.
    """

    name: str
    arguments: tuple[str, ...]
    started_at: str
    running: bool
    code: int | None
    title: str
    done: int
    total: int | None
    note: str
    said: str


def start(project: Project, name: str, arguments: Sequence[str]) -> None:
    """Run `tamiz ARGUMENTS` for this project in the background. InputError when this job is running already."""
    folder = _folder(project, name)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "tamiz.jobs", str(project.folder), name, *arguments]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    threading.Thread(target=child.wait, daemon=True).start()  # or it would stay a zombie of a long-lived window
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        code = child.returncode
        if code == TAKEN:
            raise InputError(f"{name} is running already; stop it first, or wait until it has ended")
        found = _read(folder / "job.json")
        if found.get("pid") == child.pid:
            return
        if code is not None:
            break
        time.sleep(0.02)
    raise InputError(f"{name} could not be started in {folder}; check that the folder can be written to")


def stop(project: Project, name: str) -> bool:
    """Ask a running job to stop, as Ctrl-C does; whether it was running. What it has done is kept."""
    folder = _folder(project, name)
    if not _locked(folder):
        return False
    with suppress(ProcessLookupError):
        os.kill(_read(folder / "job.json")["pid"], signal.SIGINT)
    return True


def job(project: Project, name: str) -> JobState | None:
    """How the job of this name stands; None if it never ran."""
    folder = _folder(project, name)
    running = _locked(folder)
    about = _read(folder / "job.json")
    if not about:
        return None
    progress = _read(folder / "progress.json")
    return JobState(
        name=name,
        arguments=tuple(about["arguments"]),
        started_at=about["started_at"],
        running=running,
        code=None if running else about.get("code"),
        title=progress.get("title", ""),
        done=progress.get("done", 0),
        total=progress.get("total"),
        note=progress.get("note", ""),
        said=_tail(folder / "said.txt"),
    )


def jobs(project: Project) -> list[JobState]:
    """All jobs of the project that ever ran, by name."""
    names = sorted(path.parent.name for path in project.jobs.glob("*/job.json"))
    return [state for name in names if (state := job(project, name)) is not None]


def _folder(project: Project, name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise InputError(f"{name!r} is no name for a job; give letters, digits, -, _ and .")
    return project.jobs / name


def _lock(folder: Path) -> int | None:
    """An open, locked file, or None when another process holds it."""
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _locked(folder: Path) -> bool:
    if not (folder / "lock").exists():
        return False
    file = _lock(folder)
    if file is not None:
        os.close(file)
    return file is None


def _read(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _run(folder: Path, name: str, arguments: Sequence[str]) -> int:
    """Be the job: hold its lock, say what it is, run the command, say how it ended."""
    lock = _lock(folder / "jobs" / name)
    if lock is None:
        return TAKEN
    home = folder / "jobs" / name
    sweep_aside(home)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background processes ignore it
    said = os.open(home / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    (home / "progress.json").unlink(missing_ok=True)
    os.environ["TAMIZ_PROGRESS_FILE"] = str(home / "progress.json")
    about = {
        "pid": os.getpid(),
        "arguments": list(arguments),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_whole(home / "job.json", json.dumps(about))
    code = 1  # of a fault that is not ours: its traceback goes where the output goes
    try:
        code = _command(folder, arguments)
    finally:
        write_whole(home / "job.json", json.dumps(about | {"code": code}))
    return code


def _command(folder: Path, arguments: Sequence[str]) -> int:
    from tamiz.cli import main

    sys.argv = ["tamiz", "--project", str(folder), *arguments]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
