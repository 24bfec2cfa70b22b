"""What makes two similar texts say different things, as kernels that other kernels call for every compared pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.alike import reversed_by_prefix
from curation.near.compiled import compiled
from curation.near.rooms import (
    ASKED,
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
    READ,
    REWORDED,
    ROWS,
    SIDE,
    SLOTS,
    STATE_ROOM,
    find_word,
    new_scratch,
)
from curation.near.same import same_bytes
from curation.near.scan import QUE, THAN, scan
from curation.near.texts import in_blocks
from curation.near.unmatched import EXPLAINED, SLIPPED, join_parts, leave, letters_in, replaced, sides_exclude
from curation.near.words import LOOSE, NEGATION, OPPOSED, OPPOSITE_ROOM, finished, listed, pair_of, tables

__all__ = [
    "ANSWER_LEEWAY",
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
    "guard_keys",
    "new_scratch",
    "qualified",
    "tables",
]

SAME, CHANGED_NUMBERS, DENIED, OPPOSITE, REPLACED, CHANGED_ORDER, OTHER_QUESTION = 0, 1, 2, 3, 4, 5, 6
QUESTION_LEEWAY = 0  # words that may stand in the place of others
ANSWER_LEEWAY = 1
BLOCK = 512  # texts for which another thread is worth its while


@compiled
def _key(data: Any, start: int, end: int, tables: Any, scratch: Any, side: int, rows: int) -> int:
    scan(data, start, end, tables, scratch, side, rows)
    state = STATE_ROOM + side * SIDE
    numbers, negations = int(scratch[0, state + NUMBERS]), int(scratch[0, state + NEGATIONS])
    return finished(numbers ^ ((negations & 0xFFFF) << 17)) & 0xFFFFFFFF


@compiled
def _keys(
    data: Any, starts: Any, first: int, last: int, tables: Any, side: int, rows: int, first_of: Any, keys: Any
) -> None:
    scratch = new_scratch()
    for number in range(first, last):
        if first_of[number] == number:
            keys[number] = _key(data, int(starts[number]), int(starts[number + 1]), tables, scratch, side, rows)


def guard_keys(data: Any, starts: Any, *, threads: int = 1, first: Any = None) -> npt.NDArray[np.uint32]:
    """A number for what each text says in numbers, codes and negations: texts with different ones are not the same.

    data    (bytes,) uint8, normal texts one after another
    starts  (texts + 1,) int64, where each begins
    first   (texts,) int64, for each the first that is the very same text, where that is known
    returns (texts,) uint32
    """
    first_of = np.arange(len(starts) - 1) if first is None else first
    keys = np.empty(len(starts) - 1, dtype=np.uint32)

    def work(start: int, stop: int) -> None:
        # numbers go in as values: numba would compile a kernel anew for each number that is written out
        _keys(data, starts, start, stop, tables(), 0, -1, first_of, keys)

    in_blocks(work, len(keys), threads, least=BLOCK)
    return keys if first is None else keys[first]


@compiled
def _forget_forms(scratch: Any, side: int) -> None:
    """Take back what a comparison said of the words of a side, as if they had only been read."""
    base = side * SLOTS
    for row in range(base, base + int(scratch[0, STATE_ROOM + side * SIDE + ROWS])):
        scratch[3, row] &= ~(EXPLAINED | SLIPPED)


@compiled
def _scan_both(
    data: Any, start1: int, end1: int, start2: int, end2: int, number: int, tables: Any, scratch: Any
) -> bool:
    """Read both texts, the first only if it is not the one of this number that was read last; -1: of none.

    Whether there was room for all words of both.
    """
    fits = True
    for side in range(2):  # a loop, since numba compiles a kernel anew for each number that is written out
        if side == 0 and number >= 0 and scratch[1, STATE_ROOM + READ] == number:
            _forget_forms(scratch, side)
        else:
            scan(data, start2 if side else start1, end2 if side else end1, tables, scratch, side, 0 * side)
        fits = fits and scratch[0, STATE_ROOM + side * SIDE + ROWS] >= 0
    scratch[1, STATE_ROOM + READ] = number
    return fits


@compiled
def _may_be_turned(first1: int, first2: int) -> bool:
    """d, i and u begin the prefixes that turn a word round."""
    return first1 in (100, 105, 117) or first2 in (100, 105, 117)


@compiled
def _opposed(data: Any, tables: Any, scratch: Any) -> bool:
    """Whether a word left on one side is turned round by one left on the other."""
    left1 = min(LEFT, int(scratch[0, STATE_ROOM + LEFT_COUNT]))
    left2 = min(LEFT, int(scratch[0, STATE_ROOM + SIDE + LEFT_COUNT]))
    for number in range(left1 * left2):
        place1, place2 = LEFT_ROOM + number // left2, LEFT_ROOM + LEFT + number % left2
        row1, row2 = int(scratch[0, place1]), int(scratch[0, place2])
        turned = False
        if scratch[3, row1] & OPPOSED and scratch[3, row2] & OPPOSED:
            turned = listed(pair_of(int(scratch[0, row1]), int(scratch[0, row2])), tables, OPPOSITE_ROOM)
        denials = (int(scratch[3, row1]) | int(scratch[3, row2])) & NEGATION  # unable and able: counted already
        if not turned and not denials and _may_be_turned(int(data[scratch[1, row1]]), int(data[scratch[1, row2]])):
            for side in range(2):
                scratch[1, place1 + side] = letters_in(data, row2 if side else row1, tables, scratch, side)
            length1, length2 = int(scratch[1, place1]), int(scratch[1, place1 + 1])
            turned = reversed_by_prefix(scratch, LETTER_ROOM, length1, LETTER_ROOM + LETTERS, length2, tables)
        if turned:
            scratch[2, LEFT_ROOM], scratch[2, LEFT_ROOM + 1] = row1, row2
            return True
    return False


@compiled
def _join_both(data: Any, start1: int, end1: int, start2: int, end2: int, tables: Any, scratch: Any) -> None:
    for side in range(2):
        join_parts(data, start2 if side else start1, end2 if side else end1, tables, scratch, side)


@compiled
def _replaced_words(data: Any, enough: int, tables: Any, scratch: Any) -> int:
    """How many words of weight of each text, at least, stand in the place of others; stops at `enough`."""
    fewest = enough
    for side in range(2):
        fewest = min(fewest, replaced(data, tables, scratch, side, enough))
    return fewest


@compiled
def _bound(role: int, word: int, scratch: Any, side: int) -> bool:
    room = BOUND_ROOM + side * BOUND
    for place in range(room, room + int(scratch[0, STATE_ROOM + side * SIDE + BOUND_COUNT])):
        if scratch[0, place] == role and scratch[2, place] == word:
            return True
    return False


@compiled
def _swapped(scratch: Any, near: int, far: int) -> bool:
    """Whether two words have changed places around from and to, than, instead of, or opposed words."""
    count1 = int(scratch[0, STATE_ROOM + BOUND_COUNT])
    count2 = int(scratch[0, STATE_ROOM + SIDE + BOUND_COUNT])
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
    data: Any, start1: int, end1: int, start2: int, end2: int, leeway: int, tables: Any, scratch: Any
) -> int:
    """Why the two normal texts do not say the same: SAME, CHANGED_NUMBERS, OPPOSITE, DENIED, REPLACED, CHANGED_ORDER.

    data     uint8 buffer; each text is the slice from its start to its end
    leeway   words of each text that may stand in the place of others; 0 for questions
    scratch  `new_scratch()`, one for each thread; what was found stays in it
    """
    return _difference(data, start1, end1, start2, end2, leeway, -1 - 0 * start1, tables, scratch)


@compiled
def _difference(
    data: Any, start1: int, end1: int, start2: int, end2: int, leeway: int, number: int, tables: Any, scratch: Any
) -> int:
    """`difference`, where the first text is the one of this number among those that the scratch is used for."""
    scratch[0, STATE_ROOM + REWORDED] = 0
    if same_bytes(data, start1, end1, start2, end2):
        return SAME
    fits = _scan_both(data, start1, end1, start2, end2, number, tables, scratch)
    if scratch[0, STATE_ROOM + NUMBERS] != scratch[0, STATE_ROOM + SIDE + NUMBERS]:
        return CHANGED_NUMBERS
    if not fits:
        return REPLACED  # more distinct words than there is room for
    left, most = 1, 0
    for side in range(2):
        count = leave(scratch, side)
        left, most = min(left, count), max(most, count)
    if left and _opposed(data, tables, scratch):
        return OPPOSITE
    if scratch[0, STATE_ROOM + NEGATIONS] != scratch[0, STATE_ROOM + SIDE + NEGATIONS]:
        return DENIED
    if left and most > LEFT:
        return REPLACED
    if left:
        _join_both(data, start1, end1, start2, end2, tables, scratch)
        if sides_exclude(scratch):
            return REPLACED
        words = _replaced_words(data, leeway + 1, tables, scratch)
        if words > leeway:
            return REPLACED
        scratch[0, STATE_ROOM + REWORDED] = words
    for side in range(1):
        if _swapped(scratch, side, 1 - side):
            return CHANGED_ORDER
    return SAME


@compiled
def _weigh_left(scratch: Any, side: int) -> None:
    """Note the words left on the side that have weight, where the next scan leaves them alone."""
    room, state = LEFT_ROOM + side * LEFT, STATE_ROOM + side * SIDE
    count = min(LEFT, int(scratch[0, state + LEFT_COUNT]))
    scratch[3, state] = count
    for place in range(room, room + count):
        row = int(scratch[0, place])
        value = int(scratch[3, row])
        explained = value & EXPLAINED and not value & SLIPPED
        scratch[3, place] = 0 if value & LOOSE or explained else scratch[0, row]


@compiled
def _weigh_both(data: Any, texts: tuple[int, int, int, int], tables: Any, scratch: Any) -> bool:
    """Note the words of weight that each of two questions, which were read, has and the other has not; if any."""
    left = 0
    for side in range(2):
        left += leave(scratch, side)
    if left == 0:
        return False
    start1, end1, start2, end2 = texts
    _join_both(data, start1, end1, start2, end2, tables, scratch)
    _replaced_words(data, LEFT + 1, tables, scratch)
    for side in range(2):
        _weigh_left(scratch, side)
    return True


@compiled
def _repeated(asked: Any, told: Any, side: int) -> bool:
    """Whether a word that only the side's question has is in its answer and in no other."""
    room = LEFT_ROOM + side * LEFT
    for place in range(room, room + int(asked[3, STATE_ROOM + side * SIDE])):
        word = int(asked[3, place])
        if word and find_word(word, told, side) >= 0 and find_word(word, told, 1 - side) < 0:
            return True
    return False


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

    For two pairs whose questions show no `difference`: "the password" and "the company password". Where only the
    question has the word, the same answer says that it changes nothing; and nobody slips twice, in question and
    answer: Iceland is not Ireland then.

    questions, answers  uint8 buffers
    asked, told         start and end of the one pair's question or answer, then of the other's
    """
    start1, end1, start2, end2 = asked
    if same_bytes(questions, start1, end1, start2, end2):
        return False
    if same_bytes(answers, told[0], told[1], told[2], told[3]):
        return False  # a word that one of the answers has the other one has too
    nobody = -1 - 0 * start1
    if not _scan_both(questions, start1, end1, start2, end2, nobody, tables, scratch):
        return True
    if not _weigh_both(questions, asked, tables, scratch):
        return False
    _scan_both(answers, told[0], told[1], told[2], told[3], nobody, tables, scratch)
    found = False
    for side in range(2):
        found = found or _repeated(scratch, scratch, side)
    return found


@compiled
def _ask_for_a_thing(
    data: Any, asked: tuple[int, int, int, int], same: bool, number: int, tables: Any, scratch: Any
) -> bool:
    """Whether one of two questions asks for a thing; questions that are the very same were not read yet."""
    if same:
        _scan_both(data, asked[0], asked[1], asked[2], asked[3], number, tables, scratch)
    return bool(scratch[0, STATE_ROOM + ASKED] or scratch[0, STATE_ROOM + SIDE + ASKED])


@compiled
def difference_of_pairs(
    questions: Any,
    asked: tuple[int, int, int, int],
    answers: Any,
    told: tuple[int, int, int, int],
    leeway: int,
    number: int,
    tables: Any,
    rooms: Any,
) -> int:
    """OTHER_QUESTION, or why the answers to one question do not say the same; SAME: the pairs are copies.

    Where who, which or how much is asked, no word of the answer may stand in the place of others, whatever the leeway:
    it may be what was asked for.

    questions, asked, answers, told  as for `qualified`
    leeway  words of each answer that may stand in the place of others
    number  of the first pair; what was read of it last time is not read again. -1: it may be any
    rooms   two of `new_scratch()`, for questions and for answers
    """
    for turn in range(2):
        data, (start1, end1, start2, end2) = (answers, told) if turn else (questions, asked)
        why = _difference(data, start1, end1, start2, end2, leeway * turn, number, tables, rooms[turn])
        if why != SAME:
            return why if turn else OTHER_QUESTION
    same_question = same_bytes(questions, asked[0], asked[1], asked[2], asked[3])
    reworded = rooms[1][0, STATE_ROOM + REWORDED] != 0
    if reworded and _ask_for_a_thing(questions, asked, same_question, number, tables, rooms[0]):
        return REPLACED
    if same_question or same_bytes(answers, told[0], told[1], told[2], told[3]):
        return SAME
    for side in range(2):
        _forget_forms(rooms[0], side)
    if _weigh_both(questions, asked, tables, rooms[0]):
        for side in range(2):
            if _repeated(rooms[0], rooms[1], side):
                return OTHER_QUESTION
    return SAME
