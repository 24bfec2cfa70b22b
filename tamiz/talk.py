"""A model that answers in a process of its own (`tamiz chat --lines`), asked from a process that never loads one.

The child ends when this process does, however that ends: its input closes then.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tamiz.errors import InputError

__all__ = ["Reply", "Talk", "Talks"]

STOP_SECONDS = 5.0
IDLE_SECONDS = 600.0  # a model nobody talks to gives its memory back
MOST = 2  # models in memory at once
SAID_LINES = 30  # of what the child says on standard error


@dataclass(slots=True)
class Reply:
    """An answer on its way. `text` grows until `state` is no longer "open"; `error` says why there is none."""

    number: int
    text: str = ""
    state: Literal["open", "ended", "stopped", "failed"] = "open"
    error: str = ""
    seconds: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the answer was over within this time."""
        return self._over.wait(seconds)

    def end(self, state: Literal["ended", "stopped", "failed"], error: str = "") -> None:
        self.state, self.error = state, error
        self._over.set()


class Talk:
    """One running `tamiz chat ARGUMENTS --lines`. Its methods may be called from any thread."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        command = [sys.executable, "-P", "-m", "tamiz.cli", "--project", str(folder), "chat", *arguments, "--lines"]
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
        self._replies: dict[int, Reply] = {}
        self._numbers = itertools.count(1)
        self._said: deque[str] = deque(maxlen=SAID_LINES)
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self.facts: Mapping[str, Any] = {}
        self.error = ""
        self.used = time.monotonic()
        errors = threading.Thread(target=self._read_errors, daemon=True)
        errors.start()
        self._reader = threading.Thread(target=self._read, args=(errors,), daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        return not self.error and self._child.poll() is None

    @property
    def busy(self) -> bool:
        with self._lock:
            return bool(self._replies)

    @property
    def pid(self) -> int:
        return self._child.pid

    def ready(self, seconds: float | None = 0) -> bool:
        """Whether the model is loaded (`facts` tell what and how long it took) or has failed (`error`)."""
        return self._ready.wait(seconds)

    def ask(self, messages: Sequence[Mapping[str, str]]) -> Reply:
        """Ask with the turns so far, the question last; it waits its turn behind other people's."""
        reply = Reply(next(self._numbers))
        with self._lock:
            self._replies[reply.number] = reply
        self.used = time.monotonic()
        self._send({"id": reply.number, "messages": list(messages)})
        if self.error:  # it ended meanwhile
            self._forget(reply.number, "failed", self.error)
        return reply

    def stop(self, reply: Reply) -> None:
        """End an answer where it is; what has been said of it stays."""
        self._send({"stop": reply.number})

    def close(self) -> None:
        """End the process."""
        self._hang_up()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(STOP_SECONDS)

    def _hang_up(self) -> None:
        """Close the child's input, which ends it."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            assert self._child.stdin is not None
            self._child.stdin.close()

    def _send(self, request: Mapping[str, Any]) -> None:
        line = json.dumps(request, ensure_ascii=True).encode() + b"\n"
        with self._lock, contextlib.suppress(OSError, ValueError):  # it has ended: _read says so to every reply
            assert self._child.stdin is not None
            self._child.stdin.write(line)
            self._child.stdin.flush()

    def _read(self, errors: threading.Thread) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as lines:
            for line in lines:
                told = json.loads(line)
                if told.get("ready"):
                    self.facts = told
                    self._ready.set()
                elif "id" not in told:
                    self.error = str(told.get("error", ""))
                else:
                    self._take(told)
        code = self._child.wait()
        self._hang_up()
        errors.join(1.0)
        last = next((said for said in reversed(self._said) if said.strip()), "")
        self.error = self.error or f"the model's process has ended with code {code}. {last}".strip()
        self._ready.set()
        for number in list(self._replies):
            self._forget(number, "failed", self.error)

    def _take(self, told: Mapping[str, Any]) -> None:
        reply = self._replies.get(told["id"])
        if reply is None:
            return
        self.used = time.monotonic()
        if "piece" in told:
            reply.text += told["piece"]
        elif "error" in told:
            self._forget(reply.number, "failed", str(told["error"]))
        else:
            reply.seconds = float(told["seconds"])
            self._forget(reply.number, "stopped" if told["stopped"] else "ended")

    def _forget(self, number: int, state: Literal["ended", "stopped", "failed"], error: str = "") -> None:
        with self._lock:
            reply = self._replies.pop(number, None)
        if reply is not None:
            reply.end(state, error)

    def _read_errors(self) -> None:
        assert self._child.stderr is not None
        with self._child.stderr as lines:
            for line in lines:
                self._said.append(line.decode(errors="replace").strip())


class Talks:
    """The models that are in memory: one process each, started when first asked for, ended when nobody talks to it."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS, most: int = MOST) -> None:
        self._idle, self._most = idle_seconds, most
        self._talks: dict[tuple[str, ...], Talk] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def talk(self, folder: Path, arguments: Sequence[str], *, made: str = "") -> Talk:
        """The running process for these arguments; a new one when there is none, or the adapter was `made` anew.

        InputError when the most models are in memory and all are answering.
        """
        key = (str(folder), *arguments, made)
        with self._lock:
            found = self._talks.get(key)
            if found is not None and found.alive:
                return found
            self._end([key])
            self._make_room()
            self._talks[key] = Talk(folder, arguments)
            self._watch()
            return self._talks[key]

    def running(self) -> int:
        with self._lock:
            return sum(talk.alive for talk in self._talks.values())

    def close(self) -> None:
        with self._lock:
            if self._sweeper is not None:
                self._sweeper.cancel()
            self._end(list(self._talks))

    def sweep(self) -> None:
        """End what nobody has used for a while."""
        with self._lock:
            old = time.monotonic() - self._idle
            self._end(
                [key for key, talk in self._talks.items() if not talk.alive or (talk.used < old and not talk.busy)]
            )
            self._watch()

    def _make_room(self) -> None:
        while len(self._talks) >= self._most:
            free = [key for key, talk in self._talks.items() if not talk.busy]
            if not free:
                raise InputError(f"{len(self._talks)} models are answering; wait until one has finished")
            self._end([min(free, key=lambda key: self._talks[key].used)])

    def _end(self, keys: Sequence[tuple[str, ...]]) -> None:
        for key in keys:
            if key in self._talks:
                self._talks.pop(key).close()

    def _watch(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._talks:
            self._sweeper = threading.Timer(self._idle / 4, self.sweep)
            self._sweeper.daemon = True
            self._sweeper.start()
