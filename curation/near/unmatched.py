"""The words of each of two texts that the other has not, and which of them it has in another form. Kernels."""

from __future__ import annotations

from typing import Any

from curation.near.alike import A_SLIP, alike, letters_of
from curation.near.compiled import compiled
from curation.near.rooms import (
    LEFT,
    LEFT_COUNT,
    LEFT_ROOM,
    LETTER_ROOM,
    LETTERS,
    ROWS,
    SIDE,
    SLOTS,
    STATE_ROOM,
    find_word,
)
from curation.near.words import DISTINCT, LOOSE, UNIT_SHIFT, word_hash

__all__ = [
    "EXPLAINED",
    "SLIPPED",
    "join_parts",
    "leave",
    "left_on",
    "letters_in",
    "replaced",
    "sides_exclude",
]

# Marks of a word that the other text has in another form, and of one that it has with a slip.
EXPLAINED, SLIPPED = 1 << 40, 1 << 41


@compiled
def left_on(scratch: Any, side: int) -> int:
    """How many words left on the side are listed."""
    return min(LEFT, int(scratch[0, STATE_ROOM + side * SIDE + LEFT_COUNT]))


@compiled
def leave(scratch: Any, side: int) -> int:
    """List the words that the other side has not; how many there are."""
    base, state, room = side * SLOTS, STATE_ROOM + side * SIDE, LEFT_ROOM + side * LEFT
    count = 0
    for row in range(base, base + int(scratch[0, state + ROWS])):
        if find_word(int(scratch[0, row]), scratch, 1 - side) < 0:
            if count < LEFT:
                scratch[0, room + count] = row
            count += 1
    scratch[0, state + LEFT_COUNT] = count
    return count


@compiled
def letters_in(data: Any, row: int, tables: Any, scratch: Any, side: int) -> int:
    """Lay the letters of the word in this row into the side's room; how many there are."""
    return letters_of(data, int(scratch[1, row]), int(scratch[2, row]), tables, scratch, LETTER_ROOM + side * LETTERS)


@compiled
def _joined(data: Any, start: int, end: int, row: int, back: bool, tables: Any, scratch: Any) -> int:
    """The hash of the word in the row with the word after it, or before it; 0 where there is none."""
    begin, stop = int(scratch[1, row]), int(scratch[2, row])
    if back:
        stop, begin = int(scratch[2, row]), begin - 1
        while begin > start and data[begin - 1] != 32 and stop - begin < 64:
            begin -= 1
        return word_hash(data, begin, stop, tables) if begin >= start else 0
    stop += 1
    while stop < end and data[stop] != 32 and stop - begin < 64:
        stop += 1
    return word_hash(data, begin, stop, tables) if stop <= end else 0


@compiled
def join_parts(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int) -> None:
    """Explain words left that with their neighbour are one word of the other side: wi fi, wifi."""
    room = LEFT_ROOM + side * LEFT
    for place in range(room, room + left_on(scratch, side)):
        row = int(scratch[0, place])
        for turn in range(2):
            joined = _joined(data, start, end, row, turn == 1, tables, scratch)
            found = find_word(joined, scratch, 1 - side) if joined else -1
            if found >= 0:
                scratch[3, row] |= EXPLAINED
                scratch[3, found] |= EXPLAINED


@compiled
def _may_be_alike(data: Any, row1: int, row2: int, scratch: Any) -> bool:
    """A quick look at the lengths and the first bytes."""
    start1, start2 = int(scratch[1, row1]), int(scratch[1, row2])
    size1, size2 = int(scratch[2, row1]) - start1, int(scratch[2, row2]) - start2
    if size1 < 3 or size2 < 3 or abs(size1 - size2) > 9:
        return False
    first1, first2 = int(data[start1]), int(data[start2])
    if first1 == first2 or first1 == 104 or first2 == 104 or first1 >= 128 or first2 >= 128:
        return True
    return int(data[start1 + 1]) == first2 and int(data[start2 + 1]) == first1


@compiled
def _has_form(data: Any, row: int, tables: Any, scratch: Any, side: int) -> bool:
    """Whether a word of the other side may be a form or a slip of the one in this row of this side."""
    far = (1 - side) * SLOTS
    length = -1
    for row2 in range(far, far + int(scratch[0, STATE_ROOM + (1 - side) * SIDE + ROWS])):
        if scratch[3, row] & scratch[3, row2] & DISTINCT:
            continue
        if not _may_be_alike(data, row, row2, scratch):
            continue
        if length < 0:
            length = letters_in(data, row, tables, scratch, side)
        length2 = letters_in(data, row2, tables, scratch, 1 - side)
        mine, others = LETTER_ROOM + side * LETTERS, LETTER_ROOM + (1 - side) * LETTERS
        how = alike(scratch, mine, length, others, length2, tables)
        if how:
            mark = EXPLAINED | SLIPPED if how == A_SLIP else EXPLAINED
            scratch[3, row] |= mark
            scratch[3, row2] |= mark
            return True
    return False


@compiled
def replaced(data: Any, tables: Any, scratch: Any, side: int, enough: int) -> int:
    """How many words of weight are left on the side that the other has in no form; stops at `enough`."""
    room, count = LEFT_ROOM + side * LEFT, 0
    for place in range(room, room + left_on(scratch, side)):
        row = int(scratch[0, place])
        value = int(scratch[3, row])
        if value & (LOOSE | EXPLAINED):
            continue
        if _has_form(data, row, tables, scratch, side):
            continue
        count += 1
        if count >= enough:
            break
    return count


@compiled
def sides_exclude(scratch: Any) -> bool:
    """Whether a month, a number in letters or the like, or a unit stands on each side in place of the other's.

    They count though they may also be other words: may.
    """
    count1 = min(LEFT, int(scratch[0, STATE_ROOM + LEFT_COUNT]))
    count2 = min(LEFT, int(scratch[0, STATE_ROOM + SIDE + LEFT_COUNT]))
    for place1 in range(LEFT_ROOM, LEFT_ROOM + count1):
        value1 = int(scratch[3, int(scratch[0, place1])])
        unit1 = value1 >> UNIT_SHIFT & 255
        if value1 & EXPLAINED or (value1 & DISTINCT == 0 and unit1 == 0):
            continue
        for place2 in range(LEFT_ROOM + LEFT, LEFT_ROOM + LEFT + count2):
            value2 = int(scratch[3, int(scratch[0, place2])])
            unit2 = value2 >> UNIT_SHIFT & 255
            if value2 & EXPLAINED == 0 and ((value1 & value2 & DISTINCT) or (unit1 and unit2 and unit1 != unit2)):
                return True
    return False
