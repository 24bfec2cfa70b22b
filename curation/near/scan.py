"""One pass over a normal text: its numbers and codes, its negations, its words and their parts. Kernels.

A scratch holds what a pass finds of one of two texts (side 0 or 1), each kind in a fixed room, so memory is
bounded however long a text is: SLOTS distinct words, CODES codes, BOUND words that play a part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.compiled import compiled
from curation.near.words import (
    CODE,
    COMPARATIVE,
    ECHO,
    FACTOR,
    LOOSE,
    MASK,
    NEGATION,
    NONE,
    OPPOSED,
    ROLE_SHIFT,
    SIGN,
    UNDENIED,
    UNIT_SHIFT,
    finished,
    folded,
    known,
    next_word,
    word_hash,
)

__all__ = ["find_word", "new_scratch", "scan"]

SLOTS = 8192
CODES, BOUND, LEFT, LETTERS = 64, 32, 64, 40
CODE_ROOM = 2 * SLOTS
BOUND_ROOM = CODE_ROOM + 2 * CODES
LEFT_ROOM = BOUND_ROOM + 2 * BOUND
LETTER_ROOM = LEFT_ROOM + 2 * LEFT
STATE_ROOM = LETTER_ROOM + 2 * LETTERS
WIDTH = STATE_ROOM + 2 * 32
# Places of a side's state
NUMBERS, CODE_COUNT, PENDING, PENDING_START, PENDING_STOP, VALUE = 0, 1, 2, 3, 4, 5
LISTED, LISTED_AT, FIRST, FIRST_START, FIRST_STOP = 6, 7, 8, 9, 10
NEGATIONS, DENIED_AT, ROLE, BEFORE, BOUND_COUNT, ROWS, POSITION = 11, 12, 13, 14, 15, 16, 17
COMPARED_AT, LEFT_COUNT, CHOICE_AT, INDEX = 18, 19, 20, 21
ECHOED = 6  # words after a denial in which "ningun" repeats it
FROM, THAN, QUE, CHOICE = 1, 3, 4, 10  # roles, by their place in the list


@compiled
def new_scratch() -> Any:
    """Room for comparing; one for each thread. 0.7 MB, of which short texts touch little."""
    return np.empty((5, WIDTH), dtype=np.int64)


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
    base, slots = side * SLOTS, int(scratch[0, STATE_ROOM + side * 32 + INDEX])
    slot = word & (slots - 1)
    while True:
        row = int(scratch[4, base + slot])
        if row == 0:
            return -1
        if scratch[0, base + row - 1] == word:
            return base + row - 1
        slot = (slot + 1) & (slots - 1)


@compiled
def _keep_word(word: int, start: int, stop: int, value: int, scratch: Any, side: int) -> None:
    base, state = side * SLOTS, STATE_ROOM + side * 32
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
def _bind(word: int, scratch: Any, side: int) -> None:
    """Note the part that the word plays, if one waits for it, and that it came last."""
    state = STATE_ROOM + side * 32
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
def _keep_code(code: int, start: int, stop: int, scratch: Any, side: int) -> None:
    """Add to the set of codes; beyond CODES distinct ones repetitions count too."""
    state, base = STATE_ROOM + side * 32, CODE_ROOM + side * CODES
    count = int(scratch[0, state + CODE_COUNT])
    _bind(code, scratch, side)
    for place in range(base, base + count):
        if scratch[0, place] == code:
            return
    scratch[0, state + NUMBERS] = (scratch[0, state + NUMBERS] + code) & MASK
    if count < CODES:
        scratch[0, base + count] = code
        scratch[1, base + count] = start
        scratch[2, base + count] = stop
        scratch[0, state + CODE_COUNT] = count + 1


@compiled
def _end_number(unit: int, stop: int, scratch: Any, side: int) -> None:
    """Keep the number that waited for its unit (0: it has none), unless it is the next number of a list."""
    state = STATE_ROOM + side * 32
    pending = int(scratch[0, state + PENDING])
    if pending < 0:
        return
    scratch[0, state + PENDING] = -1
    code = finished((pending * FACTOR + unit) & MASK)
    start = int(scratch[0, state + PENDING_START])
    stop = stop if unit else int(scratch[0, state + PENDING_STOP])
    listed, position = int(scratch[0, state + LISTED]), int(scratch[0, state + POSITION])
    # the items of a list have words, plan 1 and plan 2 are none
    spaced = listed == 0 or position - scratch[0, state + LISTED_AT] > 3
    if unit == 0 and scratch[0, state + VALUE] == listed + 1 and spaced:
        if listed == 0:
            scratch[0, state + FIRST] = code
            scratch[0, state + FIRST_START] = start
            scratch[0, state + FIRST_STOP] = stop
        scratch[0, state + LISTED] = listed + 1
        scratch[0, state + LISTED_AT] = position
        return
    _keep_code(code, start, stop, scratch, side)


@compiled
def _digit(data: Any, place: int, end: int) -> bool:
    return place < end and 48 <= data[place] <= 57


@compiled
def _groups(data: Any, place: int, end: int, run: int, grouped: bool) -> bool:
    """Whether the point or comma after `run` digits only groups them: 1.500 is 1500, 0.500 and 10.5 are not."""
    if run < 1 or run > 3 or (data[place - run] == 48 and not grouped):
        return False
    three = _digit(data, place + 1, end) and _digit(data, place + 2, end) and _digit(data, place + 3, end)
    return three and not _digit(data, place + 4, end)


@compiled
def _code_state(data: Any, start: int, stop: int, state: int, tables: Any) -> int:
    """The characters of a code taken into the state: 1,5 as 1.5, X-100 as X100, options of commands as they stand."""
    option = data[start] == 45 and not _digit(data, start + 1, stop)
    place, run, grouped, last = start, 0, False, 0
    while place < stop:
        letter, after = int(data[place]), place + 1
        if letter >= 128:
            letter, after = folded(data, place, stop, tables)
        elif not option and 65 <= letter <= 90:
            letter += 32
        run = run + 1 if 48 <= letter <= 57 else run
        skipped = letter == 0
        if not option and (letter == 44 or letter == 46):
            skipped = grouped = _groups(data, place, stop, run, grouped)
            letter, run = 46, 0
        elif not option and letter == 45 and last and after < stop:
            skipped = (48 <= last <= 57) != _digit(data, after, stop)
        elif letter in (42, 96, 126):
            skipped = True  # marks of Markdown
        if letter < 48 or letter > 57:
            run = 0
        if not skipped:
            state = (state * FACTOR + letter) & MASK
            last = letter
        place = after
    return state


@compiled
def _take_code(data: Any, start: int, stop: int, tables: Any, scratch: Any, side: int) -> None:
    """A word with a digit: a number, one with its unit (5GB, €30), or a code; or an option of a command."""
    state = STATE_ROOM + side * 32
    while stop > start + 1 and (data[stop - 1] == 45 or data[stop - 1] == 46):
        stop -= 1  # 1.- of a list
    place, unit = start, 0
    if data[start] == 36 or data[start] >= 128:
        sign, after = folded(data, start, stop, tables)
        if sign == 36 or sign == 0xA3 or 0x20A0 <= sign < 0x20D0:
            place = after
            unit = known(word_hash(data, start, after, tables), tables) >> UNIT_SHIFT & 255
    until, value, plain = place, 0, True
    while _digit(data, until, stop) or (
        until > place
        and until + 1 < stop
        and (data[until] == 44 or data[until] == 46)
        and _digit(data, until + 1, stop)
    ):
        plain = plain and data[until] >= 48
        value = min(value * 10 + int(data[until]) - 48, 1000)
        until += 1
    if until > place and until < stop and unit == 0:
        word = word_hash(data, until, stop, tables)
        unit = known(word, tables) >> UNIT_SHIFT & 255 if word else 0
        if unit == 0:
            until = place  # no number: a code such as 5g or 1080p
    waiting = int(scratch[0, state + PENDING])
    if waiting >= 0 and plain and until == stop and unit == 0:
        scratch[0, state + PENDING] = _code_state(data, start, stop, waiting, tables)
        scratch[0, state + PENDING_STOP] = stop
        scratch[0, state + VALUE] = 0  # 900 123 456 is one number
        return
    _end_number(0, stop, scratch, side)
    scratch[0, state + POSITION] += 1
    begun = 1 if until == place else 0
    if until == place:
        code = finished(_code_state(data, start, stop, begun, tables))
        _keep_code(code, start, stop, scratch, side)
        return
    number_stop = until if unit else stop
    scratch[0, state + PENDING] = _code_state(data, place, number_stop, begun, tables)
    scratch[0, state + PENDING_START] = start
    scratch[0, state + PENDING_STOP] = stop
    scratch[0, state + VALUE] = value if plain and until - place <= 2 else 0
    if unit:
        _end_number(unit, stop, scratch, side)


@compiled
def _count_denial(value: int, scratch: Any, side: int) -> None:
    state = STATE_ROOM + side * 32
    position, denied = int(scratch[0, state + POSITION]), int(scratch[0, state + DENIED_AT])
    if value & UNDENIED:
        if denied and position - denied == 1:
            scratch[0, state + NEGATIONS] -= 1  # sin embargo, no obstante
        return
    chosen = position > 1 and position - scratch[0, state + CHOICE_AT] == 1  # or not, o no
    repeated = denied != 0 and position - denied <= (ECHOED if value & ECHO else 1)
    if not repeated and not (chosen and value & NEGATION):
        scratch[0, state + NEGATIONS] += 1
        scratch[0, state + DENIED_AT] = position


@compiled
def _take_word(word: int, start: int, stop: int, value: int, scratch: Any, side: int) -> None:
    state = STATE_ROOM + side * 32
    scratch[0, state + POSITION] += 1
    position = int(scratch[0, state + POSITION])
    if value & (NEGATION | ECHO | UNDENIED):
        _count_denial(value, scratch, side)
    if value & COMPARATIVE:
        scratch[0, state + COMPARED_AT] = position
    role = value >> ROLE_SHIFT
    if role == CHOICE:
        scratch[0, state + CHOICE_AT] = position
    if value & LOOSE == 0:
        _bind(word, scratch, side)
    if role == 0 and value & OPPOSED:
        role = word
    if role == FROM and scratch[0, state + ROLE] != 0:
        role = 0  # antes de
    compared = int(scratch[0, state + COMPARED_AT])
    if role != 0 and role != CHOICE and (role != QUE or (compared and position - compared <= 3)):
        scratch[0, state + ROLE] = role
    if value & SIGN:
        _keep_code(word, start, stop, scratch, side)
    else:
        _keep_word(word, start, stop, value, scratch, side)


@compiled
def scan(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int) -> None:
    """Read the text into the side's rooms of the scratch."""
    state, slots = STATE_ROOM + side * 32, slots_for(end - start)
    for place in range(state, state + 32):
        scratch[0, place] = 0
    scratch[0, state + PENDING] = -1
    scratch[0, state + INDEX] = slots
    for place in range(side * SLOTS, side * SLOTS + slots):
        scratch[4, place] = 0
    place, clear = start, start
    while True:
        begin, place, word, kind, clear = next_word(data, place, end, clear, tables)
        if kind == CODE:
            _take_code(data, begin, place, tables, scratch, side)
            continue
        value = known(word, tables) if kind != NONE else 0
        unit = value >> UNIT_SHIFT & 255
        waited = scratch[0, state + PENDING] >= 0
        if waited:
            _end_number(unit, place, scratch, side)
        if kind == NONE:
            break
        if not (waited and unit):
            _take_word(word, begin, place, value, scratch, side)
    if scratch[0, state + LISTED] == 1:
        first = STATE_ROOM + side * 32 + FIRST
        _keep_code(int(scratch[0, first]), int(scratch[0, first + 1]), int(scratch[0, first + 2]), scratch, side)
