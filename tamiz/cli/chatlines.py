"""`tamiz chat --lines`: a model in a process of its own, asked and answering in lines of JSON.

Whoever started it may be killed at any moment: when its end of the pipe closes this process ends at once, in the
middle of a word or of loading.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from tamiz.errors import InputError, TamizError

if TYPE_CHECKING:
    from tamiz.project import Project
    from tuning.adapters import LoadedModel

__all__ = ["Served", "serve"]

FAILED = 1


@dataclass(slots=True)
class Served:
    """A loaded model with the project it is served for. `lang` is the prompts' language, None: the question's.

    `loaded` is the adapter that spoke last; a request's "model" lets another one speak.
    """

    project: Project
    loaded: LoadedModel
    lang: str | None
    first: LoadedModel = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.loaded

    def let_speak(self, name: str | None) -> LoadedModel:
        """The adapter of that name, or the one that was loaded first. InputError where there is none."""
        from tamiz.cli.chat import switched

        first = self.first.card.name
        if (name or first) == first and not hasattr(self.first.model, "peft_config"):
            self.loaded = self.first
        elif (name or first) != self.loaded.card.name:
            self.loaded = switched(self.project, self.loaded, str(name or first))
        return self.loaded


@dataclass(slots=True)
class _Asked:
    """What has come in: requests that wait, and the number of the answer that is to be stopped."""

    waiting: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    stopped: set[Any] = field(default_factory=set)


def serve(load: Callable[[], Served]) -> int:
    """Load, then answer one request after the other until the input ends; the exit code."""
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no line of ours
    asked = _Asked()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    begun = time.monotonic()
    try:
        served = load()
    except TamizError as error:
        _tell(told, error=str(error))
        return FAILED
    card = served.loaded.card
    about = {"name": card.name, "base": card.base, "task": card.task, "dataset_version": card.dataset_version}
    _tell(told, ready=True, seconds=round(time.monotonic() - begun, 2), device=str(served.loaded.model.device), **about)
    while True:
        request = asked.waiting.get()
        try:
            _answer(served, request, asked, told)
        except TamizError as error:
            _tell(told, id=request.get("id"), error=str(error))


def _listen(asked: _Asked) -> None:
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
        except ValueError:
            request = {}
        if not isinstance(request, dict):
            request = {}
        if "stop" in request:
            asked.stopped.add(request["stop"])
        else:
            asked.waiting.put(request)
    os._exit(0)  # whoever asks has gone


def _answer(served: Served, request: dict[str, Any], asked: _Asked, told: TextIO) -> None:
    from tamiz.cli.chat import language_of
    from tuning.adapters import chat

    number, turns, begun = request.get("id"), _turns(request), time.monotonic()
    loaded = served.let_speak(request.get("model"))
    question, limit = turns[-1].content, served.project.settings.tuning.max_new_tokens
    spoken = language_of(served.project, served.lang)(question)
    pieces = chat(loaded, question, turns[:-1], lang=spoken, max_new_tokens=limit)
    stopped = number in asked.stopped
    while not stopped and (piece := next(pieces, None)) is not None:
        if piece:
            _tell(told, id=number, piece=piece)
        stopped = number in asked.stopped
    asked.stopped.discard(number)
    _tell(told, id=number, end=True, stopped=stopped, seconds=round(time.monotonic() - begun, 2))


def _turns(request: dict[str, Any]) -> list[Any]:
    """The turns of a request, the question last; InputError says what a request looks like."""
    from tamiz.records import Turn

    try:
        turns = [Turn(role=one["role"], content=str(one["content"])) for one in request["messages"]]
        if turns[-1].role == "user":
            return turns
    except (KeyError, TypeError, IndexError):
        pass
    raise InputError('a request is one line: {"id": 1, "messages": [{"role": "user", "content": "..."}]}')


def _tell(told: TextIO, **values: Any) -> None:
    told.write(json.dumps(values, ensure_ascii=False) + "\n")
