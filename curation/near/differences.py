"""What makes two similar texts say different things, as kernels that other kernels call for every compared pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.alike import A_SLIP, alike, letters_of, reversed_by_prefix
from curation.near.compiled import compiled
from curation.near.scan import (
    BOUND,
    BOUND_COUNT,
    BOUND_ROOM,
    LEFT,
    LEFT_COUNT,
    LEFT_ROOM,
    LETTER_ROOM,
    LETTERS,
    NEGATIONS,
    NUMBERS,
    QUE,
    ROWS,
    SLOTS,
    STATE_ROOM,
    THAN,
    find_word,
    new_scratch,
    scan,
)
from curation.near.texts import in_blocks
from curation.near.words import (
    DISTINCT,
    LOOSE,
    NEGATION,
    OPPOSED,
    OPPOSITE_ROOM,
    finished,
    listed,
    pair_of,
    tables,
    word_hash,
)

__all__ = [
    "CHANGED_NUMBERS",
    "CHANGED_ORDER",
    "DENIED",
    "OPPOSITE",
    "REPLACED",
    "SAME",
    "difference",
    "guard_keys",
    "new_scratch",
    "qualified",
    "tables",
]

SAME, CHANGED_NUMBERS, DENIED, OPPOSITE, REPLACED, CHANGED_ORDER = 0, 1, 2, 3, 4, 5
BLOCK = 512  # texts for which another thread is worth its while
# Marks of a word that the other text has in another form, and of one that it has with a slip.
EXPLAINED, SLIPPED = 1 << 40, 1 << 41


@compiled
def _key(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int) -> int:
    scan(data, start, end, tables, scratch, side)
    state = STATE_ROOM + side * 32
    numbers, negations = int(scratch[0, state + NUMBERS]), int(scratch[0, state + NEGATIONS])
    return finished(numbers ^ ((negations & 0xFFFF) << 17)) & 0xFFFFFFFF


@compiled
def _keys(data: Any, starts: Any, first: int, last: int, tables: Any, side: int, keys: Any) -> None:
    scratch = new_scratch()
    for number in range(first, last):
        keys[number] = _key(data, int(starts[number]), int(starts[number + 1]), tables, scratch, side)


def guard_keys(data: Any, starts: Any, *, threads: int = 1) -> npt.NDArray[np.uint32]:
    """A number for what each text says in numbers, codes and negations: texts with different ones are not the same.

    data    (bytes,) uint8, normal texts one after another
    starts  (texts + 1,) int64, where each begins
    returns (texts,) uint32
    """
    keys = np.empty(len(starts) - 1, dtype=np.uint32)

    def work(first: int, last: int) -> None:
        # the side goes in as a value: numba would compile a kernel anew for each number that is written out
        _keys(data, starts, first, last, tables(), 0, keys)

    in_blocks(work, len(keys), threads, least=BLOCK)
    return keys


@compiled
def _scan_both(one: Any, start1: int, end1: int, other: Any, start2: int, end2: int, tables: Any, scratch: Any) -> None:
    for side in range(2):  # a loop, since numba compiles a kernel anew for each number that is written out
        if side == 0:
            scan(one, start1, end1, tables, scratch, side)
        else:
            scan(other, start2, end2, tables, scratch, side)


@compiled
def _leave(scratch: Any, side: int) -> int:
    """List the words that the other side has not; how many there are."""
    base, state, room = side * SLOTS, STATE_ROOM + side * 32, LEFT_ROOM + side * LEFT
    count = 0
    for row in range(base, base + int(scratch[0, state + ROWS])):
        if find_word(int(scratch[0, row]), scratch, 1 - side) < 0:
            if count < LEFT:
                scratch[0, room + count] = row
            count += 1
    scratch[0, state + LEFT_COUNT] = count
    return count


@compiled
def _letters(one: Any, other: Any, row: int, tables: Any, scratch: Any, side: int) -> int:
    """Lay the letters of the word in this row into the side's room."""
    start, stop, base = int(scratch[1, row]), int(scratch[2, row]), LETTER_ROOM + side * LETTERS
    if side == 0:
        return letters_of(one, start, stop, tables, scratch, base)
    return letters_of(other, start, stop, tables, scratch, base)


