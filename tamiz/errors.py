"""What can go wrong, said as the thing, the value and the next move.

The command line prints a TamizError as one line and exits 1; anything else keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "Conflict",
    "EngineError",
    "InputError",
    "MissingExtra",
    "NoProject",
    "NotAllowed",
    "NotPermitted",
    "OutOfRoom",
    "PersonalData",
    "SealedError",
    "SettingsError",
    "StoreError",
    "TamizError",
    "TooFewPairs",
]


class TamizError(Exception):
    """The root of every error that tamiz raises on purpose."""


class NoProject(TamizError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} has no tamiz.toml. Run: tamiz init {folder}")


class SettingsError(TamizError):
    """A key or a value of tamiz.toml, or an option, that cannot be used."""


class InputError(TamizError):
    """A file, page or address that was given and cannot be read as what it should be."""


class StoreError(TamizError):
    """The database cannot be opened, read or written."""


class Conflict(StoreError):
    """Somebody else changed the pair first, or the lease on it has ended; nothing was written."""


class NotAllowed(StoreError):
    """A move of a pair that its state does not allow; nothing was written."""


class NotPermitted(TamizError):
    """Somebody may not do what they asked for; nothing was written."""


class SealedError(TamizError):
    """A sealed original cannot be read: its key is missing or another one, or it was dropped."""


class TooFewPairs(TamizError):
    """Not enough accepted pairs to export or tune."""


class EngineError(TamizError):
    """The engine that a job should run on cannot be used, or was lost; what is done is kept."""


class OutOfRoom(TamizError):
    """Memory or disk do not suffice; what is done is kept."""


class MissingExtra(TamizError):
    """A library that comes with an extra of tamiz is not installed.

    `what` is what the user wanted to do, in words that continue "... needs".
    """

    def __init__(self, what: str, extra: str, missing: str) -> None:
        super().__init__(f"{what} needs {missing}, which is not installed. Run: pip install 'tamiz[{extra}]'")
        self.extra = extra


class PersonalData(TamizError):
    """Accepted pairs hold personal data that [export] max_risk does not let out."""
