"""The order of preference of pairs that are added at different times: by rank, the lowest first; ties by id.

A rank is a tuple of numbers and strings, compared as tuples are, numbers before strings. It is kept as bytes that
compare alike, so that a new pair finds its place among the old ones without any of their ranks being read as tuples.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from curation.near.compiled import compiled
from curation.near.signatures import Counts
from curation.near.texts import Texts
from tamiz.errors import InputError

__all__ = ["Rank", "id_texts", "merged_order", "order_among", "rank_texts"]

Rank = tuple[float | str, ...]
EXACT = 1 << 53  # whole numbers beyond are rounded
NUMBER, STRING = b"\x01", b"\x02"


def rank_texts(ranks: Sequence[Rank]) -> Texts:
    """The ranks as bytes that compare as the tuples do. InputError for what has no order: NaN, None, lists."""
    packed = [b"".join(map(_packed, rank)) for rank in ranks]
    return _joined(packed)


def id_texts(ids: Sequence[str]) -> Texts:
    """The ids as UTF-8, which compares as they do. InputError for an id that is empty or half a character."""
    packed = []
    for one in ids:
        if not isinstance(one, str) or not one:
            raise InputError(f"{one!r} is no id of a pair; give a text that is not empty")
        try:
            packed.append(one.encode())
        except UnicodeEncodeError:
            raise InputError(f"the id {one!r} has half a character in it; give whole ones") from None
    return _joined(packed)


def order_among(ranks: Texts, ids: Texts) -> Counts:
    """These pairs by number, the preferred ones first."""
    keys = [(_raw(ranks, n), _raw(ids, n)) for n in range(len(ids))]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)


def merged_order(order: Counts, fresh: Counts, ranks: Texts, ids: Texts) -> Counts:
    """An order with pairs put in their places; `fresh` are in order among each other already."""
    result: Counts = _merged(order, fresh, ranks.data, ranks.starts, ids.data, ids.starts)
    return result


def _packed(value: float | str) -> bytes:
    if isinstance(value, str):
        return STRING + value.encode("utf-8", "surrogatepass").replace(b"\0", b"\0\xff") + b"\0"
    if not isinstance(value, (bool, int, float, np.integer, np.floating)) or value != value:
        raise InputError(f"{value!r} cannot be part of a rank; give numbers and texts")
    if isinstance(value, int) and abs(value) > EXACT:
        raise InputError(f"{value} is too large for a rank; give numbers up to 2 to the 53rd")
    bits: int = struct.unpack(">Q", struct.pack(">d", float(value) + 0.0))[0]  # + 0.0: zero has one sign
    bits = bits ^ ((1 << 64) - 1) if bits >> 63 else bits | 1 << 63
    return NUMBER + struct.pack(">Q", bits)


def _joined(packed: Sequence[bytes]) -> Texts:
    starts = np.zeros(len(packed) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, packed), np.int64, len(packed)), out=starts[1:])
    return Texts(np.frombuffer(bytearray(b"".join(packed)), np.uint8), starts)


def _raw(texts: Texts, number: int) -> bytes:
    return texts.data[texts.starts[number] : texts.starts[number + 1]].tobytes()


@compiled
def _compare(data: Any, starts: Any, one: int, other: int) -> int:
    first, second = starts[one], starts[other]
    shorter = min(starts[one + 1] - first, starts[other + 1] - second)
    for n in range(shorter):
        if data[first + n] != data[second + n]:
            return -1 if data[first + n] < data[second + n] else 1
    return int((starts[one + 1] - first) - (starts[other + 1] - second))


@compiled
def _merged(order: Any, fresh: Any, ranks: Any, rank_starts: Any, ids: Any, id_starts: Any) -> Any:
    result = np.empty(len(order) + len(fresh), np.int64)
    taken, to = 0, 0
    for n in range(len(fresh)):
        low, high = taken, len(order)
        while low < high:
            middle = (low + high) // 2
            before = _compare(ranks, rank_starts, order[middle], fresh[n])
            if before == 0:
                before = _compare(ids, id_starts, order[middle], fresh[n])
            if before < 0:
                low = middle + 1
            else:
                high = middle
        while taken < low:
            result[to] = order[taken]
            taken += 1
            to += 1
        result[to] = fresh[n]
        to += 1
    while taken < len(order):
        result[to] = order[taken]
        taken += 1
        to += 1
    return result
