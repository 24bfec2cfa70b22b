"""More processes for one run on this machine, and what the environment says of the team that a process is in.

torchrun and `accelerate launch` set the same variables for processes on several machines. Nothing heavy is imported
here: the variables have to stand before torch is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tamiz.errors import EngineError
from tamiz.settings import TuningSettings

__all__ = ["is_first_process", "shared_by", "team_size"]

LOOPBACK = "127.0.0.1"
ENDING = 30.0  # seconds that the others have to end once the first process has
SETTLING = 2.0  # seconds that one whose connection is lost has until its end is seen


def team_size() -> int:
    """How many processes this one was started with; 1 where nothing says so."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1


def is_first_process() -> bool:
    """Whether this process is the one that writes."""
    return team_size() == 1 or os.environ.get("RANK") == "0"


@contextmanager
def shared_by(processes: int, export: Path, settings: TuningSettings, **places: Any) -> Iterator[None]:
    """Start processes - 1 others that run the same `tune`, and make this process the first of them.

    What they say goes to runs/NAME/process-N.log. They are ended with the block; EngineError says which of them ended
    first where that ended the run.
    """
    if processes == 1:
        yield
        return
    team = _environment(processes)
    call = {"export": str(export), "settings": asdict(settings)}
    call |= {name: str(value) if isinstance(value, Path) else value for name, value in places.items()}
    logs = Path(places["runs"]) / places["name"]
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(_restore, {name: os.environ.get(name) for name in team})
        others = [_start(rank, team, call, logs, stack) for rank in range(1, processes)]
        stack.callback(_end, others)
        os.environ.update(team)
        try:
            yield
        except EngineError as error:
            told = ", ".join(
                f"process {rank} ended with {code}, see {_log(logs, rank)}" for rank, code in _codes(others).items()
            )
            raise EngineError(f"{error} ({told})" if told else str(error)) from error
        for other in others:
            other.wait(ENDING)


def _codes(others: list[subprocess.Popen[str]]) -> dict[int, int]:
    """The exit codes of those that have ended, by rank; a lost connection may be seen a moment before the end is."""
    until = time.monotonic() + SETTLING
    while True:
        codes = {rank: code for rank, one in enumerate(others, 1) if (code := one.poll()) is not None}
        if codes or time.monotonic() > until:
            return codes
        time.sleep(0.05)


def _environment(processes: int) -> dict[str, str]:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    return {
        "RANK": "0",
        "LOCAL_RANK": "0",
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": LOOPBACK,
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", threads),
        **({"GLOO_SOCKET_IFNAME": "lo"} if sys.platform.startswith("linux") else {}),
    }


def _start(
    rank: int, team: dict[str, str], call: dict[str, Any], logs: Path, stack: ExitStack
) -> subprocess.Popen[str]:
    place = {**os.environ, **team, "RANK": str(rank), "LOCAL_RANK": str(rank)}
    place.pop("TAMIZ_PROGRESS_FILE", None)
    log = stack.enter_context(_log(logs, rank).open("w", encoding="utf-8"))
    command = [sys.executable, "-P", "-m", "tuning.launch"]
    other = subprocess.Popen(command, env=place, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True)
    assert other.stdin is not None
    with other.stdin as words:
        words.write(json.dumps(call))
    return other


def _log(logs: Path, rank: int) -> Path:
    return logs / f"process-{rank}.log"


def _end(others: list[subprocess.Popen[str]]) -> None:
    for other in others:
        if other.poll() is None:
            other.terminate()
    for other in others:
        try:
            other.wait(ENDING)
        except subprocess.TimeoutExpired:
            other.kill()
            other.wait()


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _help() -> None:
    """One of the others: the same run, told on standard input."""
    from tamiz.errors import TamizError
    from tuning.train import settings_from, tune

    call = json.loads(sys.stdin.read())
    places: dict[str, Any] = {name: Path(call.pop(name)) for name in ("runs", "adapters")}
    export, settings = Path(call.pop("export")), settings_from(call.pop("settings"))
    try:
        tune(export, settings, **places, **call)
    except TamizError as error:
        sys.exit(f"tamiz: {error}")


if __name__ == "__main__":
    _help()
