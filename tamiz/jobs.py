"""Commands that run in the background of a project: started, watched and stopped from any process.

A job is a tamiz command in a process of its own. It holds a lock on jobs/NAME/lock as long as it lives, so that
what is running never has to be guessed from process numbers, and writes beside it what it does and how it ended.
Jobs that write the same thing hold that thing's lock as well (see WRITES): only one of them runs at a time.
"""

from __future__ import annotations

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
from typing import TYPE_CHECKING, Any

from tamiz.errors import InputError
from tamiz.files import write_whole
from tamiz.jobworker import BUSY, SAID, TAKEN, holder, is_locked, read_json
from tamiz.settings import read_settings

if TYPE_CHECKING:
    from tamiz.people import Act
    from tamiz.project import Project
    from tamiz.store import Store

__all__ = ["JobState", "act_of", "job", "job_result", "jobs", "running_jobs", "start", "stop"]

START_SECONDS = 10.0  # a Python that takes longer to start is stuck
TAIL_BYTES = 8000  # of what the command printed


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job stands. `code` is its exit code, None while it runs or when it was killed.

    `done` of `total` and `note` are its last progress, `counted_from` when that began; `said` is the end of what it
    printed. `stopping` is when it was asked to stop, "" if it was not; `stopped_by` asked.
    """

    name: str
    arguments: tuple[str, ...]
    by: str
    started_at: str
    ended_at: str
    running: bool
    stopping: str
    stopped_by: str
    code: int | None
    title: str
    done: int
    total: int | None
    counted_from: float
    note: str
    said: str

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where that is not known."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total else None

    def seconds(self, now: datetime) -> float:
        """How long it has run, or ran; until `now` where it does not know when it ended."""
        end = datetime.fromisoformat(self.ended_at) if self.ended_at else now
        return max(0.0, (end - datetime.fromisoformat(self.started_at)).total_seconds())

    def seconds_left(self, now: datetime) -> float | None:
        """How long the rest takes at the pace so far; None where there is too little to tell from."""
        so_far = now.timestamp() - self.counted_from
        if not (self.running and self.total and self.done and self.counted_from) or so_far < 1:
            return None
        return max(0.0, so_far * (self.total - self.done) / self.done)


def act_of(project: Project, arguments: Sequence[str]) -> Act:
    """What somebody must be allowed to start this command: to decide, or to manage.

    Reviewers may run the checks and fetch the sources that tamiz.toml names now. What brings other data in (another
    address, a file of this machine), writes a dataset or trains a model is for those who manage.
    """
    command, *rest = arguments or ("",)
    if command not in ("curate", "crawl"):
        return "manage"
    named = {source.name for source in read_settings(project.folder).sources} if command == "crawl" else set()
    return "decide" if named.issuperset(rest) else "manage"


def start(
    project: Project, name: str, arguments: Sequence[str], *, store: Store, by: str, keep_result: bool = False
) -> None:
    """Run `tamiz ARGUMENTS` for this project in the background, as asked for by `by` ("person:NAME").

    With `keep_result` the command is asked for JSON, which job_result gives once it has ended. InputError when this
    job is running already, or another that writes the same; NotPermitted when `by` may not start it.
    """
    from tamiz.people import permit

    permit(store, by, act_of(project, arguments))
    folder = _folder(project, name)
    folder.mkdir(parents=True, exist_ok=True)
    about = json.dumps({"by": by, "arguments": list(arguments), "keep_result": keep_result})
    command = [sys.executable, "-P", "-m", "tamiz.jobworker", str(project.folder), name, about]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    threading.Thread(target=child.wait, daemon=True).start()  # or it would stay a zombie of a long-lived window
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        code = child.returncode
        if code == TAKEN:
            raise InputError(f"{name} is running already; stop it first, or wait until it has ended")
        if code == BUSY:
            other = holder(project.jobs, arguments) or "another job"
            raise InputError(f"{name} writes what {other} is writing; stop {other} first, or wait until it has ended")
        if read_json(folder / "job.json").get("pid") == child.pid:
            return
        if code is not None:
            break
        time.sleep(0.02)
    raise InputError(f"{name} could not be started in {folder}; check that the folder can be written to")


def stop(project: Project, name: str, *, store: Store, by: str, force: bool = False) -> bool:
    """Ask a running job to stop, as Ctrl-C does; whether it was running. What it has done is kept.

    With `force` it is ended at once with all that it started. Everybody may stop what they started themselves;
    NotPermitted for what others started, unless `by` may manage.
    """
    from tamiz.people import permit

    folder = _folder(project, name)
    about = read_json(folder / "job.json")
    permit(store, by, "decide" if about.get("by") == by else "manage")
    if not is_locked(folder / "lock") or "code" in about:
        return False
    at = datetime.now(UTC).isoformat(timespec="seconds")
    write_whole(folder / "stop.json", json.dumps({"pid": about["pid"], "by": by, "at": at}))
    with suppress(ProcessLookupError):
        if force:
            os.killpg(about["pid"], signal.SIGKILL)  # it leads a group of its own, see start
        else:
            os.kill(about["pid"], signal.SIGINT)
    return True


def job(project: Project, name: str) -> JobState | None:
    """How the job of this name stands; None if it never ran."""
    folder = _folder(project, name)
    running = is_locked(folder / "lock")
    about = read_json(folder / "job.json")
    if not about:
        return None
    progress, asked = read_json(folder / "progress.json"), read_json(folder / "stop.json")
    if asked.get("pid") != about["pid"]:
        asked = {}
    return JobState(
        name=name,
        arguments=tuple(about["arguments"]),
        by=about.get("by", ""),
        started_at=about["started_at"],
        ended_at=about.get("ended_at", ""),
        running=running,
        stopping=asked.get("at", ""),
        stopped_by=asked.get("by", ""),
        code=None if running else about.get("code"),
        title=progress.get("title", ""),
        done=progress.get("done", 0),
        total=progress.get("total"),
        counted_from=progress.get("began", 0.0),
        note=progress.get("note", ""),
        said=_tail(folder / SAID),
    )


def job_result(project: Project, name: str) -> Any:
    """The JSON that a job started with `keep_result` ended with; None where there is none."""
    try:
        return json.loads((_folder(project, name) / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def jobs(project: Project) -> list[JobState]:
    """All jobs of the project that ever ran, by name."""
    names = sorted(path.parent.name for path in project.jobs.glob("*/job.json"))
    return [state for name in names if (state := job(project, name)) is not None]


def running_jobs(project: Project) -> list[JobState]:
    """The jobs that run now, by name; quick however many have run before."""
    names = sorted(path.parent.name for path in project.jobs.glob("*/lock") if is_locked(path))
    return [state for name in names if (state := job(project, name)) is not None]


def _folder(project: Project, name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise InputError(f"{name!r} is no name for a job; give letters, digits, -, _ and .")
    return project.jobs / name


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
