"""One pass over a normal text: its numbers and codes, its negations, its words and their parts. Kernels."""

from __future__ import annotations

from typing import Any

from curation.near.compiled import compiled
from curation.near.numbers import end_number, note_number, take_code, unit_counted
from curation.near.rooms import (
    ASKED,
    CHOICE_AT,
    COMPARED_AT,
    DENIED_AT,
    FIRST,
    HOW_AT,
    INDEX,
    LISTED,
    NEGATIONS,
    PENDING,
    POSITION,
    ROLE,
    ROWS,
    SIDE,
    SLOTS,
    STATE_ROOM,
    bind,
    keep_code,
    keep_word,
    slots_for,
)
from curation.near.words import (
    ASKS,
    CODE,
    COMPARATIVE,
    ECHO,
    HOW,
    LOOSE,
    MEASURE,
    NEGATION,
    NONE,
    NUMBER_SHIFT,
    OPPOSED,
    ROLE_SHIFT,
    SIGN,
    UNDENIED,
    UNIT_SHIFT,
    known,
    next_word,
)

__all__ = ["FROM", "QUE", "THAN", "scan"]

ECHOED = 6  # words after a denial in which "ningun" repeats it
FROM, THAN, QUE, CHOICE = 1, 3, 4, 10  # roles, by their place in the list


@compiled
def _note_asked(value: int, scratch: Any, side: int) -> None:
    """Note a word that asks for a thing, such as who, and how much."""
    state = STATE_ROOM + side * SIDE
    position = int(scratch[0, state + POSITION])
    if value & ASKS or (value & MEASURE and position > 1 and position - scratch[0, state + HOW_AT] == 1):
        scratch[0, state + ASKED] = 1
    if value & HOW:
        scratch[0, state + HOW_AT] = position


@compiled
def _count_denial(value: int, scratch: Any, side: int) -> None:
    state = STATE_ROOM + side * SIDE
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
    state = STATE_ROOM + side * SIDE
    scratch[0, state + POSITION] += 1
    position = int(scratch[0, state + POSITION])
    if value & (NEGATION | ECHO | UNDENIED):
        _count_denial(value, scratch, side)
    if value & COMPARATIVE:
        scratch[0, state + COMPARED_AT] = position
    if value & (ASKS | HOW | MEASURE):
        _note_asked(value, scratch, side)
    if value >> NUMBER_SHIFT & 255:
        note_number(value, start, scratch, side)
    role = value >> ROLE_SHIFT & 255
    if role == CHOICE:
        scratch[0, state + CHOICE_AT] = position
    if value & LOOSE == 0:
        bind(word, scratch, side)
    if role == 0 and value & OPPOSED:
        role = word
    if role == FROM and scratch[0, state + ROLE] != 0:
        role = 0  # antes de
    compared = int(scratch[0, state + COMPARED_AT])
    if role != 0 and role != CHOICE and (role != QUE or (compared and position - compared <= 3)):
        scratch[0, state + ROLE] = role
    if value & SIGN:
        keep_code(word, start, stop, scratch, side)
    else:
        keep_word(word, start, stop, value, scratch, side)


@compiled
def scan(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int, rows: int) -> None:
    """Read the text into the side's rooms of the scratch; `rows` is 0, or -1 where its words are not to be kept."""
    state, slots = STATE_ROOM + side * SIDE, slots_for(end - start)
    for place in range(state, state + SIDE):
        scratch[0, place] = 0
    scratch[0, state + PENDING] = -1
    scratch[0, state + INDEX] = slots
    scratch[0, state + ROWS] = rows
    for place in range(side * SLOTS, side * SLOTS + slots):
        scratch[4, place] = 0
    place, clear = start, start
    while True:
        begin, place, word, kind, clear = next_word(data, place, end, clear, tables)
        if kind == CODE:
            take_code(data, begin, place, tables, scratch, side)
            continue
        value = known(word, tables) if kind != NONE else 0
        unit = value >> UNIT_SHIFT & 255
        if unit and scratch[0, state + PENDING] < 0:
            unit_counted(unit, scratch, side)
        waited = scratch[0, state + PENDING] >= 0
        if waited:
            end_number(unit, place, scratch, side)
        if kind == NONE:
            break
        if not (waited and unit):
            _take_word(word, begin, place, value, scratch, side)
    if scratch[0, state + LISTED] == 1:
        first = STATE_ROOM + side * SIDE + FIRST
        keep_code(int(scratch[0, first]), int(scratch[0, first + 1]), int(scratch[0, first + 2]), scratch, side)
