"""The normal form of texts, many of them in one byte buffer.

Normal is: NFKC; the number of a list item dropped; words apart by one space; marks of sentences and of Markdown
taken off around words, never out of them (2.4, C++, a/b); casefolded but for options of commands (-R is not -r).
Accents stay. `folded` takes them off too: a copy that was typed without them is a copy.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from curation.near.compiled import HAS_NUMBA
from curation.near.letters import unaccented
from curation.near.normalising import AFTER, BEFORE, BULLETS, composed, normalised, packed, with_others

__all__ = ["Bytes", "Offsets", "Texts", "folded", "in_blocks", "normal"]

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Result = TypeVar("Result")

_LIST_NUMBER = re.compile("[0-9]{1,2}[.)]")
_LINES = re.compile("[\n\r]")
_WORD = re.compile(r"\w")
CHUNK = 1 << 13  # texts that are normalised together; what is made of them stays in the processor's cache


def normal(text: str) -> str:
    """The text for exact comparison; see above.

    >>> normal("«¿Cómo  instalo C++ 1.5?»")
    'cómo instalo c++ 1.5'
    """
    words = []
    for line in _LINES.split(composed(text)):
        tokens = line.split()
        if len(tokens) > 1 and _LIST_NUMBER.fullmatch(tokens[0]):
            del tokens[0]
        for word in tokens:
            bare = word.lstrip(BEFORE).rstrip(AFTER)
            if bare.strip(BULLETS):
                words.append(bare if bare.startswith("-") else bare.casefold())
    return " ".join(words)


def folded(text: str) -> str:
    """A normal text without accents."""
    return text if text.isascii() else text.translate(unaccented())


@dataclass(frozen=True, slots=True)
class Texts:
    """Normal texts one after the other, as UTF-8.

    data    (bytes,) uint8
    starts  (n + 1,) int64, where each text starts; the last is where the last one ends
    """

    data: Bytes
    starts: Offsets

    @classmethod
    def of(cls, strings: Iterable[str], threads: int = 1, *, marks: bool = False) -> Texts:
        """The normal forms of these texts, in their order.

        With `marks`, texts of marks only ("??") are told apart by the codes of their marks; else they are empty.
        """
        source = iter(strings)
        chunks = iter(lambda: list(islice(source, CHUNK)), [])
        if threads == 1:
            return cls.joined([_normalised(chunk, marks) for chunk in chunks])
        parts, waiting = [], deque[Future[Texts]]()
        with ThreadPoolExecutor(threads) as pool:
            for chunk in chunks:
                waiting.append(pool.submit(_normalised, chunk, marks))
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
        return cls(*packed([text.encode("utf-8", "replace") for text in strings]))

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


def _normalised(strings: Sequence[str], marks: bool) -> Texts:
    """The normal forms of these; the plain path where kernels are not compiled."""
    if HAS_NUMBA:
        data, starts = normalised(strings)
    else:
        data, starts = packed([normal(text).encode() for text in strings])
    if marks:
        empty = np.flatnonzero(starts[1:] == starts[:-1]).tolist()
        others = [(n, codes.encode()) for n in empty if (codes := _codes_of_marks(strings[n]))]
        data, starts = with_others(data, starts, others)
    return Texts(data, starts)


def _codes_of_marks(text: str) -> str:
    """What stands for a text of marks only: "marks 3f 3f" for "??"; nothing for one without marks."""
    codes = [] if _WORD.search(text) else [f"{ord(sign):x}" for sign in text if not sign.isspace()]
    return " ".join(["marks", *codes]) if codes else ""
