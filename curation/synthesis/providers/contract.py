"""What a provider of models is: it is sent one question and gives one reply, or says what went wrong.

It tries nothing twice and waits for nothing; when and how often a call is sent is the engine's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from curation.synthesis.recipe import Ask
from tamiz.errors import TamizError

__all__ = ["Busy", "Provider", "Refused", "Reply", "Trouble", "Unreachable", "WrongServer"]


class Busy(TamizError):
    """The server asks for a pause (429); `wait_seconds` is how long, None where it does not say."""

    def __init__(self, why: str, wait_seconds: float | None = None) -> None:
        super().__init__(why)
        self.wait_seconds = wait_seconds


class Trouble(Busy):
    """The server failed or took too long: the same call may succeed a little later.

    `worked` tells that it may have worked on the call all the same, and may charge for it.
    """

    def __init__(self, why: str, wait_seconds: float | None = None, *, worked: bool = False) -> None:
        super().__init__(why, wait_seconds)
        self.worked = worked


class Unreachable(Trouble):
    """There is no connection to the server, so nothing was sent. Where it never was there the run stops."""


class Refused(TamizError):
    """The server will not answer this call, now or later (400): too long, filtered, not understood.

    `kept_back` is a reply that it worked out, and charges for, without giving it.
    """

    def __init__(self, why: str, kept_back: Reply | None = None) -> None:
        super().__init__(why)
        self.kept_back = kept_back


class WrongServer(TamizError):
    """No call will succeed as things are (a wrong key, an unknown model, no credit left): the run stops, and the calls
    that it began are as if they had not been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model said. `cut` tells that it was stopped at the most tokens it may use; tokens are 0 where the
    server does not tell them."""

    text: str
    cut: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Provider(Protocol):
    """`address` is where the model is asked, "" for in this process; `local` that asking it costs nothing."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def local(self) -> bool: ...

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        """Ask once. Busy, Trouble, Refused or WrongServer where there is no reply. Called from several threads."""
        ...

    def close(self) -> None: ...
