"""Whether two words may be one word: a slip of the keyboard, or another form of it. Kernels.

The letters of both words lie in the scratch, without accents, one to a place of row 0.
"""

from __future__ import annotations

from typing import Any

from curation.near.compiled import compiled
from curation.near.words import ADDED_ROOM, SPACE, STEM_ROOM, folded, listed

__all__ = ["A_SLIP", "LONGEST", "alike", "letters_of", "reversed_by_prefix"]

# where the keys of a to z lie, row by row
KEYS = (20, 44, 42, 22, 2, 23, 24, 25, 7, 26, 27, 28, 46, 45, 8, 9, 0, 3, 21, 4, 6, 43, 1, 41, 5, 40)
A_FORM, A_SLIP = 1, 2
SILENT = 104  # the h that is often forgotten, or written where there is none
LONGEST = 32  # letters; a longer word is only ever itself
VOWELS = (1 << 97 - 97) | (1 << 101 - 97) | (1 << 105 - 97) | (1 << 111 - 97) | (1 << 117 - 97) | (1 << 121 - 97)


@compiled
def letters_of(data: Any, start: int, stop: int, tables: Any, scratch: Any, base: int) -> int:
    """Lay the word's letters down from the base on; how many there are, LONGEST + 1 if too many."""
    place, count = start, 0
    while place < stop:
        letter, place = folded(data, place, stop, tables)
        if letter > SPACE:
            if count > 1 and scratch[0, base + count - 1] == letter and scratch[0, base + count - 2] == letter:
                continue  # pleeease
            if count == LONGEST:
                return LONGEST + 1
            scratch[0, base + count] = letter
            count += 1
    return count


@compiled
def _ending(scratch: Any, start: int, stop: int) -> int:
    """The letters as one number; -1 for what is no ending."""
    if stop - start > 8:
        return -1
    number = 0
    for place in range(start, stop):
        letter = int(scratch[0, place]) - 96
        if letter < 1 or letter > 26:
            return -1
        number = number * 32 + letter
    return number


@compiled
def _vowel(letter: int) -> bool:
    return 97 <= letter <= 122 and (VOWELS >> (letter - 97)) & 1 == 1


@compiled
def _one_form(scratch: Any, one: int, length1: int, other: int, length2: int, tables: Any) -> bool:
    """pag-o and pag-ar, card and card-s, plan and plan-ned, activa and activa-do."""
    shared, least = 0, min(length1, length2)
    while shared < least and scratch[0, one + shared] == scratch[0, other + shared]:
        shared += 1
    if shared < 3:
        return False
    last = int(scratch[0, one + shared - 1])
    if shared == least:
        longer, stop = (one, one + length1) if length1 > length2 else (other, other + length2)
        first = int(scratch[0, longer + shared])
        if first == last and stop - longer > shared + 1 and not _vowel(last):
            shared += 1  # the doubled consonant of cancel-led
        elif first in (98, 100, 110, 114) and not _vowel(last):
            return False  # b d n r come after a vowel only: a card is no car
        return listed(_ending(scratch, longer + shared, stop), tables, ADDED_ROOM)
    long = max(length1, length2) - shared > 2
    vowels = _vowel(int(scratch[0, one + shared])) and _vowel(int(scratch[0, other + shared]))
    if not long and not vowels and not _vowel(last):
        return False  # cars and card
    ending1 = _ending(scratch, one + shared, one + length1)
    ending2 = _ending(scratch, other + shared, other + length2)
    return listed(ending1, tables, STEM_ROOM) and listed(ending2, tables, STEM_ROOM)


@compiled
def _beside(one: int, other: int) -> bool:
    """Whether the keys of two letters are neighbours in a row."""
    if one < 97 or one > 122 or other < 97 or other > 122:
        return False
    return abs(KEYS[one - 97] - KEYS[other - 97]) == 1


@compiled
def _one_slip(scratch: Any, one: int, length1: int, other: int, length2: int, longest: int) -> bool:
    """A letter too many, too few, another one or two in each other's place, or nothing at all.

    Another letter: any in words of six letters and more, the key beside it in words of five.
    """
    while length1 and length2 and scratch[0, one] == scratch[0, other]:
        one, other, length1, length2 = one + 1, other + 1, length1 - 1, length2 - 1
    while length1 and length2 and scratch[0, one + length1 - 1] == scratch[0, other + length2 - 1]:
        length1, length2 = length1 - 1, length2 - 1
    if length1 + length2 <= 1:
        return True
    if length1 == 1 and length2 == 1:
        return longest > 5 or (longest == 5 and _beside(int(scratch[0, one]), int(scratch[0, other])))
    crossed = length1 == 2 and length2 == 2
    return crossed and scratch[0, one] == scratch[0, other + 1] and scratch[0, one + 1] == scratch[0, other]


