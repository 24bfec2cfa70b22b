"""The shingles of a text, a window at a time, and sets of them: what all kernels read texts through.

A document may be as long as it likes: what is held of it is one window, and a set of bounded size that
is filled again and again with a part of the shingles where they do not fit together.

XXH32: github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.compiled import compiled
from curation.near.letters import PLANES, code_point

__all__ = [
    "ROOM",
    "TABLE",
    "exact_size",
    "part_of",
    "place_of",
    "put",
    "shingle_keys",
    "shingles_from",
    "slot_of",
    "slots",
    "spread",
    "spread_hashes",
    "xxh32",
]

RUN = 16  # bytes that are looked at together
WINDOW = 4096  # bytes of folded text that are held at a time
ROOM = WINDOW + 128  # and what one more letter and the padding may add
TABLE = 1 << 15  # slots of the set of one text
BIG = 1 << 17  # slots of the set of a long one


@compiled
def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF


@compiled
def _word(data: Any, at: int) -> int:
    return int(data[at]) | int(data[at + 1]) << 8 | int(data[at + 2]) << 16 | int(data[at + 3]) << 24


@compiled
def _lane(acc: int, word: int) -> int:
    return (_rotated((acc + word * 2246822519) & 0xFFFFFFFF, 13) * 2654435761) & 0xFFFFFFFF


@compiled
def xxh32(data: Any, at: int, size: int) -> int:
    """XXH32 with seed 0 of `size` bytes from here."""
    end = at + size
    if size >= 16:
        one, two, three, four = 606290984, 2246822519, 0, 1640531535
        while at + 16 <= end:
            one = _lane(one, _word(data, at))
            two = _lane(two, _word(data, at + 4))
            three = _lane(three, _word(data, at + 8))
            four = _lane(four, _word(data, at + 12))
            at += 16
        acc = (_rotated(one, 1) + _rotated(two, 7) + _rotated(three, 12) + _rotated(four, 18)) & 0xFFFFFFFF
    else:
        acc = 374761393
    acc = (acc + size) & 0xFFFFFFFF
    while at + 4 <= end:
        acc = (acc + _word(data, at) * 3266489917) & 0xFFFFFFFF
        acc = (_rotated(acc, 17) * 668265263) & 0xFFFFFFFF
        at += 4
    while at < end:
        acc = (acc + int(data[at]) * 374761393) & 0xFFFFFFFF
        acc = (_rotated(acc, 11) * 2654435761) & 0xFFFFFFFF
        at += 1
    acc = ((acc ^ (acc >> 15)) * 2246822519) & 0xFFFFFFFF
    acc = ((acc ^ (acc >> 13)) * 3266489917) & 0xFFFFFFFF
    return acc ^ (acc >> 16)


@compiled
def spread(value: int) -> int:
    """MurmurHash3's 32-bit finaliser, which datasketch puts before its permutations."""
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


@compiled
def spread_hashes(window: Any, marks: Any, have: int, count: int, ngram: int, hashes: Any) -> None:
    """XXH32, spread, of the shingles in the window; side by side where every character is one byte."""
    if marks[have] == have and ngram == 3:
        _hash_lanes(window, count, 3, hashes)  # written out, so that one loop becomes of it: a fifth of the time
    elif marks[have] == have and ngram < 16:
        _hash_lanes(window, count, ngram, hashes)
    else:
        for n in range(count):
            hashes[n] = spread(xxh32(window, marks[n], marks[n + ngram] - marks[n]))


@compiled
def _hash_lanes(window: Any, count: int, size: int, hashes: Any) -> None:
    """The same of every `size` bytes in a row, step by step for all of them: 32-bit sums only, so they run in lanes."""
    u = np.uint32
    for m in range(count):
        hashes[m] = u(374761393 + size)
    at = 0
    while at + 4 <= size:
        for m in range(count):
            low, high = u(window[m + at]) | u(window[m + at + 1]) << u(8), u(window[m + at + 2])
            word = u(low) | u(high) << u(16) | u(window[m + at + 3]) << u(24)
            acc = u(hashes[m] + u(word) * u(3266489917))
            hashes[m] = u(u(u(acc << u(17)) | u(acc >> u(15))) * u(668265263))
        at += 4
    while at < size:
        for m in range(count):
            acc = u(hashes[m] + u(window[m + at]) * u(374761393))
            hashes[m] = u(u(u(acc << u(11)) | u(acc >> u(21))) * u(2654435761))
        at += 1
    for m in range(count):
        value = hashes[m]
        value = u((value ^ (value >> u(15))) * u(2246822519))
        value = u((value ^ (value >> u(13))) * u(3266489917))
        value = u(value ^ (value >> u(16)))
        value = u((value ^ (value >> u(16))) * u(0x85EBCA6B))
        value = u((value ^ (value >> u(13))) * u(0xC2B2AE35))
        hashes[m] = u(value ^ (value >> u(16)))