@compiled
def _may_be_turned(first1: int, first2: int) -> bool:
    """d, i and u begin the prefixes that turn a word round."""
    return first1 in (100, 105, 117) or first2 in (100, 105, 117)


@compiled
def _opposed(one: Any, other: Any, tables: Any, scratch: Any) -> bool:
    """Whether a word left on one side is turned round by one left on the other."""
    left1 = min(LEFT, int(scratch[0, STATE_ROOM + LEFT_COUNT]))
    left2 = min(LEFT, int(scratch[0, STATE_ROOM + 32 + LEFT_COUNT]))
    for number in range(left1 * left2):
        place1, place2 = LEFT_ROOM + number // left2, LEFT_ROOM + LEFT + number % left2
        row1, row2 = int(scratch[0, place1]), int(scratch[0, place2])
        turned = False
        if scratch[3, row1] & OPPOSED and scratch[3, row2] & OPPOSED:
            turned = listed(pair_of(int(scratch[0, row1]), int(scratch[0, row2])), tables, OPPOSITE_ROOM)
        denials = (int(scratch[3, row1]) | int(scratch[3, row2])) & NEGATION  # unable and able: counted already
        if not turned and not denials and _may_be_turned(int(one[scratch[1, row1]]), int(other[scratch[1, row2]])):
            for side in range(2):
                row = row1 if side == 0 else row2
                scratch[1, place1 + side] = _letters(one, other, row, tables, scratch, side)
            length1, length2 = int(scratch[1, place1]), int(scratch[1, place1 + 1])
            turned = reversed_by_prefix(scratch, LETTER_ROOM, length1, LETTER_ROOM + LETTERS, length2, tables)
        if turned:
            scratch[2, LEFT_ROOM], scratch[2, LEFT_ROOM + 1] = row1, row2
            return True
    return False


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
def _join_parts(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int) -> None:
    """Explain words left that with their neighbour are one word of the other side: wi fi, wifi."""
    room = LEFT_ROOM + side * LEFT
    for place in range(room, room + min(LEFT, int(scratch[0, STATE_ROOM + side * 32 + LEFT_COUNT]))):
        row = int(scratch[0, place])
        for turn in range(2):
            joined = _joined(data, start, end, row, turn == 1, tables, scratch)
            found = find_word(joined, scratch, 1 - side) if joined else -1
            if found >= 0:
                scratch[3, row] |= EXPLAINED
                scratch[3, found] |= EXPLAINED


@compiled
def _join_both(one: Any, start1: int, end1: int, other: Any, start2: int, end2: int, tables: Any, scratch: Any) -> None:
    for side in range(2):
        if side == 0:
            _join_parts(one, start1, end1, tables, scratch, side)
        else:
            _join_parts(other, start2, end2, tables, scratch, side)


@compiled
def _may_be_alike(one: Any, other: Any, row1: int, row2: int, scratch: Any) -> bool:
    """A quick look at the lengths and the first bytes."""
    start1, start2 = int(scratch[1, row1]), int(scratch[1, row2])
    size1, size2 = int(scratch[2, row1]) - start1, int(scratch[2, row2]) - start2
    if size1 < 3 or size2 < 3 or abs(size1 - size2) > 9:
        return False
    first1, first2 = int(one[start1]), int(other[start2])
    if first1 == first2 or first1 == 104 or first2 == 104 or first1 >= 128 or first2 >= 128:
        return True
    return int(one[start1 + 1]) == first2 and int(other[start2 + 1]) == first1


@compiled
def _has_form(one: Any, other: Any, row: int, tables: Any, scratch: Any, side: int) -> bool:
    """Whether a word of the other side may be a form or a slip of the one in this row of this side."""
    far = (1 - side) * SLOTS
    length = -1
    for row2 in range(far, far + int(scratch[0, STATE_ROOM + (1 - side) * 32 + ROWS])):
        if scratch[3, row] & scratch[3, row2] & DISTINCT:
            continue
        if not _may_be_alike(one, other, row if side == 0 else row2, row2 if side == 0 else row, scratch):
            continue
        if length < 0:
            length = _letters(one, other, row, tables, scratch, side)
        length2 = _letters(one, other, row2, tables, scratch, 1 - side)
        mine, others = LETTER_ROOM + side * LETTERS, LETTER_ROOM + (1 - side) * LETTERS
        how = alike(scratch, mine, length, others, length2, tables)
        if how:
            mark = EXPLAINED | SLIPPED if how == A_SLIP else EXPLAINED
            scratch[3, row] |= mark
            scratch[3, row2] |= mark
            return True
    return False


