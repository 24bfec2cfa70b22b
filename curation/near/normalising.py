"""Texts brought into their normal form, many in one buffer. Kernels, held to `curation.near.texts.normal` by tests."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import compiled
from curation.near.letters import PLANES, code_point, fold_tables

__all__ = ["AFTER", "BEFORE", "BULLETS", "composed", "normalised", "packed", "with_others"]

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

BEFORE = "¿¡\"'“”‘’«([{*_`~—–…#>|"
AFTER = "?!.,;:\"'“”‘’»)]}*_`~—–…|"
BULLETS = "-•·"
_SPACE, _LINE, _LEFT, _RIGHT, _BULLET, _UNSURE, _WIDE, _LETTER = 1, 2, 4, 8, 16, 32, 64, 128
LATIN = 0xC3  # in UTF-8 the first byte of À to ÿ
RUN, STEP = 32, 16  # bytes that are looked at together


def composed(text: str) -> str:
    """The text in NFKC; half a character becomes a question mark."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", text)


def packed(encoded: Sequence[bytes]) -> tuple[Bytes, Offsets]:
    """These texts one after the other, and where each starts."""
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=starts[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), starts


def with_others(data: Bytes, starts: Offsets, others: Sequence[tuple[int, bytes]]) -> tuple[Bytes, Offsets]:
    """The texts with a few, by number and ascending, replaced by others."""
    if not others:
        return data, starts
    parts, done, lengths = [], 0, np.diff(starts)
    for number, text in others:
        parts += [data[done : starts[number]], np.frombuffer(text, np.uint8)]
        done, lengths[number] = starts[number + 1], len(text)
    moved = np.zeros(len(starts), np.int64)
    np.cumsum(lengths, out=moved[1:])
    return np.concatenate([*parts, data[done : starts[-1]]]), moved


def _raw(strings: Sequence[str]) -> tuple[Bytes, Offsets]:
    """These texts composed, in UTF-8; the few that are not composed already are seen in one go over all of them."""
    try:
        data = np.frombuffer("".join(strings).encode(), np.uint8)
    except UnicodeEncodeError:  # half a character in one of them
        return packed([composed(text).encode() for text in strings])
    sizes = np.fromiter(map(len, strings), np.int64, len(strings))
    starts, unsure = _cut(data, sizes, _classes())
    others = [(n, composed(strings[n]).encode()) for n in np.flatnonzero(unsure).tolist()]
    return with_others(data, starts, others)


def normalised(strings: Sequence[str]) -> tuple[Bytes, Offsets]:
    """The normal forms of these texts one after the other, and where each starts."""
    data, bounds = _raw(strings)
    starts = np.zeros(len(strings) + 1, np.int64)
    out = np.empty(len(data) + 2 * int(np.count_nonzero(data & 0x80)) + 8, np.uint8)
    _normalise(data, bounds, _byte_classes(), _classes(), *fold_tables("case"), out, starts)
    return out[: starts[-1]].copy(), starts


@functools.cache
def _classes() -> Bytes:
    """What each code point below PLANES is: space, line break, mark before or after a word, bullet.

    Unsure are those that NFKC may change, alone or beside others: no more than Latin letters and common marks are sure.
    """
    classes = np.zeros(PLANES, np.uint8)
    for code in range(PLANES):
        if chr(code).isspace():
            classes[code] |= _SPACE
        sure = code < 0x250 or 0x2010 <= code < 0x2070 or 0x20A0 <= code < 0x20D0
        if not sure or unicodedata.normalize("NFKC", chr(code)) != chr(code):
            classes[code] |= _UNSURE
    for signs, bit in (("\n\r", _LINE), (BEFORE, _LEFT), (AFTER, _RIGHT), (BULLETS, _BULLET)):
        for sign in signs:
            classes[ord(sign)] |= bit
    return classes


@functools.cache
def _byte_classes() -> Bytes:
    """The classes of ASCII by byte. Wide are those of other characters, but for the first one of À to ÿ."""
    classes = np.full(256, _WIDE, np.uint8)
    classes[:0x80] = _classes()[:0x80]
    classes[LATIN] = _LETTER
    return classes


