"""Tokens into text as they come, held back where the next ones may still change or end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Unfolding"]

HALF = "\ufffd"  # how a tokenizer shows a character whose other bytes are still to come


class Unfolding:
    """An answer in the making. What `take` and `end` give, put together, is the answer without a stop word.

    The whole is what `answer_batch` gives for the same tokens: decoded, without white space at its ends.
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str] = ()) -> None:
        self._tokenizer, self._stops = tokenizer, [stop for stop in stops if stop]
        self._made: list[int] = []
        self._shown = ""
        self.stopped = False

    @property
    def count(self) -> int:
        """How many tokens were taken."""
        return len(self._made)

    def take(self, token: int) -> str:
        """What can be shown now, with one token more; `stopped` is set when a stop word is complete."""
        self._made.append(token)
        text = self._text().lstrip()
        end = self._stop_in(text)
        if end is not None:
            self.stopped = True
            return self._show(text[:end].rstrip())
        if text.endswith(HALF):
            return ""
        return self._show(text[: len(text) - self._held(text)].rstrip())

    def end(self) -> str:
        """What was held back, once no token follows."""
        if self.stopped:
            return ""
        text = self._text().strip()
        end = self._stop_in(text)
        return self._show(text if end is None else text[:end].rstrip())

    def _text(self) -> str:
        text: str = self._tokenizer.decode(self._made, skip_special_tokens=True)
        return text

    def _show(self, text: str) -> str:
        if not text.startswith(self._shown):  # a tokenizer that writes earlier words anew waits for the end
            return ""
        new = text[len(self._shown) :]
        self._shown = text
        return new

    def _stop_in(self, text: str) -> int | None:
        places = [place for place in map(text.find, self._stops) if place >= 0]
        return min(places, default=None)

    def _held(self, text: str) -> int:
        """How many letters at the end may be the start of a stop word."""
        longest = max(map(len, self._stops), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0
