"""One piece of personal data in a text."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Personal"]


@dataclass(frozen=True, slots=True)
class Personal:
    """text[start:end] is personal data of this kind.

    `value` is the same for all ways of writing the same thing (a telephone number with and without its
    spaces), so that it can be compared; it is never stored and never shown. `note` says why, without it.
    """

    kind: str
    start: int
    end: int
    value: str
    confidence: float = 1.0
    note: str = ""

    def __repr__(self) -> str:  # what is logged or printed by mistake must not tell it
        return f"Personal({self.kind!r}, {self.start}, {self.end}, confidence={self.confidence:.2f})"