@compiled
def _class_at(data: Any, at: int, end: int, classes: Any) -> tuple[int, int]:
    code, size = code_point(data, at, end)
    return (int(classes[code]) if code < PLANES else 0), size


@compiled
def _stripped(data: Any, begin: int, end: int, classes: Any) -> tuple[int, int]:
    """The word without the marks before and after it; (0, 0) when nothing but marks and bullets is left."""
    while begin < end:
        kind, size = _class_at(data, begin, end, classes)
        if not kind & _LEFT:
            break
        begin += size
    while end > begin:
        last = end - 1
        while last > begin and data[last] & 0xC0 == 0x80:
            last -= 1
        kind, size = _class_at(data, last, end, classes)
        if not kind & _RIGHT:
            break
        end = last
    at = begin
    while at < end:
        kind, size = _class_at(data, at, end, classes)
        if not kind & _BULLET:
            return begin, end
        at += size
    return 0, 0


@compiled
def _is_list_number(data: Any, begin: int, end: int) -> bool:
    size = end - begin
    if size != 2 and size != 3:
        return False
    for at in range(begin, end - 1):
        if data[at] < 48 or data[at] > 57:
            return False
    return bool(data[end - 1] == 46 or data[end - 1] == 41)


@compiled
def _letters_in_run(data: Any, at: int) -> int:
    """How many characters begin in the next RUN bytes; -1 where others than ASCII and À to ÿ are among them."""
    run = data[at : at + RUN]
    count, others = 0, 0
    for n in range(RUN):
        count += run[n] & 0xC0 != 0x80
        others |= (run[n] >= 0xC0) & (run[n] != LATIN)
    return -1 if others else count


@compiled
def _cut(data: Any, sizes: Any, classes: Any) -> Any:
    """Where each of these texts, of so many characters, starts, and which have characters that NFKC may change."""
    starts, unsure = np.zeros(len(sizes) + 1, np.int64), np.zeros(len(sizes), np.bool_)
    at, end = 0, len(data)
    for number in range(len(sizes)):
        left = sizes[number]
        while left > 0:
            count = _letters_in_run(data, at) if left > RUN and at + RUN < end else -1
            if count >= 0:
                left -= count
                at += RUN
                if data[at] & 0xC0 == 0x80:
                    at += 1
                continue
            for _ in range(min(left, RUN)):
                code, size = code_point(data, at, end)
                if code >= PLANES or classes[code] & _UNSURE:
                    unsure[number] = True
                at += size
                left -= 1
        starts[number + 1] = at
    return starts, unsure


@compiled
def _lowered(data: Any, low: Any, marked: Any) -> None:
    """Every byte in lower case, and which are more than letters, digits and single spaces; À to ÿ are letters."""
    before = np.uint8(32)
    for n in range(min(1, len(data))):
        before = data[n]
        marked[n] = 1
    for n in range(1, len(data)):
        byte, before = data[n], data[n - 1]
        capital = (byte >= 65) & (byte <= 90)
        latin = (before == LATIN) & (byte & 0xC0 == 0x80) & (byte != 0x9F)  # ß becomes ss
        lower = capital | (latin & (byte < 0x9F) & (byte != 0x97))
        low[n] = byte + np.uint8(32) if lower else byte
        plain = capital | ((byte >= 97) & (byte <= 122)) | ((byte >= 48) & (byte <= 57)) | latin | (byte == LATIN)
        marked[n] = not (plain | ((byte == 32) & (before != 32)))


@compiled
def _plain_words(data: Any, marked: Any, kinds: Any, at: int, end: int, fresh: bool) -> tuple[int, int]:
    """Where the plain words that start here, single spaces apart, end, and where to go on; `at` where there are none.

    One mark after the last of them, as in "word, another", is left out.
    """
    stop = at
    while stop + STEP <= end:
        run, found = marked[stop : stop + STEP], np.uint8(0)
        for n in range(STEP):
            found |= run[n]
        if found:
            break
        stop += STEP
    while stop < end and marked[stop] == 0:
        stop += 1
    if stop == end:
        return (end - 1 if data[end - 1] == 32 else end), end
    one_mark = kinds[data[stop]] & (_RIGHT | _WIDE) == _RIGHT and (stop + 1 == end or data[stop + 1] == 32)
    listed = fresh and stop - at <= 2  # 1. may be the number of a list
    if one_mark and stop > at and data[stop - 1] != 32 and not listed:
        return stop, stop + 1
    while stop > at:
        stop -= 1
        if data[stop] == 32:
            break
    return stop, stop