@compiled
def _replaced(one: Any, other: Any, tables: Any, scratch: Any, side: int, enough: int) -> int:
    """How many words of weight are left on the side that the other has in no form; stops at `enough`."""
    room, count = LEFT_ROOM + side * LEFT, 0
    for place in range(room, room + min(LEFT, int(scratch[0, STATE_ROOM + side * 32 + LEFT_COUNT]))):
        row = int(scratch[0, place])
        value = int(scratch[3, row])
        if value & (LOOSE | EXPLAINED):
            continue
        if _has_form(one, other, row, tables, scratch, side):
            continue
        count += 1
        if count >= enough:
            break
    return count


@compiled
def _has_distinct(scratch: Any, side: int) -> bool:
    """Whether a month, a number in letters or the like is left, though it may also be another word: may."""
    room = LEFT_ROOM + side * LEFT
    for place in range(room, room + min(LEFT, int(scratch[0, STATE_ROOM + side * 32 + LEFT_COUNT]))):
        if scratch[3, int(scratch[0, place])] & (DISTINCT | EXPLAINED) == DISTINCT:
            return True
    return False


@compiled
def _reworded(
    one: Any, start1: int, end1: int, other: Any, start2: int, end2: int, leeway: int, tables: Any, scratch: Any
) -> bool:
    """Whether more words than the leeway stand in the place of others."""
    _join_both(one, start1, end1, other, start2, end2, tables, scratch)
    if _has_distinct(scratch, 0) and _has_distinct(scratch, 1):
        return True
    fewest = leeway + 1
    for side in range(2):
        fewest = min(fewest, _replaced(one, other, tables, scratch, side, leeway + 1))
    return fewest > leeway


@compiled
def _bound(role: int, word: int, scratch: Any, side: int) -> bool:
    room = BOUND_ROOM + side * BOUND
    for place in range(room, room + int(scratch[0, STATE_ROOM + side * 32 + BOUND_COUNT])):
        if scratch[0, place] == role and scratch[2, place] == word:
            return True
    return False


@compiled
def _swapped(scratch: Any, near: int, far: int) -> bool:
    """Whether two words have changed places around from and to, than, instead of, or opposed words."""
    count1 = int(scratch[0, STATE_ROOM + BOUND_COUNT])
    count2 = int(scratch[0, STATE_ROOM + 32 + BOUND_COUNT])
    for place1 in range(BOUND_ROOM, BOUND_ROOM + count1):
        role, before, word = int(scratch[0, place1]), int(scratch[1, place1]), int(scratch[2, place1])
        if _bound(role, word, scratch, far):
            continue
        for place2 in range(BOUND_ROOM + BOUND, BOUND_ROOM + BOUND + count2):
            last = int(scratch[2, place2])
            if scratch[0, place2] != role or last == word or _bound(role, last, scratch, near):
                continue
            swapped = 1 < role < 64 and before == last and scratch[1, place2] == word
            if role in (THAN, QUE):
                swapped = find_word(last, scratch, near) >= 0 and find_word(word, scratch, far) >= 0
            for place in range(BOUND_ROOM, BOUND_ROOM + count1):
                second = int(scratch[0, place])
                if second != role and scratch[2, place] == last and _bound(second, word, scratch, far):
                    swapped = True
            if swapped:
                scratch[2, LEFT_ROOM], scratch[2, LEFT_ROOM + 1] = place1, place2
                return True
    return False