@compiled
def _width(first: int) -> int:
    return 4 if first >= 0xF0 else 3 if first >= 0xE0 else 2 if first >= 0xC0 else 1


@compiled
def _copied(source: Any, at: int, width: int, window: Any, marks: Any, have: int) -> int:
    """One more character into the window; how many it has then."""
    size = marks[have]
    for n in range(width):
        window[size + n] = source[at + n]
    marks[have + 1] = size + width
    return have + 1


@compiled
def _copied_ascii(data: Any, at: int, end: int, window: Any, marks: Any, have: int) -> int:
    """Put the ASCII characters that come next into the window, RUN at a time as long as they last; how many."""
    size, count = marks[have], 0
    room = min(end - at, WINDOW - size)
    source, target, places = data[at : at + room], window[size : size + room], marks[have + 1 : have + 1 + room]
    while count + RUN <= room:
        one, other, its = source[count : count + RUN], target[count : count + RUN], places[count : count + RUN]
        signs = np.uint8(0)
        for n in range(RUN):
            signs |= one[n]
        if signs >= 0x80:
            break
        for n in range(RUN):
            other[n] = one[n]
            its[n] = size + count + n + 1
        count += RUN
    while count < room and source[count] < 0x80:
        target[count] = source[count]
        places[count] = size + count + 1
        count += 1
    return count


@compiled
def _fill(data: Any, at: int, end: int, places: Any, pool: Any, window: Any, marks: Any, have: int) -> tuple[int, int]:
    """Fold text into the window until it is full or the text ends: (where to go on, characters in the window)."""
    while at < end and marks[have] < WINDOW:
        if data[at] < 0x80:
            count = _copied_ascii(data, at, end, window, marks, have)
            have += count
            at += count
            continue
        code, width = code_point(data, at, end)
        place = places[code] if code < PLANES else -1
        if place < 0:
            have = _copied(data, at, width, window, marks, have)
        else:
            first, last = place + 1, place + 1 + pool[place]
            while first < last:
                one = _width(pool[first])
                have = _copied(pool, first, one, window, marks, have)
                first += one
        at += width
    return at, have


@compiled
def _key(window: Any, begin: int, end: int) -> int:
    """What stands for a shingle: its bytes themselves up to seven of them, else 62 bits of hash."""
    if end - begin <= 7:
        key = end - begin
        for at in range(begin, end):
            key = key << 8 | int(window[at])
        return key
    other = 1469598103
    for at in range(begin, end):
        other = ((other ^ int(window[at])) * 1099511 + 12345) & 0xFFFFFFFFFF
        other ^= other >> 17
    return 1 << 62 | xxh32(window, begin, end - begin) << 30 | (other & 0x3FFFFFFF)


@compiled
def shingles_from(
    data: Any,
    at: int,
    end: int,
    ngram: int,
    places: Any,
    pool: Any,
    window: Any,
    marks: Any,
    have: int,
) -> tuple[int, int, int]:
    """The next shingles of a text, in order, with repeats: (where to go on, characters in the window, how many).

    The first call has `at` at the text's start and `have` 0; after the last one `at` is behind `end`. Shingle
    n lies in the window from marks[n] to marks[n + ngram].

    window  (ROOM,) uint8 and marks (ROOM,) int32, scratch
    """
    if have == 0:
        window[0], marks[0], marks[1] = 32, 0, 1
        have = 1
    else:
        have = _slide(window, marks, have, min(have, ngram - 1))
    at, have = _fill(data, at, end, places, pool, window, marks, have)
    if at >= end:
        at = end + 1
        have = _pad(window, marks, have)
        while have < ngram:
            have = _pad(window, marks, have)
    return at, have, max(0, have - ngram + 1)


