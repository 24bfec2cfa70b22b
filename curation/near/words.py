"""Words of normal texts, in kernels: cut, folded, hashed and looked up without making a string.

A text is a slice of UTF-8 bytes. Words are compared by a hash of their characters without accents, hyphens and
apostrophes, so "wi-fi" is "wifi" and "cómo" is "como". Whole numbers of at most 63 bits are all that is used, so
that the same code gives the same results interpreted.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near import wordlists
from curation.near.compiled import compiled

__all__ = [
    "ASKS",
    "CODE",
    "COMPARATIVE",
    "DISTINCT",
    "ECHO",
    "HOW",
    "LOOSE",
    "MEASURE",
    "NEGATION",
    "NUMBER_SHIFT",
    "OPPOSED",
    "SIGN",
    "SPACE",
    "TIMES",
    "UNDENIED",
    "WORD",
    "folded",
    "known",
    "listed",
    "next_word",
    "packed",
    "tables",
    "word_hash",
]

# What the table of letters says of signs: left out of a word, between words, and between codes too.
NOTHING, CUT, SPACE = 0, 1, 2
MASK = (1 << 40) - 1
FACTOR = 0x5BD1E5  # under 2**23, so that a hash of 40 bits times it stays under 2**63
MIXER = 0x6C8E9D
FOLDED = 0x1F00  # code points in the table; letters above have no accents to lose

# What is known of a word.
LOOSE, NEGATION, ECHO, OPPOSED, DISTINCT, COMPARATIVE, SIGN, UNDENIED = 1, 2, 4, 8, 16, 32, 64, 128
# ASKS: who; HOW and MEASURE: how much. All of eight bits: the unit, the role, the number in letters.
ASKS, HOW, MEASURE = 1 << 32, 1 << 33, 1 << 34
UNIT_SHIFT, ROLE_SHIFT, NUMBER_SHIFT = 8, 16, 24
TIMES = len(wordlists.TIMES.split("|"))  # the first units are those of time

NONE, WORD, CODE = 0, 1, 2  # kinds of a word that was cut


# Rooms of the one array of tables that all kernels are given, so that a changed list never meets an old kernel:
# the letter without accent of each code point or what it is else; an open table of known words and
# what is known of them; sorted, and filled up with FULL: two opposed words as one number, endings of two kinds.
KNOWN, MOST_ENDINGS = 1 << 13, 256
FOLDING_ROOM = 0
KEY_ROOM = FOLDING_ROOM + FOLDED
VALUE_ROOM = KEY_ROOM + KNOWN
OPPOSITE_ROOM = VALUE_ROOM + KNOWN
STEM_ROOM = OPPOSITE_ROOM + MOST_ENDINGS
ADDED_ROOM = STEM_ROOM + MOST_ENDINGS
TABLES = ADDED_ROOM + MOST_ENDINGS
FULL = (1 << 62) - 1


@compiled
def _decoded(data: Any, place: int, end: int) -> tuple[int, int]:
    """The code point at the place and the place after it; a byte that is no UTF-8 stands for itself."""
    first = int(data[place])
    if first < 0xC2 or first > 0xF4:
        return first, place + 1
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if place + size > end:
        return first, place + 1
    point = first & (0x7F >> size)
    for more in range(place + 1, place + size):
        byte = int(data[more])
        if byte & 0xC0 != 0x80:
            return first, place + 1
        point = (point << 6) | (byte & 0x3F)
    return point, place + size


@compiled
def folded(data: Any, place: int, end: int, tables: Any) -> tuple[int, int]:
    """The letter at the place without its accent, and the place after it; or NOTHING, CUT, SPACE."""
    first = int(data[place])
    if first < 128:
        return int(tables[first]), place + 1
    point, after = _decoded(data, place, end)
    if point < FOLDED:
        return int(tables[point]), after
    symbol = 0x2000 <= point < 0x2C00 and not 0x20A0 <= point < 0x20D0
    if symbol or 0xFE00 <= point < 0xFE10 or 0x1F000 <= point < 0x1FB00 or point == 0xFFFD:
        return 0, after
    return point, after


@compiled
def finished(state: int) -> int:
    """The hash of the characters that were taken in; never 0."""
    state ^= state >> 17
    state = (state * MIXER) & MASK
    return (state ^ (state >> 21)) | (1 << 40)


@compiled
def word_hash(data: Any, start: int, stop: int, tables: Any) -> int:
    """The hash of all letters of the slice as of one word, whatever stands between them; 0 where there is none."""
    state, place, letters = 0, start, 0
    while place < stop:
        letter, place = folded(data, place, stop, tables)
        if letter > SPACE:
            state = (state * FACTOR + letter) & MASK
            letters += 1
    return finished(state) if letters else 0


@compiled
def known(word: int, tables: Any) -> int:
    """What the lists know of the word with this hash; 0: nothing."""
    slot = word & (KNOWN - 1)
    while True:
        key = int(tables[KEY_ROOM + slot])
        if key == word:
            return int(tables[VALUE_ROOM + slot])
        if key == 0:
            return 0
        slot = (slot + 1) & (KNOWN - 1)


@compiled
def listed(number: int, tables: Any, room: int) -> bool:
    """Whether the number is one of the sorted ones of the room."""
    low, high = 0, MOST_ENDINGS
    while low < high:
        middle = (low + high) >> 1
        if int(tables[room + middle]) < number:
            low = middle + 1
        else:
            high = middle
    return low < MOST_ENDINGS and int(tables[room + low]) == number


@compiled
def _spaced(data: Any, place: int, tables: Any) -> bool:
    return bool(data[place] < 128 and tables[data[place]] == SPACE)


@compiled
def next_word(data: Any, place: int, end: int, clear: int, tables: Any) -> tuple[int, int, int, int, int]:
    """The next word at or after the place: start, stop, hash, kind, and up to where no digit comes.

    What stands between two spaces or brackets is one CODE where it has a digit or starts with "-"; else it is cut
    at signs such as "/" into WORDs. Of a code the hash is 0.
    """
    while place < end:
        fresh = place >= clear
        if fresh and _spaced(data, place, tables):
            place += 1
            continue
        start, state, letters, digit = place, 0, 0, False
        stop = end if fresh else clear
        while place < stop:
            letter, after = folded(data, place, stop, tables)
            if letter in (CUT, SPACE):
                break
            if letter:
                state = (state * FACTOR + letter) & MASK
                letters += 1
            digit = digit or 48 <= data[place] <= 57
            place = after
        if fresh:
            clear = place
            while clear < end and not _spaced(data, clear, tables):
                digit = digit or 48 <= data[clear] <= 57
                clear += 1
            if digit or (data[start] == 45 and clear > start + 1):
                return start, clear, 0, CODE, clear
        if letters:
            return start, place, finished(state), WORD, clear
        place = place + 1 if place < clear else place
    return end, end, 0, NONE, clear


@compiled
def pair_of(one: int, other: int) -> int:
    """One number for two words, whichever comes first."""
    return finished((one + other) & MASK)


def packed(ending: str) -> int:
    """An ending of at most 8 letters a-z as one number."""
    number = 0
    for letter in ending:
        number = number * 32 + ord(letter) - 96
    return number


def _fold_letters(made: Any) -> None:
    for point in range(FOLDED):
        letter = unicodedata.normalize("NFD", chr(point).lower())[0]
        if letter.isalnum() or chr(point) in "+#&@%$£¥":
            made[point] = ord(letter)
    for signs, meaning in (("/,;{}=\\\u00a0¿¡«»", CUT), (' ()[]<>|"\t\n\r', SPACE)):
        for sign in signs:
            made[ord(sign)] = meaning


def _hash(word: str, made: Any) -> int:
    data = np.frombuffer(word.encode(), dtype=np.uint8).copy()
    return int(word_hash(data, 0, len(data), made))


def _known_words(made: Any) -> dict[int, int]:
    lists = (
        (wordlists.LOOSE, LOOSE),
        (wordlists.NEGATIONS, NEGATION | LOOSE),
        (wordlists.ECHOES, ECHO | LOOSE),
        (wordlists.OPPOSED.replace("|", " "), OPPOSED),
        (wordlists.DISTINCT, DISTINCT),
        (wordlists.COMPARATIVES, COMPARATIVE),
        (wordlists.SIGNS, SIGN),
        (wordlists.UNDENIED, UNDENIED | LOOSE),
        (wordlists.ASKING, ASKS),
        (wordlists.HOW, HOW),
        (wordlists.MEASURES, MEASURE),
    )
    entries = [(word, flag) for words, flag in lists for word in words.split()]
    units = f"{wordlists.TIMES}|{wordlists.UNITS}"
    for numbered, shift in ((units, UNIT_SHIFT), (wordlists.ROLES, ROLE_SHIFT)):
        for number, entry in enumerate(numbered.split("|"), start=1):
            entries.extend((word, number << shift) for word in entry.split())
    for entry in wordlists.NUMBERS.split("|"):
        count, *words = entry.split()
        entries.extend((word, int(count) << NUMBER_SHIFT) for word in words)
    known_words: dict[int, int] = {}
    for word, flag in entries:
        key = _hash(word, made)
        known_words[key] = known_words.get(key, 0) | flag
    return known_words


@functools.cache
def tables() -> npt.NDArray[np.int64]:
    """The word lists as the kernels read them; made once in a process."""
    made = np.zeros(TABLES, dtype=np.int64)
    _fold_letters(made)
    folding = made[:]
    folding.setflags(write=False)  # as the tables will be: for numba another type, compiled apart
    for key, flag in _known_words(folding).items():
        slot = key & (KNOWN - 1)
        while made[KEY_ROOM + slot]:
            slot = (slot + 1) & (KNOWN - 1)
        made[KEY_ROOM + slot], made[VALUE_ROOM + slot] = key, flag
    opposed = [entry.split() for entry in wordlists.OPPOSED.split("|")]
    pairs = {int(pair_of(_hash(one, folding), _hash(other, folding))) for one, other in opposed}
    stem, added = ({packed(ending) for ending in words.split()} for words in (wordlists.STEM, wordlists.ADDED))
    for room, numbers in ((OPPOSITE_ROOM, pairs), (STEM_ROOM, stem), (ADDED_ROOM, added)):
        made[room : room + MOST_ENDINGS] = FULL
        made[room : room + len(numbers)] = sorted(numbers)
    made.setflags(write=False)
    return made
