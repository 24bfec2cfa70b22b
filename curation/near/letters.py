"""Letters by their code points: what becomes of them when case or accents are folded, and how UTF-8 tells them."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.near.compiled import compiled

__all__ = ["PLANES", "code_point", "fold_tables", "unaccented"]

PLANES = 0x20000  # above, no character has another case or an accent


@functools.cache
def unaccented() -> dict[int, str]:
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
def fold_tables(what: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """For kernels, what becomes of a code point when the case or the accents ("case", "accents") are folded.

    Where each one's replacement lies in the second array (its length, then its UTF-8), or -1: it stays.
    """
    if what == "accents":
        replaced: dict[int, str] = unaccented()
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
