"""Numbers and codes of a normal text: 1.500 is 1500, 5GB is 5 GB, two weeks are 2 weeks, X-100 is X100. Kernels."""

from __future__ import annotations

from typing import Any

from curation.near.compiled import compiled
from curation.near.rooms import (
    COUNTED,
    COUNTED_AT,
    COUNTED_START,
    FIRST,
    FIRST_START,
    FIRST_STOP,
    LISTED,
    LISTED_AT,
    PENDING,
    PENDING_START,
    PENDING_STOP,
    POSITION,
    SIDE,
    STATE_ROOM,
    VALUE,
    keep_code,
)
from curation.near.words import FACTOR, MASK, NUMBER_SHIFT, TIMES, UNIT_SHIFT, finished, folded, known, word_hash

__all__ = ["end_number", "note_number", "take_code", "unit_counted"]

ARTICLE = 255  # the number of "a": one before a unit of time, and Spanish for "to" before others


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
def end_number(unit: int, stop: int, scratch: Any, side: int) -> None:
    """Keep the number that waited for its unit (0: it has none), unless it is the next number of a list."""
    state = STATE_ROOM + side * SIDE
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
    keep_code(code, start, stop, scratch, side)


@compiled
def take_code(data: Any, start: int, stop: int, tables: Any, scratch: Any, side: int) -> None:
    """A word with a digit: a number, one with its unit (5GB, €30), or a code; or an option of a command."""
    state = STATE_ROOM + side * SIDE
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
    end_number(0, stop, scratch, side)
    scratch[0, state + POSITION] += 1
    begun = 1 if until == place else 0
    if until == place:
        code = finished(_code_state(data, start, stop, begun, tables))
        keep_code(code, start, stop, scratch, side)
        return
    number_stop = until if unit else stop
    scratch[0, state + PENDING] = _code_state(data, place, number_stop, begun, tables)
    scratch[0, state + PENDING_START] = start
    scratch[0, state + PENDING_STOP] = stop
    scratch[0, state + VALUE] = value if plain and until - place <= 2 else 0
    if unit:
        end_number(unit, stop, scratch, side)


@compiled
def note_number(value: int, start: int, scratch: Any, side: int) -> None:
    """Remember a number in letters as if it had been written in digits, until its unit comes."""
    state, number = STATE_ROOM + side * SIDE, value >> NUMBER_SHIFT & 255
    count = 1 if number == ARTICLE else number
    digits = 48 + count % 10
    if count > 9:
        digits = (48 + count // 10) * FACTOR + digits
    scratch[0, state + COUNTED] = -digits if number == ARTICLE else digits
    scratch[0, state + COUNTED_AT] = scratch[0, state + POSITION]
    scratch[0, state + COUNTED_START] = start


@compiled
def unit_counted(unit: int, scratch: Any, side: int) -> None:
    """Where the last word was the number of this unit, let that number wait for it."""
    state = STATE_ROOM + side * SIDE
    digits = int(scratch[0, state + COUNTED])
    if digits == 0 or scratch[0, state + COUNTED_AT] != scratch[0, state + POSITION]:
        return
    if digits > 0 or unit <= TIMES:
        scratch[0, state + PENDING] = abs(digits)
        scratch[0, state + PENDING_START] = scratch[0, state + COUNTED_START]
        scratch[0, state + VALUE] = 0