@compiled
def difference(
    one: Any,
    start1: int,
    end1: int,
    other: Any,
    start2: int,
    end2: int,
    leeway: int,
    tables: Any,
    scratch: Any,
) -> int:
    """Why the two normal texts do not say the same: SAME, CHANGED_NUMBERS, OPPOSITE, DENIED, REPLACED, CHANGED_ORDER.

    one, other  uint8 buffers; each text is the slice from its start to its end
    leeway      words of each text that may stand in the place of others; 0 for questions
    scratch     `new_scratch()`, one for each thread; what was found stays in it
    """
    if end1 - start1 == end2 - start2:
        place = 0
        while place < end1 - start1 and one[start1 + place] == other[start2 + place]:
            place += 1
        if place == end1 - start1:
            return SAME
    _scan_both(one, start1, end1, other, start2, end2, tables, scratch)
    if scratch[0, STATE_ROOM + NUMBERS] != scratch[0, STATE_ROOM + 32 + NUMBERS]:
        return CHANGED_NUMBERS
    if scratch[0, STATE_ROOM + ROWS] < 0 or scratch[0, STATE_ROOM + 32 + ROWS] < 0:
        return REPLACED  # more distinct words than there is room for
    left, most = 1, 0
    for side in range(2):
        count = _leave(scratch, side)
        left, most = min(left, count), max(most, count)
    if left and _opposed(one, other, tables, scratch):
        return OPPOSITE
    if scratch[0, STATE_ROOM + NEGATIONS] != scratch[0, STATE_ROOM + 32 + NEGATIONS]:
        return DENIED
    if left and most > LEFT:
        return REPLACED
    if left and _reworded(one, start1, end1, other, start2, end2, leeway, tables, scratch):
        return REPLACED
    for side in range(1):
        if _swapped(scratch, side, 1 - side):
            return CHANGED_ORDER
    return SAME


@compiled
def _weigh_left(scratch: Any, side: int) -> None:
    """Note the words left on the side that have weight, where the next scan leaves them alone."""
    room = LEFT_ROOM + side * LEFT
    for place in range(room, room + min(LEFT, int(scratch[0, STATE_ROOM + side * 32 + LEFT_COUNT]))):
        row = int(scratch[0, place])
        value = int(scratch[3, row])
        explained = value & EXPLAINED and not value & SLIPPED
        scratch[3, place] = 0 if value & LOOSE or explained else scratch[0, row]


@compiled
def qualified(
    questions: Any,
    asked: tuple[int, int, int, int],
    answers: Any,
    told: tuple[int, int, int, int],
    tables: Any,
    scratch: Any,
) -> bool:
    """Whether one pair's question and its answer both name a word of weight that the other pair has in neither.

    For two pairs whose texts show no `difference`: "the password" and "the company password". Where only the
    question has the word, the same answer says that it changes nothing; and nobody slips twice, in question and
    answer: Iceland is not Ireland then.

    questions, answers  uint8 buffers
    asked, told         start and end of the one pair's question or answer, then of the other's
    """
    _scan_both(questions, asked[0], asked[1], questions, asked[2], asked[3], tables, scratch)
    if scratch[0, STATE_ROOM + ROWS] < 0 or scratch[0, STATE_ROOM + 32 + ROWS] < 0:
        return True
    left = 0
    for side in range(2):
        left += _leave(scratch, side)
    if left == 0:
        return False
    _join_both(questions, asked[0], asked[1], questions, asked[2], asked[3], tables, scratch)
    for side in range(2):
        _replaced(questions, questions, tables, scratch, side, LEFT + 1)
    for side in range(2):
        _weigh_left(scratch, side)
    left1, left2 = int(scratch[0, STATE_ROOM + LEFT_COUNT]), int(scratch[0, STATE_ROOM + 32 + LEFT_COUNT])
    _scan_both(answers, told[0], told[1], answers, told[2], told[3], tables, scratch)
    for side in range(2):
        room, count = LEFT_ROOM + side * LEFT, left1 if side == 0 else left2
        for place in range(room, room + min(LEFT, count)):
            word = int(scratch[3, place])
            if word and find_word(word, scratch, side) >= 0 and find_word(word, scratch, 1 - side) < 0:
                scratch[2, LEFT_ROOM], scratch[2, LEFT_ROOM + 1] = side, word
                return True
    return False