@compiled
def _slips(scratch: Any, one: int, length1: int, other: int, length2: int) -> bool:
    """One slip in words of 5 to 8 letters, two in longer ones; in 4 letters two in each other's place."""
    longest, least = max(length1, length2), min(length1, length2)
    if least < 4 or longest - least > 2:
        return False
    if scratch[0, one] != scratch[0, other]:
        if scratch[0, one] == SILENT and length1 == length2 + 1:
            return _one_slip(scratch, one + 1, length1 - 1, other, length2, least - 4)
        if scratch[0, other] == SILENT and length2 == length1 + 1:
            return _one_slip(scratch, one, length1, other + 1, length2 - 1, least - 4)
        crossed = scratch[0, one] == scratch[0, other + 1] and scratch[0, one + 1] == scratch[0, other]
        return crossed and length1 == length2 and _one_slip(scratch, one, length1, other, length2, least)
    if longest < 9:
        return (longest > 4 or length1 == length2) and _one_slip(scratch, one, length1, other, length2, longest)
    while length1 and length2 and scratch[0, one] == scratch[0, other]:
        one, other, length1, length2 = one + 1, other + 1, length1 - 1, length2 - 1
    if length1 == 0 or length2 == 0:
        return True
    crossed = length1 > 1 and length2 > 1
    crossed = crossed and scratch[0, one] == scratch[0, other + 1] and scratch[0, one + 1] == scratch[0, other]
    return (
        _one_slip(scratch, one + 1, length1 - 1, other, length2, longest)
        or _one_slip(scratch, one, length1, other + 1, length2 - 1, longest)
        or _one_slip(scratch, one + 1, length1 - 1, other + 1, length2 - 1, longest)
        or (crossed and _one_slip(scratch, one + 2, length1 - 2, other + 2, length2 - 2, longest))
    )


@compiled
def _other_gender(scratch: Any, one: int, length1: int, other: int, length2: int) -> bool:
    """a and o in each other's place at the end, or before a last s."""
    shared, least = 0, min(length1, length2)
    while shared < least and scratch[0, one + shared] == scratch[0, other + shared]:
        shared += 1
    if shared == least or length1 > shared + 2 or length2 > shared + 2:
        return False
    letter1, letter2 = int(scratch[0, one + shared]), int(scratch[0, other + shared])
    if letter1 + letter2 != 97 + 111 or letter1 == letter2:
        return False
    plural1 = length1 == shared + 1 or scratch[0, one + shared + 1] == 115
    plural2 = length2 == shared + 1 or scratch[0, other + shared + 1] == 115
    return plural1 and plural2


@compiled
def alike(scratch: Any, one: int, length1: int, other: int, length2: int, tables: Any) -> int:
    """A_FORM or A_SLIP where the words laid down at the two places may be one, else 0; adsl and vdsl are not.

    Another gender counts as a slip: amigo and amiga, and names such as Mario and Maria.
    """
    if length1 > LONGEST or length2 > LONGEST:
        return 0
    if _one_form(scratch, one, length1, other, length2, tables):
        return A_SLIP if _other_gender(scratch, one, length1, other, length2) else A_FORM
    return A_SLIP if _slips(scratch, one, length1, other, length2) else 0


@compiled
def _prefix(scratch: Any, word: int, length: int) -> int:
    """How long the reversing prefix is: dis, des; de, un, in, im; 0: none."""
    if length < 6:
        return 0
    first, second, third = int(scratch[0, word]), int(scratch[0, word + 1]), int(scratch[0, word + 2])
    if first == 100 and (second == 101 or second == 105) and third == 115:
        return 3
    if first == 117 and second == 110:
        return 2
    if first == 105 and (second == 110 or second == 109):
        return 2
    return 2 if first == 100 and second == 101 else 0


@compiled
def reversed_by_prefix(scratch: Any, one: int, length1: int, other: int, length2: int, tables: Any) -> bool:
    """Whether one word is the other, or a form of it, turned round: activo and desactivar, lock and unlock."""
    if length1 > LONGEST or length2 > LONGEST:
        return False
    if length1 < length2:
        one, length1, other, length2 = other, length2, one, length1
    before = _prefix(scratch, one, length1)
    if before == 0 or length2 < 4:
        # the shorter may bear the prefix where the other has a long ending
        one, length1, other, length2 = other, length2, one, length1
        before = _prefix(scratch, one, length1)
        if before == 0:
            return False
    if length1 - before == length2:
        same = True
        for place in range(length2):
            same = same and scratch[0, one + before + place] == scratch[0, other + place]
        if same:
            return True
    if length1 - before < 4 or length2 < 4:
        return False
    return _one_form(scratch, one + before, length1 - before, other, length2, tables)
