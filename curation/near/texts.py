"""The normal form of texts, many of them in one byte buffer.

Normal is: NFKC; the number of a list item dropped; words apart by one space; marks of sentences and of Markdown
taken off around words, never out of them (2.4, C++, a/b); casefolded but for options of commands (-R is not -r).
Accents stay. `folded` takes them off too: a copy that was typed without them is a copy.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from curation.near.compiled import HAS_NUMBA, compiled

__all__ = ["Bytes", "Offsets", "Texts", "fold_tables", "folded", "in_blocks", "normal"]

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Result = TypeVar("Result")

_BEFORE = "¿¡\"'“”‘’«([{*_`~—–…#>|"
_AFTER = "?!.,;:\"'“”‘’»)]}*_`~—–…|"
_BULLETS = "-•·"
_LIST_NUMBER = re.compile("[0-9]{1,2}[.)]")
_LINES = re.compile("[\n\r]")
_SPACE, _LINE, _LEFT, _RIGHT, _BULLET, _UNSURE, _WIDE, _LETTER = 1, 2, 4, 8, 16, 32, 64, 128
PLANES = 0x20000  # above, no character has another case or an accent
CHUNK = 1 << 13  # texts that are normalised together; what is made of them stays in the processor's cache
LATIN = 0xC3  # in UTF-8 the first byte of À to ÿ


def normal(text: str) -> str:
    """The text for exact comparison; see above.

    >>> normal("«¿Cómo  instalo C++ 1.5?»")
    'cómo instalo c++ 1.5'
    """
    words = []
    for line in _LINES.split(_composed(text)):
        tokens = line.split()
        if len(tokens) > 1 and _LIST_NUMBER.fullmatch(tokens[0]):
            del tokens[0]
        for word in tokens:
            bare = word.lstrip(_BEFORE).rstrip(_AFTER)
            if bare.strip(_BULLETS):
                words.append(bare if bare.startswith("-") else bare.casefold())
    return " ".join(words)


def folded(text: str) -> str:
    """A normal text without accents."""
    return text if text.isascii() else text.translate(_unaccented())


@dataclass(frozen=True, slots=True)
class Texts:
    """Normal texts one after the other, as UTF-8.

    data    (bytes,) uint8
    starts  (n + 1,) int64, where each text starts; the last is where the last one ends
    """

    data: Bytes
    starts: Offsets

    @classmethod
    def of(cls, strings: Iterable[str], threads: int = 1) -> Texts:
        """The normal forms of these texts, in their order."""
        source = iter(strings)
        chunks = iter(lambda: list(islice(source, CHUNK)), [])
        if threads == 1:
            return cls.joined([_normalised(chunk) for chunk in chunks])
        parts, waiting = [], deque[Future[Texts]]()
        with ThreadPoolExecutor(threads) as pool:
            for chunk in chunks:
                waiting.append(pool.submit(_normalised, chunk))
                if len(waiting) > 2 * threads:
                    parts.append(waiting.popleft().result())
            parts += [one.result() for one in waiting]
        return cls.joined(parts)

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """All texts of these, in one buffer."""
        if len(parts) == 1:
            return parts[0]
        sizes = [np.diff(part.starts) for part in parts]
        starts = np.concatenate([np.zeros(1, np.int64), *sizes]).cumsum()
        return cls(np.concatenate([np.zeros(0, np.uint8), *(part.data for part in parts)]), starts)

    @classmethod
    def already_normal(cls, strings: Iterable[str]) -> Texts:
        """Texts that are in normal form, taken as they are."""
        return _packed([text.encode("utf-8", "replace") for text in strings])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> str:
        return bytes(self.data[self.starts[number] : self.starts[number + 1]]).decode()

    def take(self, numbers: npt.NDArray[np.int64]) -> Texts:
        """These texts, in this order."""
        sizes = np.diff(self.starts)[numbers]
        starts = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(sizes, out=starts[1:])
        places = np.arange(starts[-1]) + np.repeat(self.starts[:-1][numbers] - starts[:-1], sizes)
        return Texts(self.data[places], starts)


def in_blocks(work: Callable[[int, int], Result], count: int, threads: int, least: int = 1) -> list[Result]:
    """`work(first, last)` over the whole range, cut into blocks for these threads; results in order."""
    blocks = max(1, min(threads * 4 if threads > 1 else 1, count // max(1, least)))
    edges = [count * n // blocks for n in range(blocks + 1)]
    if blocks == 1:
        return [work(0, count)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))


def _composed(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character
        text = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", text)


def _packed(encoded: Sequence[bytes]) -> Texts:
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=starts[1:])
    return Texts(np.frombuffer(b"".join(encoded), np.uint8), starts)


def _raw(strings: Sequence[str]) -> Texts:
    """These texts composed, in UTF-8; the few that are not composed already are seen in one go over all of them."""
    try:
        data = np.frombuffer("".join(strings).encode(), np.uint8)
    except UnicodeEncodeError:  # half a character in one of them
        return _packed([_composed(text).encode() for text in strings])
    sizes = np.fromiter(map(len, strings), np.int64, len(strings))
    starts, unsure = _cut(data, sizes, _classes())
    if not unsure.any():
        return Texts(data, starts)
    parts, done = [], 0
    lengths = np.diff(starts)
    for n in np.flatnonzero(unsure).tolist():
        composed = np.frombuffer(_composed(strings[n]).encode(), np.uint8)
        parts += [data[done : starts[n]], composed]
        done, lengths[n] = starts[n + 1], len(composed)
    np.cumsum(lengths, out=starts[1:])
    return Texts(np.concatenate([*parts, data[done:]]), starts)


def _normalised(strings: Sequence[str]) -> Texts:
    """The normal forms of these; the plain path where kernels are not compiled."""
    if not HAS_NUMBA:
        return Texts.already_normal(normal(text) for text in strings)
    raw = _raw(strings)
    starts = np.zeros(len(strings) + 1, np.int64)
    out = np.empty(len(raw.data) + 2 * int(np.count_nonzero(raw.data & 0x80)) + 8, np.uint8)
    _normalise(raw.data, raw.starts, _byte_classes(), _classes(), *fold_tables("case"), out, starts)
    return Texts(out[: starts[-1]].copy(), starts)


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
    for signs, bit in (("\n\r", _LINE), (_BEFORE, _LEFT), (_AFTER, _RIGHT), (_BULLETS, _BULLET)):
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


@functools.cache
def _unaccented() -> dict[int, str]:
    """What becomes of a letter with an accent: the letter; of a lone accent: nothing."""
    table = {}
    for code in range(0x80, PLANES):
        sign = chr(code)
        apart = unicodedata.normalize("NFD", sign)
        if apart != sign or "\u0300" <= sign <= "\u036f":
            bare = unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))
            if bare != sign:
                table[code] = bare
    return table


@functools.cache
def fold_tables(what: str) -> tuple[npt.NDArray[np.int32], Bytes]:
    """For kernels, what becomes of a code point when the case or the accents ("case", "accents") are folded.

    Where each one's replacement lies in the second array (its length, then its UTF-8), or -1: it stays.
    """
    if what == "accents":
        replaced: dict[int, str] = _unaccented()
    else:
        replaced = {code: low for code in range(PLANES) if (low := chr(code).casefold()) != chr(code)}
    places = np.full(PLANES, -1, np.int32)
    pool = bytearray()
    for code, text in replaced.items():
        if 0xD800 <= code < 0xE000:
            continue
        places[code] = len(pool)
        encoded = text.encode()
        pool += bytes([len(encoded)]) + encoded
    return places, np.frombuffer(bytes(pool), np.uint8)


@compiled
def code_point(data: Any, at: int, end: int) -> tuple[int, int]:
    """The code point that starts here and its bytes; damaged UTF-8 counts byte by byte."""
    first = int(data[at])
    if first < 0x80:
        return first, 1
    if first >= 0xF0 and at + 3 < end:
        high = (first & 7) << 18 | (int(data[at + 1]) & 63) << 12
        return high | (int(data[at + 2]) & 63) << 6 | (int(data[at + 3]) & 63), 4
    if first >= 0xE0 and at + 2 < end:
        return (first & 15) << 12 | (int(data[at + 1]) & 63) << 6 | (int(data[at + 2]) & 63), 3
    if first >= 0xC0 and at + 1 < end:
        return (first & 31) << 6 | (int(data[at + 1]) & 63), 2
    return first, 1


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
def _cut(data: Any, sizes: Any, classes: Any) -> Any:
    """Where each of these texts, of so many characters, starts, and which have characters that NFKC may change."""
    starts, unsure = np.zeros(len(sizes) + 1, np.int64), np.zeros(len(sizes), np.bool_)
    at, end = 0, len(data)
    for number in range(len(sizes)):
        left = sizes[number]
        while left > 0:
            if data[at] < 0x80:
                at += 1
            else:
                code, size = code_point(data, at, end)
                if code >= PLANES or classes[code] & _UNSURE:
                    unsure[number] = True
                at += size
            left -= 1
        starts[number + 1] = at
    return starts, unsure


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
