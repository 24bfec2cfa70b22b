"""The normal form of texts, many of them in one byte buffer.

Normal is: NFKC; the number of a list item dropped; words apart by one space; marks of sentences and of Markdown
taken off around words, never out of them (2.4, C++, a/b); casefolded but for options of commands (-R is not -r).
Accents stay. `folded` takes them off too: a copy that was typed without them is a copy.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
_SPACE, _LINE, _LEFT, _RIGHT, _BULLET = 1, 2, 4, 8, 16
PLANES = 0x20000  # above, no character has another case or an accent
CHUNK = 1 << 16  # texts that are normalised together


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
        parts = []
        while chunk := [_composed(text) for _, text in zip(range(CHUNK), source)]:  # noqa: B905
            parts.append(_normalised(chunk, threads))
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


def _normalised(composed: Sequence[str], threads: int) -> Texts:
    """`composed` texts in normal form; the plain path where kernels are not compiled."""
    if not HAS_NUMBA:
        return Texts.already_normal(normal(text) for text in composed)
    raw = _packed([text.encode() for text in composed])
    tables = (_classes(), *fold_tables("case"))

    def work(first: int, last: int) -> Texts:
        begin, end = raw.starts[first], raw.starts[last]
        out = np.empty(end - begin + 2 * int(np.count_nonzero(raw.data[begin:end] & 0x80)) + 8, np.uint8)
        starts = np.zeros(last - first + 1, np.int64)
        _normalise(raw.data, raw.starts[first : last + 1], *tables, out, starts)
        return Texts(out[: starts[-1]], starts)

    return Texts.joined(in_blocks(work, len(raw), threads, 256))


@functools.cache
def _classes() -> Bytes:
    """What each code point below PLANES is: space, line break, mark before or after a word, bullet."""
    classes = np.zeros(PLANES, np.uint8)
    for code in range(PLANES):
        if chr(code).isspace():
            classes[code] |= _SPACE
    for signs, bit in (("\n\r", _LINE), (_BEFORE, _LEFT), (_AFTER, _RIGHT), (_BULLETS, _BULLET)):
        for sign in signs:
            classes[ord(sign)] |= bit
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
def _normalise(data: Any, bounds: Any, classes: Any, places: Any, pool: Any, out: Any, starts: Any) -> None:
    """The normal forms of the texts between these bounds, into `out`; where they start, into `starts`."""
    to = 0
    for number in range(len(bounds) - 1):
        at, end = bounds[number], bounds[number + 1]
        begun = to
        fresh_line = True
        while at < end:
            kind, size = _class_at(data, at, end, classes)
            if kind & _SPACE:
                if kind & _LINE:
                    fresh_line = True
                at += size
                continue
            begin = at
            while at < end:
                kind, size = _class_at(data, at, end, classes)
                if kind & _SPACE:
                    break
                at += size
            if fresh_line and _is_list_number(data, begin, at) and _more_in_line(data, at, end, classes):
                fresh_line = False
                continue
            fresh_line = False
            first, last = _stripped(data, begin, at, classes)
            if last > first:
                if to > begun:
                    out[to] = 32
                    to += 1
                to = _cased(data, first, last, places, pool, out, to)
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
