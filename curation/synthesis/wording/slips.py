"""Slips of the hand on a keyboard, one at a time: a key beside the right one, letters swapped, left out or twice."""

from __future__ import annotations

import random
from functools import cache
from typing import Literal

from curation.synthesis.wording.wordlists import words

__all__ = ["LAYOUTS", "Layout", "Slip", "beside", "slipped"]

Layout = Literal["es", "us"]
Slip = Literal["a key beside it", "two letters swapped", "a letter left out", "a letter twice"]
SLIPS: tuple[Slip, ...] = ("a key beside it", "two letters swapped", "a letter left out", "a letter twice")
# The rows of letters as they lie; each row is shifted to the right of the one above it by about half a key.
LAYOUTS: dict[Layout, tuple[str, ...]] = {
    "es": ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    "us": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
_NEVER = words("slips.never")
_PLAIN = str.maketrans("áéíóúü", "aeiouu")


@cache
def _neighbours(layout: Layout) -> dict[str, str]:
    rows = LAYOUTS[layout]
    found: dict[str, str] = {}
    for down, row in enumerate(rows):
        for along, key in enumerate(row):
            near = row[max(0, along - 1) : along] + row[along + 1 : along + 2]
            if down:
                near += rows[down - 1][along : along + 2]
            if down + 1 < len(rows):
                near += rows[down + 1][max(0, along - 1) : along + 1]
            found[key] = near
    return found


def beside(letter: str, layout: Layout) -> str:
    """The keys that touch a letter's key.

    >>> sorted(beside("s", "us"))
    ['a', 'd', 'e', 'w', 'x', 'z']
    """
    return _neighbours(layout).get(letter.lower().translate(_PLAIN), "")


def slipped(word: str, chance: random.Random, layout: Layout) -> tuple[str, Slip] | None:
    """The word with one slip in it, never in its first letter, and what it is; None where none can be made, or where it
    would be a word that one does not want to read ("puedo" without its u)."""
    slip = chance.choice(SLIPS)
    at = chance.randrange(1, len(word))
    if slip == "a key beside it":
        near = beside(word[at], layout)
        new = word[:at] + chance.choice(near) + word[at + 1 :] if near else word
    elif slip == "two letters swapped":
        at = min(at, len(word) - 2)
        new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif slip == "a letter left out":
        new = word[:at] + word[at + 1 :]
    else:
        new = word[: at + 1] + word[at:]
    return None if new == word or new.casefold() in _NEVER else (new, slip)
