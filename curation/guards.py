"""Small differences that change what a text says, however alike the letters are."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from curation.near.differences import (
    ANSWER_LEEWAY,
    CHANGED_NUMBERS,
    CHANGED_ORDER,
    DENIED,
    OPPOSITE,
    OTHER_QUESTION,
    QUESTION_LEEWAY,
    REPLACED,
    SAME,
    difference,
    difference_of_pairs,
    guard_keys,
    new_scratch,
    qualified,
    tables,
)
from curation.near.rooms import (
    CODE_COUNT,
    CODE_ROOM,
    CODES,
    LEFT,
    LEFT_COUNT,
    LEFT_ROOM,
    ROWS,
    SIDE,
    SLOTS,
    STATE_ROOM,
)
from curation.near.texts import normal
from curation.near.unmatched import EXPLAINED
from curation.near.words import DISTINCT, ECHO, LOOSE, NEGATION

__all__ = [
    "ANSWER_LEEWAY",
    "ANY_WORDS",
    "CHANGED_NUMBERS",
    "CHANGED_ORDER",
    "DENIED",
    "OPPOSITE",
    "OTHER_QUESTION",
    "QUESTION_LEEWAY",
    "REPLACED",
    "SAME",
    "difference",
    "difference_of_pairs",
    "explain_difference",
    "guard_keys",
    "new_scratch",
    "qualified",
    "tables",
]

# Words of weight that may stand in the place of others before two texts are said to differ. People who answer the
# same once more change a verb: of the sample's twelve reworded answers nine would be called different without this.
# Opposed words, numbers in letters and months differ whatever the leeway.
ANY_WORDS = 1_000_000  # where other words are no difference: texts that mean the same
SHOWN = 3  # words of each side


def explain_difference(one: str, other: str, *, leeway: int = QUESTION_LEEWAY) -> str:
    """Why two texts do not say the same, in words; "" exactly where `difference` finds them to say the same.

    >>> explain_difference("¿Cómo activo el roaming?", "¿Cómo desactivo el roaming?")
    'activo / desactivo'
    >>> explain_difference("Install it on Windows 10", "Install it on Windows 11")
    'numbers or codes: 10 / 11'
    """
    texts = [normal(text).encode("utf-8", "replace") for text in (one, other)]
    data, middle = b"".join(texts), len(texts[0])
    scratch = new_scratch()
    both = np.array(bytearray(data), dtype=np.uint8)
    kind = difference(both, 0, middle, middle, len(data), leeway, tables(), scratch)
    if kind == SAME:
        return ""
    found = _Found(data, scratch)
    if kind == CHANGED_NUMBERS:
        return f"numbers or codes: {found.codes(0)} / {found.codes(1)}"
    if kind == DENIED:
        return f"a negation: {found.left(0, NEGATION | ECHO)} / {found.left(1, NEGATION | ECHO)}"
    if kind == OPPOSITE:
        return " / ".join(found.word(int(scratch[2, LEFT_ROOM + side])) for side in range(2))
    if kind == CHANGED_ORDER:
        swapped = [found.by_hash(int(scratch[2, int(scratch[2, LEFT_ROOM + side])])) for side in range(2)]
        return f"what stands where: {' / '.join(swapped)}"
    return found.replaced()


class _Found:
    """What a comparison left in its scratch, as strings."""

    def __init__(self, data: bytes, scratch: Any) -> None:
        self._data = data
        self._scratch = scratch

    def word(self, place: int) -> str:
        start, stop = int(self._scratch[1, place]), int(self._scratch[2, place])
        return self._data[start:stop].decode("utf-8", "replace")

    def _state(self, side: int, place: int) -> int:
        return int(self._scratch[0, STATE_ROOM + side * SIDE + place])

    def _codes_of(self, side: int) -> dict[int, str]:
        base = CODE_ROOM + side * CODES
        return {
            int(self._scratch[0, place]): self.word(place)
            for place in range(base, base + self._state(side, CODE_COUNT))
        }

    def codes(self, side: int) -> str:
        others = self._codes_of(1 - side)
        return _shown({text for code, text in self._codes_of(side).items() if code not in others})

    def _rows_left(self, side: int) -> list[int]:
        base = LEFT_ROOM + side * LEFT
        return [int(self._scratch[0, base + n]) for n in range(min(LEFT, self._state(side, LEFT_COUNT)))]

    def left(self, side: int, flags: int) -> str:
        return _shown({self.word(row) for row in self._rows_left(side) if self._scratch[3, row] & flags})

    def by_hash(self, wanted: int) -> str:
        for side in range(2):
            for row in range(side * SLOTS, side * SLOTS + self._state(side, ROWS)):
                if self._scratch[0, row] == wanted:
                    return self.word(row)
            if wanted in self._codes_of(side):
                return self._codes_of(side)[wanted]
        return "?"

    def replaced(self) -> str:
        if min(self._state(0, ROWS), self._state(1, ROWS)) < 0:
            return "too many words to compare"
        both = []
        for side in range(2):
            rows = [row for row in self._rows_left(side) if not self._scratch[3, row] & EXPLAINED]
            weighty = [row for row in rows if not self._scratch[3, row] & LOOSE]
            distinct = [row for row in rows if self._scratch[3, row] & DISTINCT]
            both.append([self.word(row) for row in (weighty or distinct or rows)[:1]])
        return " / ".join(words[0] if words else "other words" for words in both)


def _shown(words: Set[str]) -> str:
    return ", ".join(sorted(words)[:SHOWN]) or "none"
