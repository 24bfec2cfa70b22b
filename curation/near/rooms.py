"""What is found of two texts that are compared, and where it lies: the rooms of a scratch. Kernels.

A scratch holds what a pass finds of one of two texts (side 0 or 1), each kind in a fixed room, so memory is
bounded however long a text is: SLOTS distinct words, CODES codes, BOUND words that play a part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.compiled import compiled
from curation.near.words import MASK

__all__ = [
    "BOUND",
    "BOUND_ROOM",
    "CODES",
    "CODE_ROOM",
    "LEFT",
    "LEFT_ROOM",
    "LETTERS",
    "LETTER_ROOM",
    "SIDE",
    "SLOTS",
    "STATE_ROOM",
    "bind",
    "find_word",
    "keep_code",
    "keep_word",
    "new_scratch",
    "slots_for",
]

SLOTS = 8192
CODES, BOUND, LEFT, LETTERS = 64, 32, 64, 40
CODE_ROOM = 2 * SLOTS
BOUND_ROOM = CODE_ROOM + 2 * CODES
LEFT_ROOM = BOUND_ROOM + 2 * BOUND
LETTER_ROOM = LEFT_ROOM + 2 * LEFT
STATE_ROOM = LETTER_ROOM + 2 * LETTERS
SIDE = 32  # places of a side's state
WIDTH = STATE_ROOM + 2 * SIDE
NUMBERS, CODE_COUNT, PENDING, PENDING_START, PENDING_STOP, VALUE = 0, 1, 2, 3, 4, 5
LISTED, LISTED_AT, FIRST, FIRST_START, FIRST_STOP = 6, 7, 8, 9, 10
NEGATIONS, DENIED_AT, ROLE, BEFORE, BOUND_COUNT, ROWS, POSITION = 11, 12, 13, 14, 15, 16, 17
COMPARED_AT, LEFT_COUNT, CHOICE_AT, INDEX = 18, 19, 20, 21
COUNTED, COUNTED_AT, COUNTED_START, HOW_AT, ASKED, REWORDED = 22, 23, 24, 25, 26, 27
READ = 0  # in row 1, which no scan clears: the number of the text that lies on side 0, or -1


@compiled
def new_scratch() -> Any:
    """Room for comparing; one for each thread. 0.7 MB, of which short texts touch little."""
    scratch = np.empty((5, WIDTH), dtype=np.int64)
    scratch[1, STATE_ROOM + READ] = -1
    return scratch


@compiled
def slots_for(size: int) -> int:
    """Slots of the index of a text's words, a power of two."""
    slots = 64
    while slots < SLOTS and slots < size // 2:
        slots *= 2
    return slots


@compiled
def find_word(word: int, scratch: Any, side: int) -> int:
    """The row of the word in the scratch among those of the side, or -1."""
    base, slots = side * SLOTS, int(scratch[0, STATE_ROOM + side * SIDE + INDEX])
    slot = word & (slots - 1)
    while True:
        row = int(scratch[4, base + slot])
        if row == 0:
            return -1
        if scratch[0, base + row - 1] == word:
            return base + row - 1
        slot = (slot + 1) & (slots - 1)


@compiled
def keep_word(word: int, start: int, stop: int, value: int, scratch: Any, side: int) -> None:
    base, state = side * SLOTS, STATE_ROOM + side * SIDE
    rows, slots = int(scratch[0, state + ROWS]), int(scratch[0, state + INDEX])
    if rows < 0:
        return
    slot = word & (slots - 1)
    while scratch[4, base + slot] != 0:
        if scratch[0, base + scratch[4, base + slot] - 1] == word:
            return
        slot = (slot + 1) & (slots - 1)
    if rows >= slots // 4 * 3:
        scratch[0, state + ROWS] = -1
        return
    scratch[4, base + slot] = rows + 1
    scratch[0, base + rows] = word
    scratch[1, base + rows] = start
    scratch[2, base + rows] = stop
    scratch[3, base + rows] = value
    scratch[0, state + ROWS] = rows + 1


@compiled
def bind(word: int, scratch: Any, side: int) -> None:
    """Note the part that the word plays, if one waits for it, and that it came last."""
    state = STATE_ROOM + side * SIDE
    count = int(scratch[0, state + BOUND_COUNT])
    if scratch[0, state + ROLE] != 0 and count < BOUND:
        place = BOUND_ROOM + side * BOUND + count
        scratch[0, place] = scratch[0, state + ROLE]
        scratch[1, place] = scratch[0, state + BEFORE]
        scratch[2, place] = word
        scratch[0, state + BOUND_COUNT] = count + 1
    scratch[0, state + ROLE] = 0
    scratch[0, state + BEFORE] = word


@compiled
def keep_code(code: int, start: int, stop: int, scratch: Any, side: int) -> None:
    """Add to the set of codes; beyond CODES distinct ones repetitions count too."""
    state, base = STATE_ROOM + side * SIDE, CODE_ROOM + side * CODES
    count = int(scratch[0, state + CODE_COUNT])
    bind(code, scratch, side)
    for place in range(base, base + count):
        if scratch[0, place] == code:
            return
    scratch[0, state + NUMBERS] = (scratch[0, state + NUMBERS] + code) & MASK
    if count < CODES:
        scratch[0, base + count] = code
        scratch[1, base + count] = start
        scratch[2, base + count] = stop
        scratch[0, state + CODE_COUNT] = count + 1