@compiled
def _copied_word(data: Any, at: int, end: int, kinds: Any, out: Any, to: int) -> tuple[int, int]:
    """The word in lower case as it goes, while it has ASCII and À to ÿ: (where it ends, where its copy does).

    (-1, 0) for one with other characters.
    """
    while at < end:
        byte = data[at]
        kind = kinds[byte]
        if kind & (_SPACE | _WIDE | _LETTER) == 0:
            out[to] = byte + 32 if 65 <= byte <= 90 else byte
            at += 1
            to += 1
            continue
        if kind & _SPACE:
            return at, to
        if kind & _WIDE or at + 1 >= end or data[at + 1] == 0x9F:  # ß becomes ss
            return -1, 0
        byte = data[at + 1]
        out[to], out[to + 1] = LATIN, byte + 32 if byte < 0x9F and byte != 0x97 else byte
        at += 2
        to += 2
    return at, to


@compiled
def _word_end(data: Any, at: int, end: int, classes: Any) -> int:
    while at < end:
        kind, size = _class_at(data, at, end, classes)
        if kind & _SPACE:
            break
        at += size
    return at


@compiled
def _normalise(data: Any, bounds: Any, kinds: Any, classes: Any, places: Any, pool: Any, out: Any, starts: Any) -> None:
    """The normal forms of the texts between these bounds, into `out`; where they start, into `starts`."""
    low, marked = np.empty(len(data), np.uint8), np.empty(len(data), np.uint8)
    _lowered(data, low, marked)
    to = 0
    for number in range(len(bounds) - 1):
        at, end = bounds[number], bounds[number + 1]
        begun = to
        fresh_line = True
        while at < end:
            kind, size = int(kinds[data[at]]), 1
            if kind & _WIDE:
                kind, size = _class_at(data, at, end, classes)
            if kind & _SPACE:
                if kind & _LINE:
                    fresh_line = True
                at += size
                continue
            first, begin = at, to + 1 if to > begun else to
            last, after = _plain_words(data, marked, kinds, at, end, fresh_line)
            if last > at:
                source, target = low[at:last], out[begin : begin + last - at]
                for n in range(len(source)):
                    target[n] = source[n]
                if begin > to:
                    out[to] = 32
                at, to, fresh_line = after, begin + last - at, False
                continue
            last, copied = _copied_word(data, at, end, kinds, out, begin)
            simple = last >= 0
            if not simple:
                last = _word_end(data, at, end, classes)
            at = last
            if fresh_line and _is_list_number(data, first, last) and _more_in_line(data, at, end, classes):
                fresh_line = False
                continue
            fresh_line = False
            edges = kind & (_LEFT | _BULLET) or kinds[data[last - 1]] & _RIGHT
            if not simple or edges:
                first, last = _stripped(data, first, last, classes)
                if last <= first:
                    continue
                copied = _cased(data, first, last, places, pool, out, begin)
            if begin > to:
                out[to] = 32
            to = copied
        starts[number + 1] = to


@compiled
def _more_in_line(data: Any, at: int, end: int, classes: Any) -> bool:
    while at < end:
        kind, size = _class_at(data, at, end, classes)
        if kind & _LINE:
            return False
        if not kind & _SPACE:
            return True
        at += size
    return False


@compiled
def _cased(data: Any, at: int, end: int, places: Any, pool: Any, out: Any, to: int) -> int:
    """The word casefolded into `out`, or as it is where it starts with a hyphen; where it ends there."""
    option = data[at] == 45
    while at < end:
        byte = data[at]
        if byte < 0x80:
            out[to] = byte + 32 if 65 <= byte <= 90 and not option else byte
            to += 1
            at += 1
            continue
        code, size = code_point(data, at, end)
        place = places[code] if code < PLANES and not option else -1
        if place < 0:
            for n in range(size):
                out[to + n] = data[at + n]
            to += size
        else:
            for n in range(pool[place]):
                out[to + n] = pool[place + 1 + n]
            to += pool[place]
        at += size
    return to
