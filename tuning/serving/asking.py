"""What is asked of a model in memory, and what is told while it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tuning.serving.bases import Speaker

__all__ = ["Ask", "Ended", "Failed", "Piece", "Told"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is whole: the model ended it ("stop"), or the limit did ("length")."""

    reason: Literal["stop", "length"]
    tokens: int


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no answer, or no more of it, and why; `status` is the HTTP status that says so."""

    message: str
    status: int = 500


Told = Piece | Ended | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to one speaker. `tell` is called from the engine's thread, last with Ended or Failed.

    A classifier takes `text` instead of the `prompt`. With temperature 0 every token is the most likely one;
    `seed` makes a random answer the same again. Setting `gone` ends the answer without another word.
    """

    speaker: Speaker
    tell: Callable[[Told], None]
    prompt: tuple[int, ...] = ()
    text: str = ""
    most: int = 120
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stops: tuple[str, ...] = ()
    gone: threading.Event = field(default_factory=threading.Event)