@compiled
def shingle_keys(window: Any, marks: Any, have: int, ngram: int, first: int, last: int, keys: Any) -> None:
    """The keys of the shingles `first` up to `last` of a window with so many characters, in their places.

    keys  (ROOM,) int64; two shingles are the same where their keys are
    """
    if marks[have] != have or ngram > 7:
        for n in range(first, last):
            keys[n] = _key(window, marks[n], marks[n + ngram])
        return
    length, low, key = ngram << 8 * ngram, (1 << 8 * ngram) - 1, 0
    for n in range(first, first + ngram - 1):
        key = key << 8 | int(window[n])
    for n in range(first, last):  # every character is one byte: each key is made of the one before it
        key = (key << 8 | int(window[n + ngram - 1])) & low
        keys[n] = length | key


@compiled
def _slide(window: Any, marks: Any, have: int, keep: int) -> int:
    """The last characters to the front of the window."""
    begin = marks[have - keep]
    for n in range(marks[have] - begin):
        window[n] = window[begin + n]
    for n in range(keep + 1):
        marks[n] = marks[have - keep + n] - begin
    return keep


@compiled
def _pad(window: Any, marks: Any, have: int) -> int:
    window[marks[have]] = 32
    marks[have + 1] = marks[have] + 1
    return have + 1


@compiled
def _mixed(key: int) -> int:
    return (key * 0x1E3779B97F4A7C15) >> 32 & 0x7FFFFFFF  # Fibonacci hashing (Knuth, TAOCP 3, 6.4)


@compiled
def slots(size: int, most: int) -> int:
    """Slots, less one, that a set of at most `size` keys is given: a power of two, eight times as many, up to `most`.

    So few keys meet in one slot that what comes next is mostly foreseen by the processor.
    """
    count = 64
    while count < 8 * size and count < most:
        count *= 2
    return count - 1


@compiled
def place_of(key: int, table: Any, stamps: Any, stamp: int, mask: int) -> int:
    """The slot of the key in the set that bears this stamp and has mask + 1 slots, or the free one where it belongs."""
    slot = _mixed(key) & mask
    while stamps[slot] == stamp and table[slot] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def put(key: int, table: Any, stamps: Any, stamp: int, mask: int) -> bool:
    """Add a key to the set; whether it is new there."""
    slot = place_of(key, table, stamps, stamp, mask)
    if stamps[slot] == stamp:
        return False
    stamps[slot], table[slot] = stamp, key
    return True


@compiled
def slot_of(key: int, table: Any, stamps: Any, stamp: int, mask: int) -> int:
    """The slot of the key in the set, or -1."""
    slot = place_of(key, table, stamps, stamp, mask)
    return slot if stamps[slot] == stamp else -1


@compiled
def part_of(key: int, parts: int) -> int:
    """In which of so many parts of all shingles this one is."""
    key = (key ^ (key >> 31)) * 0x1E3779B97F4A7C15  # other bits than those of the slot
    return ((key ^ (key >> 29)) & 0x7FFFFFFFFFFFFFFF) % parts


@compiled
def exact_size(data: Any, begin: int, end: int, ngram: int, places: Any, pool: Any) -> int:
    """How many different shingles a text has, however long it is, in bounded memory."""
    window, marks = np.empty(ROOM, np.uint8), np.zeros(ROOM, np.int32)
    keys = np.empty(ROOM, np.int64)
    table, stamps = np.zeros(BIG, np.int64), np.zeros(BIG, np.int32)
    parts = 1 + (end - begin) // (BIG // 2)  # more than it takes: a shingle may come often
    total = 0
    for part in range(parts):
        at, have = begin, 0
        while at <= end:
            at, have, count = shingles_from(data, at, end, ngram, places, pool, window, marks, have)
            shingle_keys(window, marks, have, ngram, 0 * count, count, keys)
            for n in range(count):
                if (parts == 1 or part_of(keys[n], parts) == part) and put(keys[n], table, stamps, part + 1, BIG - 1):
                    total += 1
    return total
