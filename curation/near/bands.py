"""Bands of signatures: texts that agree in a whole band may be similar, and are compared.

Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3.4: texts of similarity s agree in at least one of
b bands of r rows with probability 1 - (1 - s^r)^b.

What agrees in a band by chance is told from the rest by thumbs: two bits of each of the values, 32 bytes a text, which
say roughly how similar two texts are (Li and König, b-bit minwise hashing, 2010).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import HAS_NUMBA, compiled
from curation.near.signatures import Signatures, signatures
from curation.near.texts import Texts, in_blocks

__all__ = [
    "Banded",
    "Keys",
    "Thumbs",
    "agree",
    "band_keys",
    "banded",
    "bucket_planes",
    "choose_bands",
    "first_shared",
    "in_order_of",
    "least_agreeing",
    "most_apart",
    "ones_in",
    "ordered",
    "thumb_words",
    "thumbs_apart",
    "thumbs_of",
    "values_apart",
]

Keys = npt.NDArray[np.uint32]
Thumbs = npt.NDArray[np.uint64]

MISSED = 0.011  # share of texts exactly at the threshold that may agree in no band
TOGETHER = 2048  # texts whose signatures are held at a time
DEVIATIONS = 3.0  # below what is expected at the threshold; of texts exactly there 1 in 700 agrees in fewer


@dataclass(frozen=True, slots=True)
class Banded:
    """What candidates are found by.

    keys    (n, bands) uint32, a hash of each band
    thumbs  (n, words) uint64, two bits of each value
    """

    keys: Keys
    thumbs: Thumbs

    @classmethod
    def joined(cls, parts: Sequence[Banded]) -> Banded:
        """All texts of these, in their order."""
        keys, thumbs = ([getattr(part, name) for part in parts] for name in ("keys", "thumbs"))
        return cls(np.concatenate(keys), np.concatenate(thumbs))


@functools.cache
def choose_bands(threshold: float, num_perm: int = 128, missed: float = MISSED) -> tuple[int, int]:
    """Bands and rows: the most rows, which propose the fewest texts, that still miss few at the threshold.

    >>> choose_bands(0.7), choose_bands(0.8)
    ((25, 5), (21, 6))
    """
    for rows in range(num_perm, 1, -1):
        bands = num_perm // rows
        if (1 - threshold**rows) ** bands <= missed:
            return bands, rows
    return num_perm, 1


def banded(
    texts: Texts,
    ngram: int,
    num_perm: int,
    bands: int,
    rows: int,
    salts: Keys | None = None,
    threads: int = 1,
    *,
    first: npt.NDArray[np.int64] | None = None,
) -> Banded:
    """The keys and thumbs of all texts; signatures are held for few texts at a time.

    Texts with different `salts` share no key but by chance. `first` tells for each text the first that is the very
    same, salt and all, where that is known: only such are looked at.
    """
    new = None if first is None else first == np.arange(len(texts))
    keys = np.empty((len(texts), bands), np.uint32)
    thumbs = np.empty((len(texts), thumb_words(num_perm)), np.uint64)
    salted = np.zeros(len(texts), np.uint32) if salts is None else salts

    def work(first: int, last: int) -> None:
        for start in range(first, last, TOGETHER):
            stop = min(last, start + TOGETHER)
            part = Texts(texts.data, texts.starts[start : stop + 1])
            found = signatures(part, ngram, num_perm, wanted=None if new is None else new[start:stop])
            keys[start:stop] = band_keys(found, bands, rows, salted[start:stop])
            thumbs[start:stop] = thumbs_of(found)

    in_blocks(work, len(texts), threads, 256)
    if first is not None and new is not None:
        copies = np.flatnonzero(~new)
        keys[copies], thumbs[copies] = keys[first[copies]], thumbs[first[copies]]
    return Banded(keys, thumbs)


def thumb_words(num_perm: int) -> int:
    """How many words of 64 bits the thumb of a text takes."""
    return 2 * _words(num_perm)


def _words(num_perm: int) -> int:
    return (num_perm + 63) // 64


def thumbs_of(signatures: Signatures) -> Thumbs:
    """Two bits of each value, (n, 2 * words): the first bits of all, then the second ones."""
    count, num_perm = signatures.shape
    words = _words(num_perm)
    if HAS_NUMBA:
        result = np.zeros((count, 2 * words), np.uint64)
        _thumbs(signatures, words, result)
        return result
    bits = (signatures * np.uint32(0x9E3779B1)) >> np.uint32(30)
    planes = np.zeros((count, 2, words * 64), np.uint8)
    planes[:, 0, :num_perm] = bits & np.uint32(1)
    planes[:, 1, :num_perm] = bits >> np.uint32(1)
    packed = np.packbits(planes.reshape(count, -1), axis=1, bitorder="little")
    return packed.view(np.uint64)


@compiled
def _thumbs(signatures: Any, words: int, result: Any) -> None:
    for number in range(len(signatures)):
        for word in range(words):
            first, second = np.uint64(0), np.uint64(0)
            for bit in range(min(64, signatures.shape[1] - 64 * word)):
                two = np.uint32(signatures[number, 64 * word + bit] * np.uint32(0x9E3779B1)) >> np.uint32(30)
                first |= np.uint64(two & 1) << np.uint64(bit)
                second |= np.uint64(two >> 1) << np.uint64(bit)
            result[number, word], result[number, words + word] = first, second


def least_agreeing(threshold: float, num_perm: int) -> int:
    """How many values of two thumbs agree at least where the texts are that similar, but for very few.

    Bits that only fill up the last word agree always.
    """
    share = threshold + (1 - threshold) / 4
    spread = DEVIATIONS * (num_perm * share * (1 - share)) ** 0.5
    return max(0, int(num_perm * share - spread)) + _words(num_perm) * 64 - num_perm


def most_apart(threshold: float, num_perm: int) -> int:
    """In how many values two thumbs differ at most where the texts are that similar, but for very few."""
    return 64 * _words(num_perm) - least_agreeing(threshold, num_perm)


@compiled
def thumbs_apart(thumbs: Any, one: int, other: int) -> int:
    """In how many values two thumbs differ."""
    words = thumbs.shape[1] // 2
    apart = np.uint64(0)
    for word in range(words):
        first = thumbs[one, word] ^ thumbs[other, word]
        second = thumbs[one, words + word] ^ thumbs[other, words + word]
        apart += ones_in(first | second)
    return int(apart)


@compiled
def bucket_planes(thumbs: Any, order: Any, first: int, last: int, planes: Any) -> Any:
    """The thumbs of a bucket's texts, word by word, so that one is compared with the others in lanes.

    planes  (words, room) uint64, made anew where the bucket is larger
    """
    words = thumbs.shape[1]
    if last - first > planes.shape[1]:
        planes = np.empty((words, 2 * (last - first)), np.uint64)
    for n in range(last - first):
        for word in range(words):
            planes[word, n] = thumbs[order[first + n], word]
    return planes


@compiled
def values_apart(planes: Any, one: int, count: int, apart: Any) -> None:
    """In how many values the thumbs of `one` and of each after it differ."""
    words = planes.shape[0] // 2
    result = apart[one + 1 : count]
    for word in range(words):
        first, second = planes[word, one], planes[words + word, one]
        firsts, seconds = planes[word, one + 1 : count], planes[words + word, one + 1 : count]
        for n in range(len(result)):
            ones = np.int64(ones_in((first ^ firsts[n]) | (second ^ seconds[n])))
            result[n] = ones if word == 0 else result[n] + ones


@compiled
def ones_in(word: Any) -> Any:
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def agree(thumbs: Any, one: int, other: int) -> int:
    """In how many values two thumbs agree."""
    return int(32 * thumbs.shape[1]) - thumbs_apart(thumbs, one, other)


@compiled
def first_shared(keys: Any, one: int, other: int) -> int:
    """The first band in which two texts agree."""
    for band in range(keys.shape[1]):
        if keys[one, band] == keys[other, band]:
            return band
    return -1


def band_keys(signatures: Signatures, bands: int, rows: int, salts: Keys) -> Keys:
    """A 32-bit hash of each band of `rows` values, (n, bands)."""
    if HAS_NUMBA:
        result = np.empty((len(signatures), bands), np.uint32)
        _band_keys(signatures, bands, rows, salts, result)
        return result
    values = np.repeat(salts[:, None].astype(np.uint64), bands, axis=1)
    values += np.arange(bands, dtype=np.uint64) << np.uint64(32)
    for row in range(rows):
        column = signatures[:, row : bands * rows : rows].astype(np.uint64)
        values = (values ^ column) * np.uint64(0x1E3779B97F4A7C15)
        values ^= values >> np.uint64(29)
    return (values >> np.uint64(32)).astype(np.uint32)


@compiled
def _band_keys(signatures: Any, bands: int, rows: int, salts: Any, result: Any) -> None:
    for number in range(len(signatures)):
        for band in range(bands):
            value = np.uint64(salts[number]) + (np.uint64(band) << np.uint64(32))
            for row in range(rows):
                value = (value ^ np.uint64(signatures[number, band * rows + row])) * np.uint64(0x1E3779B97F4A7C15)
                value ^= value >> np.uint64(29)
            result[number, band] = np.uint32(value >> np.uint64(32))


def ordered(keys: Keys) -> tuple[npt.NDArray[np.int64], Keys]:
    """The places of the keys in ascending order, equal ones in theirs, and the keys in that order."""
    entries = in_order_of(np.ascontiguousarray(keys))
    return (entries & np.uint64(0xFFFFFFFF)).astype(np.int64), (entries >> np.uint64(32)).astype(np.uint32)


def _in_order_plain(keys: Keys) -> npt.NDArray[np.uint64]:
    order = np.argsort(keys, kind="stable")
    entries: npt.NDArray[np.uint64] = keys[order].astype(np.uint64) << np.uint64(32) | order.astype(np.uint64)
    return entries


@compiled
def _in_order(keys: Any) -> Any:
    """By eleven bits at a time; each key travels with its place, so that all is read in a row."""
    count = np.uint64(len(keys))
    ones, others = np.empty(count, np.uint64), np.empty(count, np.uint64)
    places = np.zeros((3, 2049), np.uint64)
    for n in range(count):
        key = np.uint64(keys[n])
        ones[n] = key << np.uint64(32) | n
        places[0, (key & np.uint64(2047)) + np.uint64(1)] += np.uint64(1)
        places[1, ((key >> np.uint64(11)) & np.uint64(2047)) + np.uint64(1)] += np.uint64(1)
        places[2, (key >> np.uint64(22)) + np.uint64(1)] += np.uint64(1)
    for turn in range(3):
        row = places[turn]
        for digit in range(2048):
            row[digit + 1] += row[digit]
        shift = np.uint64(32 + 11 * turn)
        for n in range(count):
            one = ones[n]
            digit = (one >> shift) & np.uint64(2047)
            others[row[digit]] = one
            row[digit] += np.uint64(1)
        ones, others = others, ones
    return ones


# The keys in ascending order, each in the upper half of a word and its place in the lower; equal ones in their order.
in_order_of = _in_order if HAS_NUMBA else _in_order_plain
